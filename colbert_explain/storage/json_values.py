"""Checks of values from a JSON file, and the digest of a JSON value.

Every check takes a name and a value and returns the value, or raises a `ValueError` with name,
rule and value.
"""

from __future__ import annotations

import hashlib
import json
import math
import reprlib
from collections.abc import Collection
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.text.wording import shorten

#: Whole numbers in this package's files fit 32 bits.
LARGEST = 2**31 - 1
#: Characters of a value in a message.
_LONGEST = 100
_short = reprlib.Repr()
_short.maxlevel = 2


def an_object(
    name: str, value: object, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """Check for an object with the required entries, and only optional ones besides."""
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
    """Check for a list, and for its length if one is given."""
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list, got {shown(value)}")
    if length is not None and len(value) != length:
        raise ValueError(f"{name} must have {length:,} entries, got {len(value):,}")
    return value


def a_text(name: str, value: object) -> str:
    """Check for a string that is valid Unicode."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, got {shown(value)}")
    return check.valid_unicode(name, value)


def a_bool(name: str, value: object) -> bool:
    """Check for true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {shown(value)}")
    return value


def a_whole_number(name: str, value: object, lowest: int = 0, largest: int = LARGEST) -> int:
    """Check for a whole number within limits; 1.0 and true are refused."""
    if type(value) is not int or not lowest <= value <= largest:
        raise ValueError(
            f"{name} must be a whole number from {lowest} to {largest}, got {shown(value)}"
        )
    return value


def a_number(name: str, value: object) -> float:
    """Check for a finite number."""
    # First, because a whole number of 400 digits cannot become a float.
    if type(value) is int and abs(value) <= LARGEST:
        return float(value)
    if type(value) is not float or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {shown(value)}")
    return value


def shown(value: object) -> str:
    """Return a value for a message, cut if it is long."""
    spelled = _short.repr(value)
    return shorten(spelled, _LONGEST)


def digest_of(content: Any) -> str:
    """Compute the sha256 of anything that JSON can hold; the order of keys changes nothing."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
