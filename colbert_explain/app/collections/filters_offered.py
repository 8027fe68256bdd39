"""Which filters a collection offers: menus of values, and ranges of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from colbert_explain.search.documents import Document, MetadataValue

#: Values of a menu; a field with more of them is offered as a range, if they are numbers.
MOST_VALUES = 24
#: Documents that are looked at.
MOST_DOCUMENTS = 20_000
#: Numbers of fewer different values are a menu, too.
_FEW = 6


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the metadata by which documents can be filtered.

    Attributes
    ----------
    name
        Of the field.
    values
        To choose from, with how many documents have each; empty for a range.
    low, high
        The least and the largest number of a range.
    whole
        Whether all numbers are whole.
    """

    name: str
    values: tuple[tuple[MetadataValue, int], ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as a page takes it."""
        return {
            "name": self.name,
            "values": [{"label": str(value), "count": n} for value, n in self.values],
            "low": self.low,
            "high": self.high,
            "whole": self.whole,
        }


def fields_of(documents: Iterable[Document]) -> list[Field]:
    """Return the fields that divide documents, in the order in which they come up."""
    found: dict[str, Counter[tuple[type, MetadataValue]]] = {}
    total = 0
    for total, document in enumerate(documents, start=1):
        for name, value in document.metadata.items():
            # True == 1 in Python, but not for a reader.
            found.setdefault(name, Counter())[type(value), value] += 1
        if total == MOST_DOCUMENTS:
            break
    fields = []
    for name, values in found.items():
        numbers = [v for kind, v in values if kind in (int, float)]
        is_numeric = len(numbers) == len(values)
        if len(values) < 2:
            continue
        repeats = len(values) < sum(values.values())
        if is_numeric and (len(values) > _FEW or not repeats):
            whole = all(float(v).is_integer() for v in numbers)
            fields.append(Field(name, (), float(min(numbers)), float(max(numbers)), whole))
        elif len(values) <= MOST_VALUES and repeats:
            ordered = sorted(values.items(), key=lambda one: (-one[1], str(one[0][1])))
            fields.append(Field(name, tuple((value, n) for (_, value), n in ordered)))
    return fields


def where_of(chosen: dict[str, Any], fields: list[Field]) -> dict[str, Any]:
    """Return the filter for what was chosen on the page.

    Parameters
    ----------
    chosen
        Name of a field to ``{"values": [places in its menu]}`` or ``{"min": ..., "max": ...}``,
        either of which may be None.
    fields
        What was offered; anything else is ignored.
    """
    where: dict[str, Any] = {}
    for field in fields:
        wish = chosen.get(field.name)
        if wish is None:
            continue
        if field.values:
            places = [k for k in wish.get("values") or () if 0 <= k < len(field.values)]
            if places:
                where[field.name] = [field.values[k][0] for k in places]
        else:
            bounds = {end: wish[end] for end in ("min", "max") if wish.get(end) is not None}
            if bounds:
                where[field.name] = bounds
    return where
