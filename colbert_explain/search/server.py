"""Collections on a server, told from folders by their address."""

from __future__ import annotations

from pathlib import Path

from colbert_explain.search.engine import Engine


def is_address(path: str | Path) -> bool:
    """Return whether a path is the address of a server.

    >>> is_address("http://localhost:6333"), is_address("news")
    (True, False)
    """
    return isinstance(path, str) and path.startswith(("http://", "https://"))


def server_engine(url: str, name: str | None, compression: str | None = None) -> Engine:
    """Return the engine of a collection on a Qdrant server."""
    from colbert_explain.search.qdrant import QdrantEngine  # an extra

    raise NotImplementedError(QdrantEngine)
