"""Rules for values in a checkpoint's files.

A rule is a function of a value. It returns ``None`` if the value is allowed, or else words for
what the value must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError

Rule = Callable[[Any], str | None]
Rules = Mapping[str, Rule]
_LONGEST_SHOWN = 80


def shown(value: Any) -> str:
    """Return a value for a message, cut if it is long."""
    if isinstance(value, (dict, list)) and len(value) > _LONGEST_SHOWN:
        return f"a {type(value).__name__} of {len(value):,}"
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f"{value[:_LONGEST_SHOWN]!r}… ({len(value):,} characters)"
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a number of {value.bit_length():,} bits"
    written = repr(value)
    return written if len(written) <= 2 * _LONGEST_SHOWN else f"{written[:_LONGEST_SHOWN]}…"


def whole(low: int, high: int, words: str = "") -> Rule:
    """Require a whole number from ``low`` to ``high``, both included; ``true`` is refused."""
    words = words or ("a positive whole number" if low == 1 else f"a whole number, {low} or more")

    def rule(value: Any) -> str | None:
        if type(value) is not int or value < low:
            return words
        return None if value <= high else f"at most {high:,}"

    return rule


def number(low: float, high: float) -> Rule:
    """Require a finite number from ``low`` to ``high``, both included."""

    def rule(value: Any) -> str | None:
        is_number = type(value) in (int, float) and (type(value) is int or math.isfinite(value))
        return None if is_number and low <= value <= high else f"a number from {low:g} to {high:g}"

    return rule


def text(most: int) -> Rule:
    """Require a text of up to ``most`` characters."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return "text"
        return None if len(value) <= most else f"at most {most:,} characters long"

    return rule


def flag(value: Any) -> str | None:
    """Require true or false."""
    return None if isinstance(value, bool) else "true or false"


def one_of(*values: Any) -> Rule:
    """Require one of a few values and its type: 0 is not ``False``."""
    *others, last = map(repr, values)
    words = f"{', '.join(others)} or {last}" if others else last

    def rule(value: Any) -> str | None:
        found = any(type(value) is type(known) and value == known for known in values)
        return None if found else words

    return rule


def either(*rules: Rule) -> Rule:
    """Require one of several rules."""

    def rule(value: Any) -> str | None:
        unmet = [found for each in rules if (found := each(value)) is not None]
        return None if len(unmet) < len(rules) else " or ".join(unmet)

    return rule


def list_of(entry: Rule, most: int, words: str) -> Rule:
    """Require a list of up to ``most`` entries under a rule; ``words`` describe it."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, list):
            return words
        if len(value) > most:
            return f"a list of at most {most:,}"
        unmet = next((found for each in value if (found := entry(each)) is not None), None)
        return None if unmet is None else f"{words}, each {unmet}"

    return rule


def object_of(entry: Rule, most: int) -> Rule:
    """Require a JSON object of up to ``most`` values under a rule, or null."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "a JSON object"
        if len(value) > most:
            return f"an object of at most {most:,} values"
        given = (each for each in value.values() if each is not None)
        unmet = next((found for each in given if (found := entry(each)) is not None), None)
        return None if unmet is None else f"a JSON object whose values are {unmet}"

    return rule


def anything(_value: Any) -> str | None:
    """Require nothing."""
    return None


def check(values: Mapping[str, Any], rules: Rules, place: str) -> None:
    """Raise a `CheckpointError` for a value against its rule; null is the same as missing."""
    for key, rule in rules.items():
        value = values.get(key)
        if value is not None and (unmet := rule(value)) is not None:
            raise CheckpointError(f"{key} in {place} must be {unmet}, got {shown(value)}")
