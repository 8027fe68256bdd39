"""Collections on a server, which their address distinguishes from folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from colbert_explain.search.documents import EncodedDocument
from colbert_explain.search.engine import Engine
from colbert_explain.search.qdrant import QdrantEngine


def is_address(path: str | Path | None) -> bool:
    """Return whether a path is the address of a server.

    >>> is_address("http://localhost:6333"), is_address("news")
    (True, False)
    """
    return isinstance(path, str) and path.startswith(("http://", "https://"))


def name_on_server(path: str | Path | None, name: str | None) -> str:
    """Check that a collection on a server has a name, and no other has one; "" if it has none."""
    if is_address(path):
        if not name:
            raise ValueError(
                f"name must say what the collection is called on the server {path}, got {name!r}"
            )
        return name
    if "://" in str(path):
        raise ValueError(
            f"path must be a folder, or an address that begins with http:// or https://, got {path}"
        )
    if name is not None:
        raise ValueError(f"name must be None unless path is the address of a server, got {name!r}")
    return ""


def check_of(engine: Engine) -> Callable[[EncodedDocument], None]:
    """Return what raises a `ValueError` for a document that an engine cannot take."""
    return engine.check if isinstance(engine, QdrantEngine) else lambda encoded: None
