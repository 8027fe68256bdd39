"""Numbers as pages write them: with a true minus sign, and none that rounds to zero is negative."""

from __future__ import annotations

from typing import Any

import numpy as np


def number(value: float | np.floating[Any], digits: int = 3) -> str:
    """Write a number with so many decimals.

    Examples
    --------
    >>> number(0.25, 2), number(-0.0004)
    ('0.25', '0.000')
    """
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def signed(value: float | np.floating[Any]) -> str:
    """Write a difference with its sign; what rounds to zero has both.

    Examples
    --------
    >>> signed(0.25), signed(-0.0004)
    ('+0.250', '±0.000')
    """
    value = float(value)
    if abs(value) < 0.0005:
        return "±0.000"
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")
