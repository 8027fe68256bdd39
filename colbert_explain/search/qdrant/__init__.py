"""Collections on a Qdrant server or cluster; `points` says what a server keeps of a document."""

from colbert_explain.search.qdrant.engine import QdrantEngine

__all__ = ["QdrantEngine"]
