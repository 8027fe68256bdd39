"""Rounded numbers that add up as they are printed.

Numbers that are each rounded to the nearest need not add up: 0.004 + 0.004 = 0.008 is printed as
0.00 + 0.00 = 0.01. Where a page claims a sum or a difference, its numbers come from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsFloat

#: At the foot of a table whose rows are each rounded to the nearest: it claims no printed sum.
SCORE_BEFORE_ROUNDING = "score, added before rounding"


def printed_difference(first: SupportsFloat, second: SupportsFloat, digits: int = 2) -> float:
    """Return by how much two numbers differ once both are printed.

    Within one unit of the last decimal of the true difference.

    Examples
    --------
    >>> printed_difference(6.775, 6.254)  # printed as 6.78 and 6.25
    0.53
    """
    return (_units(first, digits) - _units(second, digits)) / 10**digits


def rounded_to_sum(
    values: Sequence[SupportsFloat],
    total: SupportsFloat,
    digits: int = 2,
    *,
    keep_largest: bool = False,
) -> list[float]:
    """Round numbers so that, as they are printed, they add up to the printed total.

    Each is rounded to the nearest, then as many as necessary to their other neighbour: those
    that are nearest to it. Of equals the first are the larger.

    Parameters
    ----------
    values
        The numbers.
    total
        Their sum, or a number that is at most one unit of the last decimal away from it.
    digits
        How many decimals are printed.
    keep_largest
        Whether the smallest numbers are the first to be rounded to their other neighbour: a reader
        looks at the largest, and may see them elsewhere, rounded to the nearest.

    Returns
    -------
    list of float
        Each within one unit of the last decimal of its value.

    Examples
    --------
    >>> rounded_to_sum([0.334, 0.333, 0.333], 1.0)
    [0.34, 0.33, 0.33]
    >>> rounded_to_sum([0.834, 0.133, 0.033], 1.0, keep_largest=True)
    [0.83, 0.13, 0.04]
    """
    exact = [float(value) * 10**digits for value in values]
    units = [_units(value, digits) for value in values]
    missing = _units(total, digits) - sum(units)
    step = 1 if missing > 0 else -1
    # Rounded, so that the last bits do not choose.
    ahead = [round(step * (value - unit), 6) for value, unit in zip(exact, units, strict=True)]

    def rank(k: int) -> tuple[float, ...]:
        size = abs(exact[k]) if keep_largest else 0.0
        return ahead[k] <= 0, size, -ahead[k], step * k

    for k in sorted(range(len(units)), key=rank)[: abs(missing)]:
        units[k] += step
    return [unit / 10**digits for unit in units]


def adds_up(values: Sequence[SupportsFloat], total: SupportsFloat, digits: int = 2) -> bool:
    """Return whether numbers, each rounded to the nearest, add up to the printed total.

    Examples
    --------
    >>> adds_up([0.25, 0.25], 0.5), adds_up([0.004, 0.004], 0.008)
    (True, False)
    """
    return sum(_units(value, digits) for value in values) == _units(total, digits)


def _units(value: SupportsFloat, digits: int) -> int:
    """Count the units of the last decimal in a number as it is printed."""
    return round(round(float(value), digits) * 10**digits)
