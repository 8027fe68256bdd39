"""`changed_rank`: where a document of a ranking would stand with another score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colbert_explain.analysis.ranking import Ranking
from colbert_explain.similarity import ranks


@dataclass(frozen=True, slots=True)
class ChangedRank:
    """The rank of a document before and after its score changed.

    Attributes
    ----------
    before, after
        Its ranks; documents with equal scores share one.
    other_rank, other_score
        Those of the best other document after the change; of equals, of the first.
    """

    before: int
    after: int
    other_rank: int
    other_score: float


def changed_rank(ranking: Ranking, position: int, score: float) -> ChangedRank:
    """Rank a document anew with another score, among others that keep theirs.

    Parameters
    ----------
    ranking
        At least two documents.
    position
        Position of the document in the given order.
    score
        Its new score.
    """
    scores = ranking.scores.astype(np.float64)
    scores[position] = score
    after = ranks(scores, terms=int(ranking.query.scored_mask.sum()))
    others = np.delete(np.arange(len(scores)), position)
    best = int(others[after[others].argmin()])
    return ChangedRank(
        int(ranking.ranks[position]), int(after[position]), int(after[best]), float(scores[best])
    )
