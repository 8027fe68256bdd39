"""A provenance as JSON values, every value checked when it is read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from colbert_explain.embeddings import Provenance
from colbert_explain.storage.json_values import (
    a_list,
    a_number,
    a_text,
    a_whole_number,
    an_object,
    shown,
)


def provenance_as_json(provenance: Provenance) -> dict[str, Any]:
    """Return a provenance as a JSON object, which `read_provenance` reads."""
    return {**asdict(provenance), "layers": list(provenance.layers)}


def read_provenance(content: object) -> Provenance:
    """Make a provenance from a JSON object, every value checked for its type.

    Raises a `ValueError` if a value is missing, unknown or of another type.
    """
    texts, pins = ("model", "kind", "dtype", "scored"), ("revision", "sha256")
    tables = ("versions", "settings")
    found = an_object(
        "provenance", content, ("model", "layers"), (*texts, *pins, *tables, "dim", "overridden")
    )
    for key in (*texts, *pins):
        if key in found and not (key in pins and found[key] is None):
            a_text(f"provenance {key}", found[key])
    for layer in a_list("provenance layers", found["layers"]):
        a_whole_number("provenance layers", layer, lowest=-(2**31))
    a_whole_number("provenance dim", found.get("dim", 0))
    for table in tables:
        for key, value in _table(f"provenance {table}", found.get(table, {})):
            a_text(f"provenance {table} {shown(key)}", value)
    for key, value in _table("provenance overridden", found.get("overridden", {})):
        _check_setting(f"provenance overridden {shown(key)}", value)
    return Provenance(**{**found, "layers": tuple(found["layers"])})


def _table(name: str, content: object) -> list[tuple[str, Any]]:
    if not isinstance(content, dict):
        raise ValueError(f"{name} must be an object, got {shown(content)}")
    return [(a_text(name, key), value) for key, value in content.items()]


def _check_setting(name: str, value: object) -> None:
    """Check what was given to `load_encoder`: a single value or a list of them."""
    for part in value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, str):
            a_text(name, part)
        elif part is not None and not isinstance(part, bool):
            a_number(name, part)
