"""Values out of a JSON file, each held against what it must be: one sentence if it is not.

Every function takes a name for the sentence and the value, and returns the value.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Collection, Sequence
from typing import Any

from colbert_explain.text.wording import shorten

#: Whole numbers of this package's files fit 32 bits.
LARGEST = 2**31 - 1
#: Characters of a value in a sentence.
_LONGEST = 100
_short = reprlib.Repr()
_short.maxlevel = 2
_SURROGATE = re.compile("[\ud800-\udfff]")


def an_object(
    name: str, value: object, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """Check for an object with these entries and no others."""
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object, got {shown(value)}")
    for key in required:
        if key not in value:
            raise ValueError(f"{name} must have an entry {key!r}, got {shown(list(value))}")
    for key in value:
        if key not in required and key not in optional:
            raise ValueError(f"{name} must have no entry {shown(key)}")
    return value


def a_list(name: str, value: object, length: int | None = None) -> list[Any]:
    """Check for a list, of a length if one is given."""
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list, got {shown(value)}")
    if length is not None and len(value) != length:
        raise ValueError(f"{name} must have {length:,} entries, got {len(value):,}")
    return value


def a_text(name: str, value: object) -> str:
    """Check for a string that is valid Unicode."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, got {shown(value)}")
    if half := _SURROGATE.search(value):
        raise ValueError(
            f"{name} must be valid Unicode, but character {half.start() + 1} is half of a "
            "surrogate pair"
        )
    return value


def a_bool(name: str, value: object) -> bool:
    """Check for true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {shown(value)}")
    return value


def a_whole_number(name: str, value: object, lowest: int = 0, largest: int = LARGEST) -> int:
    """Check for a whole number within limits; 1.0 and true are none."""
    if type(value) is not int or not lowest <= value <= largest:
        raise ValueError(
            f"{name} must be a whole number from {lowest} to {largest}, got {shown(value)}"
        )
    return value


def a_number(name: str, value: object) -> float:
    """Check for a finite number."""
    # Before a whole number is made a float: one of 400 digits cannot be.
    if type(value) is int and abs(value) <= LARGEST:
        return float(value)
    if type(value) is not float or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {shown(value)}")
    return value


def one_of(name: str, value: object, choices: Sequence[str]) -> str:
    """Check for one of a few strings."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
    return value


def shown(value: object) -> str:
    """Spell a value for a sentence, a long one cut."""
    spelled = _short.repr(value)
    return shorten(spelled, _LONGEST)
