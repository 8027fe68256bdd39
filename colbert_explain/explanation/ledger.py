"""The ledger of a score: which kinds of query tokens hold it, and what each row nearly chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from colbert_explain.explanation.pair import Explanation
from colbert_explain.tokens import Role, Token, TokenSequence

#: In the order in which a ledger lists them.
_NAMES: dict[Role, str] = {
    "text": "words",
    "marker": "markers",
    "special": "[CLS] and [SEP]",
    "expansion": "expansion tokens",
}


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """The query tokens of one role, and what they add to the score.

    Attributes
    ----------
    role, name
        The role, and what readers call it.
    positions
        Query positions of its scored tokens.
    subtotal
        Sum of their contributions; the subtotals of all groups add up to the score.
    share
        ``subtotal`` as a part of the score, NaN where the score is not above 0.
    """

    role: Role
    name: str
    positions: tuple[int, ...]
    subtotal: float
    share: float


def score_groups(explanation: Explanation) -> tuple[ScoreGroup, ...]:
    """Divide a score among the roles of its query tokens; roles without a scored token drop out."""
    x = explanation
    groups = []
    for role, name in _NAMES.items():
        positions = tuple(i for i, t in enumerate(x.query) if t.scored and t.role == role)
        if positions:
            subtotal = float(x.contributions[list(positions)].sum())
            share = subtotal / x.score if x.score > 0 else float("nan")
            groups.append(ScoreGroup(role, name, positions, subtotal, share))
    return tuple(groups)


def distinct_runners_up(explanation: Explanation) -> Int[np.ndarray, " query"]:
    """Find the best document token of each row that stands in another place than its winner.

    The best other token is often the next piece of the winner's own word, which says nothing
    about how firm the match is. Pieces of one word, and tokens that share a character, are one
    place.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_query,)``: document positions, the first of equals; -1 where the query token
        is not scored or the document has no other place that is.
    """
    x = explanation
    places = word_places(x.document)
    others = np.where(x.document.scored_mask, x.similarity, -np.inf)
    others[places[None, :] == places[x.alignment][:, None]] = -np.inf
    best = others.argmax(axis=1)
    found = np.isfinite(others[np.arange(len(others)), best]) & x.query.scored_mask
    return np.where(found, best, -1)


def word_places(tokens: TokenSequence) -> Int[np.ndarray, " tokens"]:
    """Number the places of a text: the pieces of one word share a number, which never decreases.

    Pieces belong together when they touch and both end and begin with a letter or digit, or
    when they share a character.
    """
    places = np.zeros(len(tokens), dtype=np.int64)
    for i in range(1, len(tokens)):
        places[i] = places[i - 1] + (not _one_place(tokens[i - 1], tokens[i]))
    return places


def _one_place(before: Token, after: Token) -> bool:
    if before.end is None or after.start is None:
        return False
    if after.start < before.end:
        return True
    return after.start == before.end and before.text[-1:].isalnum() and after.text[:1].isalnum()
