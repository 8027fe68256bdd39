"""Which kinds of query tokens hold a score: words, markers, [CLS] and [SEP], expansion."""

from __future__ import annotations

from dataclasses import dataclass

from colbert_explain.explanation.scores import PairScores, share_of
from colbert_explain.tokens import Role

#: In the order in which views list them.
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


def score_groups(x: PairScores) -> tuple[ScoreGroup, ...]:
    """Divide a score among the roles of its query tokens; roles without a scored token drop out."""
    groups = []
    for role, name in _NAMES.items():
        positions = tuple(i for i, t in enumerate(x.query) if t.scored and t.role == role)
        if positions:
            subtotal = float(x.contributions[list(positions)].sum())
            share = share_of(subtotal, x.score)
            groups.append(ScoreGroup(role, name, positions, subtotal, share))
    return tuple(groups)
