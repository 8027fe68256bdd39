"""Numbers that a caller gives for the query tokens: percentiles and thresholds."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from colbert_explain.deprecation import warn_of_fractions
from colbert_explain.embeddings import as_array


def query_percentiles(values: ArrayLike | None, n_query: int) -> Float[np.ndarray, " query"]:
    """Make an array of one percentile per query token, 0 to 100, NaN where there is none.

    Raises
    ------
    ValueError
        As `query_numbers` does.
    """
    numbers = query_numbers("percentiles", values, n_query, 0.0, 100.0)
    warn_of_fractions(numbers)
    return numbers


def query_numbers(
    name: str,
    values: float | ArrayLike | None,
    n_query: int,
    low: float,
    high: float,
    *,
    one_for_all: bool = False,
) -> Float[np.ndarray, " query"]:
    """Make an array of one number per query token, NaN where there is none.

    Parameters
    ----------
    name
        What the numbers are called in an error.
    values
        Shape ``(n_query,)``: an array, a tensor or a list; or None.
    n_query
        How many query tokens there are.
    low, high
        The limits, both included.
    one_for_all
        Whether one number may be given for all tokens.

    Returns
    -------
    numpy.ndarray
        A copy, float64: the caller's array may change later.

    Raises
    ------
    ValueError
        If they are no numbers, not one for each query token, or outside the limits.
    """
    if values is None:
        return np.full(n_query, np.nan)
    given = as_array(name, values)
    if given.dtype.kind not in "fiu":
        raise ValueError(
            f"{name} must be numbers, NaN where there is none, got {type(values).__name__} of "
            f"{given.dtype}"
        )
    single = one_for_all and given.ndim == 0
    if given.shape != (n_query,) and not single:
        found = len(given) if given.ndim == 1 else f"shape {given.shape}"
        raise ValueError(f"{name} must hold one number per query token, {n_query}, got {found}")
    numbers = np.broadcast_to(given, (n_query,)).astype(np.float64)
    outside = (numbers < low) | (numbers > high) | (single & np.isnan(numbers))
    if outside.any():
        raise ValueError(f"{name} must lie within [{low:g}, {high:g}], got {numbers[outside][0]:g}")
    return numbers
