"""Old names and forms, which work for one release more and say what to write instead."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np
from jaxtyping import Float

P = ParamSpec("P")
Result = TypeVar("Result")


def warn_renamed(old: str, new: str) -> None:
    """Warn whoever called the function that warns: something has another name now.

    Parameters
    ----------
    old, new
        What the caller wrote, and what to write in its place.
    """
    warnings.warn(
        f"{old} is deprecated and will be removed in the next release: use {new}",
        DeprecationWarning,
        stacklevel=3,
    )


def renamed_argument(
    old: str, new: str, convert: Callable[[Any], Any] = lambda value: value
) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Let a function take an argument under its old name too; ``convert`` makes it the new one."""

    def decorate(function: Callable[P, Result]) -> Callable[P, Result]:
        @functools.wraps(function)
        def either(*args: P.args, **kwargs: P.kwargs) -> Result:
            if old in kwargs:
                warn_renamed(f"{old}=", f"{new}=")
                kwargs[new] = convert(kwargs.pop(old))
            return function(*args, **kwargs)

        return either

    return decorate


def warn_of_fractions(values: Float[np.ndarray, ...]) -> None:
    """Warn where percentiles look like fractions, as they were before: all in [0, 1], not all 0."""
    known = values[np.isfinite(values)]
    if known.size and 0 < known.max() <= 1 and known.min() >= 0:
        warnings.warn(
            f"percentiles go from 0 to 100, and the largest given is {known.max():g}: "
            "multiply fractions by 100",
            UserWarning,
            stacklevel=4,
        )
