"""How results show themselves in a notebook: set by the package root, as views lie above them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What turns a result into a MIME bundle; None until the package root has set it.
renderer: Callable[[Any], dict[str, Any]] | None = None


def mimebundle(result: Any) -> dict[str, Any]:
    """Return the MIME bundle of a result; its repr alone where nothing renders."""
    return {"text/plain": repr(result)} if renderer is None else renderer(result)
