"""Thousands of positions in a few hundred bins, each showing the largest value it holds."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from colbert_explain.similarity import first_best


def bin_maxima(
    values: Float[np.ndarray, " positions"], most: int
) -> tuple[Int[np.ndarray, " bins"], Int[np.ndarray, " bins"]]:
    """Divide positions into at most ``most`` bins of nearly equal width; keep each one's maximum.

    Parameters
    ----------
    values
        One per position; ``-inf`` where there is none.
    most
        Most bins; fewer positions have a bin each.

    Returns
    -------
    starts, best
        First position of each bin, and the position of its maximum, the first of equals.

    Raises
    ------
    ValueError
        If ``most`` is below 1.
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    n_bins = min(most, len(values))
    starts = (np.arange(n_bins) * len(values)) // n_bins
    stops = np.append(starts[1:], len(values))
    best = np.array(
        [start + first_best(values[start:stop]) for start, stop in zip(starts, stops, strict=True)],
        dtype=np.int64,
    )
    return starts, best
