"""Filters on metadata, as a Qdrant server takes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from colbert_explain.search.filters import Where, allowed_values

if TYPE_CHECKING:
    from qdrant_client import models


def conditions(where: Where | None) -> list[models.Condition] | None:
    """Return one condition per field of a checked filter; None if no document can pass.

    Raises a `ValueError` for a name that a server cannot look up.
    """
    from qdrant_client import models

    found: list[models.Condition] = []
    for name, wanted in (where or {}).items():
        key = _key(name)
        values = allowed_values(wanted)
        if values is None:
            bounds = models.Range(gte=wanted.get("min"), lte=wanted.get("max"))
            found.append(models.FieldCondition(key=key, range=bounds))
            continue
        if not values:  # a server takes an empty list of alternatives for no condition
            return None
        found.append(models.Filter(should=[_equals(key, value) for value in values]))
    return found


def with_ids(ids: Collection[str]) -> models.Condition:
    """Return a condition that only points with these ids pass."""
    from qdrant_client import models

    return models.HasIdCondition(has_id=list(ids))


def of_kind(kind: str, others: Sequence[models.Condition] = ()) -> models.Filter:
    """Return a filter that points of one kind pass if they pass the other conditions too."""
    from qdrant_client import models

    same_kind = models.FieldCondition(key="kind", match=models.MatchValue(value=kind))
    return models.Filter(must=[same_kind, *others])


def places(first: int, end: int) -> models.Condition:
    """Return a condition that documents from one place up to another pass."""
    from qdrant_client import models

    return models.FieldCondition(key="place", range=models.Range(gte=first, lt=end))


def _equals(key: str, value: Any) -> models.Condition:
    from qdrant_client import models

    if isinstance(value, str | bool):
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))
    # A match compares whole numbers only, a range 2020 with 2020.0 too.
    return models.FieldCondition(key=key, range=models.Range(gte=value, lte=value))


def _key(name: str) -> str:
    if '"' in name or not name:
        raise ValueError(
            "where must have names of fields without quotation marks as keys on a Qdrant server, "
            f"got {name!r}"
        )
    # Quoted, because a dot would mean a field in a field.
    return f'metadata."{name}"'
