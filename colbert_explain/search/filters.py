"""Filters on the metadata of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.search.documents import MetadataValue

Where = Mapping[str, Any]
"""What metadata must be: name to a value, a list of values, or ``{"min": ..., "max": ...}``."""

_BOUNDS = ("min", "max")


def check_where(where: Where | None) -> None:
    """Check a filter, or raise a `ValueError` that names the field, the rule and the value."""
    if where is None:
        return
    if not isinstance(where, Mapping):
        raise ValueError(f"where must be a mapping from fields to values, got {check.shown(where)}")
    for name, wanted in where.items():
        if not isinstance(name, str):
            raise ValueError(f"where must have names of fields as keys, got {check.shown(name)}")
        if isinstance(wanted, Mapping):
            if not wanted or not set(wanted) <= set(_BOUNDS):
                raise ValueError(
                    f"where[{name!r}] must have min, max or both, "
                    f"got {', '.join(map(check.shown, wanted)) or 'neither'}"
                )
            for value in wanted.values():
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ValueError(
                        f"where[{name!r}] must have numbers as min and max, "
                        f"got {check.shown(value)}"
                    )
        for value in allowed_values(wanted) or ():
            if not isinstance(value, str | int | float | bool):
                raise ValueError(
                    f"where[{name!r}] must be text, a number, a Boolean, or a list of these, "
                    f"got {check.shown(value)}"
                )


def allowed_values(wanted: Any) -> tuple[Any, ...] | None:
    """Return the values that a filter allows; None for a range."""
    if isinstance(wanted, Mapping):
        return None
    return tuple(wanted) if isinstance(wanted, list | tuple | set | frozenset) else (wanted,)


def matches(metadata: Mapping[str, MetadataValue], where: Where | None) -> bool:
    """Return whether metadata passes a checked filter; a missing field passes none.

    >>> matches({"year": 2020}, {"year": {"min": 2019}}), matches({}, {"year": 2020})
    (True, False)
    """
    return all(_passes(metadata.get(name), wanted) for name, wanted in (where or {}).items())


def _passes(value: MetadataValue | None, wanted: Any) -> bool:
    values = allowed_values(wanted)
    if values is not None:
        # True == 1 in Python, but not for a reader.
        return any(
            value == one and isinstance(value, bool) == isinstance(one, bool) for one in values
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return wanted.get("min", value) <= value <= wanted.get("max", value)
