"""The best of many scores, the same ones on every machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from colbert_explain.similarity import TIE_TOLERANCE, ordered


def best_positions(scores: Float[np.ndarray, " n"], k: int, *, terms: int = 1) -> list[int]:
    """Return the positions of the ``k`` largest scores, the largest first.

    Among scores that are equal within numerical error, the first position comes first.

    Parameters
    ----------
    scores
        ``-inf`` at positions that are left out.
    k
        At least 1. There are fewer positions if fewer scores are finite.
    terms
        How many similarities each score is the sum of; the tolerance is that of `ranks`.

    Examples
    --------
    >>> best_positions(np.array([0.5, 0.500001, -np.inf, 0.9]), 2)
    [3, 0]
    """
    kept = np.flatnonzero(np.isfinite(scores))
    if len(kept) > k:
        last = np.partition(scores[kept], len(kept) - k)[len(kept) - k]
        # Equals of the last one stay until the order decides between them.
        kept = kept[scores[kept] >= last - terms * TIE_TOLERANCE]
    return kept[ordered(scores[kept], terms=terms)[:k]].tolist()


def best_in_parts(
    parts: Sequence[Float[np.ndarray, " _"]], k: int, *, terms: int = 1
) -> list[tuple[int, int, float]]:
    """Do the same for scores in several arrays, of which there is at least one.

    Returns the number of the array, the position in it and the score.
    """
    ends = np.cumsum([len(part) for part in parts])
    found = []
    for position in best_positions(np.concatenate(parts), k, terms=terms):
        i = int(np.searchsorted(ends, position, side="right"))
        number = position - (int(ends[i]) - len(parts[i]))
        found.append((i, number, float(parts[i][number])))
    return found
