"""Checks of the types of arguments of public functions.

Every function takes the argument's name and value and returns the value, or raises a `ValueError`
with name, rule and value. Ranges are checked where the argument is used.
"""

from __future__ import annotations

import operator
import re
import reprlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

Kind = TypeVar("Kind")
_LONGEST = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


def shown(value: object) -> str:
    """Return a simple value in short form, or the type of any other, for a message."""
    if value is None or isinstance(value, bool | int | float | str):
        written = reprlib.repr(value)
        return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"
    return type(value).__name__


def instance(name: str, value: object, kind: type[Kind], hint: str = "") -> Kind:
    """Check for an instance of a class; ``hint`` says how to make one."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise ValueError(
            f"{name} must be {article} {kind.__name__}{hint and f' ({hint})'}, got {shown(value)}"
        )
    return value


def text(name: str, value: object) -> str:
    """Check for a text."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, got {shown(value)}")
    return value


def valid_unicode(name: str, value: str) -> str:
    """Check that a text has no half of a surrogate pair, which UTF-8 cannot encode."""
    if half := _SURROGATE.search(value):
        raise ValueError(
            f"{name} must be valid Unicode, but character {half.start() + 1} is half of a "
            f"surrogate pair (U+{ord(half.group()):04X})"
        )
    return value


def several(name: str, values: Any, kind: type[Kind]) -> tuple[Kind, ...]:
    """Check for an iterable of instances of a class."""
    found = listed(name, values)
    for i, value in enumerate(found):
        if not isinstance(value, kind):
            words = "a string" if kind is str else f"of type {kind.__name__}"
            raise ValueError(f"{name}[{i}] must be {words}, got {shown(value)}")
    return found


def listed(name: str, values: Any) -> tuple[Any, ...]:
    """Check for an iterable that is not a text."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ValueError(f"{name} must be a list, got {shown(values)}")
    return tuple(values)


def whole_number(name: str, value: Any) -> int:
    """Check for a whole number, Python's or NumPy's; 1.0 and True are refused."""
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise ValueError(f"{name} must be a whole number, got {shown(value)}")


def number(name: str, value: Any) -> float:
    """Check for a real number, Python's or NumPy's, infinity and NaN included; True is refused."""
    if not isinstance(value, bool | str | bytes):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ValueError(f"{name} must be a number, got {shown(value)}")


def pair(name: str, value: Any, words: str) -> tuple[int, int]:
    """Check for two whole numbers; ``words`` describe them."""
    try:
        first, second = value
        return whole_number(name, first), whole_number(name, second)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be two whole numbers, {words}, got {value!r}") from error


def file_path(name: str, value: Any) -> Path:
    """Check for the path of a file or folder."""
    try:
        return Path(value)
    except TypeError as error:
        raise ValueError(f"{name} must be a path, got {shown(value)}") from error


def function(name: str, value: Callable[..., Any] | None, of: str) -> None:
    """Check for a callable or None; ``of`` names its arguments."""
    if value is not None and not callable(value):
        raise ValueError(f"{name} must be a function that takes ({of}), got {shown(value)}")


def choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Check for one of a few strings."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
