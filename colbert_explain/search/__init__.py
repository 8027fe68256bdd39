"""Collections: documents encoded once, searched by MaxSim, every hit explained."""

from colbert_explain.search.collection import Collection, open_collection
from colbert_explain.search.documents import Document
from colbert_explain.search.hits import Hits

__all__ = ["Collection", "Document", "Hits", "open_collection"]
