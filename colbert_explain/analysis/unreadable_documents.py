"""Documents that a ranking leaves out, because no model can read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from colbert_explain import argument_checks as check
from colbert_explain.text.wording import count, first_of, named

#: Documents that are named one by one in a sentence.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class UnreadableDocument:
    """A document that is not in a ranking.

    Attributes
    ----------
    position
        Its position in what was given, from 0.
    name
        What it is called.
    reason
        Why it cannot be read, such as ``document must contain text, got blank space``.
    """

    position: int
    name: str
    reason: str


def left_out_sentence(unreadable: Sequence[UnreadableDocument], n_given: int) -> str:
    """Return a sentence that says what was left out of how many, and why; "" if nothing was.

    Examples
    --------
    >>> left_out_sentence(
    ...     [UnreadableDocument(1, "b", "document must contain text, got nothing")], 3
    ... )
    'Left out 1 of 3 documents: b (document must contain text, got nothing).'
    """
    if not unreadable:
        return ""
    reasons = [f"{named(one.name)} ({named(one.reason)})" for one in unreadable]
    listed = "; ".join(first_of(reasons, _MOST_NAMED, "and {:,} more"))
    return f"Left out {len(unreadable):,} of {count(n_given, 'document')}: {listed}."


def none_readable(unreadable: Sequence[UnreadableDocument]) -> str:
    """Word the error about documents of which none can be read."""
    rule = "documents must hold at least one text that can be read"
    if not unreadable:
        return f"{rule}, got none"
    return f"{rule}. {left_out_sentence(unreadable, len(unreadable)).removesuffix('.')}"


def string_only(text: object) -> str:
    """Return a document that is a string; anything else is refused, None and NaN by name."""
    if isinstance(text, str):
        return text
    missing = isinstance(text, float) and math.isnan(text)
    shown = "NaN" if missing else "None" if text is None else type(text).__name__
    raise ValueError(f"document must be a string, got {shown}")


def readable(text: object) -> str:
    """Return a document that is a string with text in it, in valid Unicode."""
    text = string_only(text)
    if not text or text.isspace():
        raise ValueError(f"document must contain text, got {'blank space' if text else 'nothing'}")
    return check.valid_unicode("document", text)


def is_readable(text: object) -> TypeGuard[str]:
    """Return whether `readable` returns a document."""
    try:
        readable(text)
    except ValueError:
        return False
    return True
