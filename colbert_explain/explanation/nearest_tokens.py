"""Which tokens are most similar to which, in both directions, beyond the match that counts."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from colbert_explain.explanation.scores import PairScores
from colbert_explain.similarity import TIE_TOLERANCE, ordered


def most_similar(x: PairScores, row: int, k: int) -> Int[np.ndarray, " found"]:
    """Find the ``k`` scored document tokens that are most similar to a query token.

    Best first, of equals the first in the text; fewer where fewer are scored.
    """
    scored = np.flatnonzero(x.document.scored_mask)
    values = x.similarity[row, scored]
    likely = np.flatnonzero(values >= np.sort(values)[-k:][0] - TIE_TOLERANCE)
    return scored[likely[ordered(values[likely])][:k]]


def highest_similarities(x: PairScores) -> Float[np.ndarray, " doc"]:
    """Find each document token's highest similarity to a scored query token.

    ``-inf`` for tokens that are not scored.
    """
    highest = x.similarity[x.query.scored_mask].max(axis=0)
    return np.where(x.document.scored_mask, highest, -np.inf).astype(np.float32)


def nearest_query_tokens(x: PairScores, column: int) -> Int[np.ndarray, " nearest"]:
    """Find the scored query tokens that a document token is most similar to, several if tied."""
    values = np.where(x.query.scored_mask, x.similarity[:, column], -np.inf)
    return np.flatnonzero(values >= values.max() - TIE_TOLERANCE)
