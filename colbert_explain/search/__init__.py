"""Collections: documents encoded once, searched by MaxSim, every hit explained."""

from colbert_explain.search.build_progress import BuildEstimate
from colbert_explain.search.collection import Collection
from colbert_explain.search.documents import Document
from colbert_explain.search.error import CollectionError
from colbert_explain.search.hits import Hits
from colbert_explain.search.opening import open_collection, rebuild_collection

__all__ = [
    "BuildEstimate",
    "Collection",
    "CollectionError",
    "Document",
    "Hits",
    "open_collection",
    "rebuild_collection",
]
