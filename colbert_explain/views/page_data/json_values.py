"""Numbers and arrays as JSON holds them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from jaxtyping import Float


def none_for_nan(value: float) -> float | None:
    """Return a number, or none where it is not known."""
    return None if np.isnan(value) else float(value)


def typed_array(values: Float[np.ndarray, "*axes"]) -> dict[str, Any]:
    """Write an array as Plotly reads it: the bytes of float32 numbers in base64."""
    array = np.ascontiguousarray(values, dtype="<f4")
    written = {"dtype": "f4", "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    if array.ndim > 1:
        written["shape"] = ", ".join(map(str, array.shape))
    return written
