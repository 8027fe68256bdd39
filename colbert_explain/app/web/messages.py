"""What a page may send: events by name, each with fields that are checked before they are used."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

_LOG = logging.getLogger("colbert_explain")

#: Returns whether a value that came from a page is of the kind that it should be.
Check = Callable[[Any], bool]
#: The fields of an event and how they are checked.
Fields = Mapping[str, Check]
#: Events by name, each with its fields, or with several sets of fields of which it has one.
Events = Mapping[str, Fields | tuple[Fields, ...]]


def is_text(value: Any) -> bool:
    """Check for text that can be sent back: without half of a surrogate pair."""
    return isinstance(value, str) and value.encode(errors="replace").decode() == value


def is_anything_typed(value: Any) -> bool:
    """Check for text of any kind; the code that reads it reports what is wrong with it."""
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    """Check for true or false."""
    return isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Check for a whole number; True and 1.0 are not."""
    return type(value) is int


def is_number(value: Any) -> bool:
    """Check for a number that a float can hold: finite, not a Boolean, not too large."""
    if type(value) is int:
        return abs(value) < 2**1000
    return type(value) is float and math.isfinite(value)


def one_of(*choices: str) -> Check:
    """Check for one of the given texts."""
    return lambda value: isinstance(value, str) and value in choices


def optional(check: Check) -> Check:
    """Check for None, or for what ``check`` accepts."""
    return lambda value: value is None or check(value)


def list_of(check: Check, length: int | None = None) -> Check:
    """Check for a list of values that ``check`` accepts, of ``length`` if that is given."""
    return lambda value: (
        isinstance(value, list)
        and (length is None or len(value) == length)
        and all(map(check, value))
    )


def checked_fields(content: Any, events: Events) -> dict[str, Any] | None:
    """Return the fields that an event must have, and no others.

    Returns
    -------
    dict or None
        None if the message is not one of the events, or a field is missing or of another kind.
    """
    if not isinstance(content, dict) or not isinstance(content.get("event"), str):
        return None
    sets = events.get(content["event"], ())
    for checks in sets if isinstance(sets, tuple) else (sets,):
        if all(name in content and check(content[name]) for name, check in checks.items()):
            return {name: content[name] for name in checks}
    return None


def log_ignored(widget: object, what: str) -> None:
    """Log one line about an ignored message, without its content."""
    _LOG.warning("%s ignored %s from its page", type(widget).__name__, what)
