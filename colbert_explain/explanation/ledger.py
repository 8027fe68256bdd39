"""The ledger of a score: which kinds of query tokens hold it, and what each row nearly chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from colbert_explain.explanation.pair import Explanation
from colbert_explain.explanation.words import words_of
from colbert_explain.tokens import Role

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
    about how firm the match is. The pieces of one word are one place.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_query,)``: document positions, the first of equals; -1 where the query token
        is not scored or the document has no other place that is.
    """
    x = explanation
    words = words_of(x.document)
    places = np.repeat(np.arange(len(words)), [len(word.positions) for word in words])
    others = np.where(x.document.scored_mask, x.similarity, -np.inf)
    others[places[None, :] == places[x.alignment][:, None]] = -np.inf
    best = others.argmax(axis=1)
    found = np.isfinite(others[np.arange(len(others)), best]) & x.query.scored_mask
    return np.where(found, best, -1)
