"""Collections: documents encoded once, searched by MaxSim, every hit explained."""

from colbert_explain.search.build_progress import BuildEstimate
from colbert_explain.search.collection import Collection
from colbert_explain.search.compression import CompressionName
from colbert_explain.search.documents import Document, EncodedDocument, MetadataValue
from colbert_explain.search.encoding import OnUnreadable
from colbert_explain.search.engine import Engine, Found
from colbert_explain.search.error import CollectionError
from colbert_explain.search.filters import Where
from colbert_explain.search.first_stage import FirstStage
from colbert_explain.search.hits import Hits
from colbert_explain.search.opening import open_collection, rebuild_collection
from colbert_explain.search.token_vectors_file import (
    collection_from_token_vectors,
    write_token_vectors,
)
from colbert_explain.search.token_vectors_rows import read_token_vectors

__all__ = [
    "BuildEstimate",
    "Collection",
    "CollectionError",
    "CompressionName",
    "Document",
    "EncodedDocument",
    "Engine",
    "FirstStage",
    "Found",
    "Hits",
    "MetadataValue",
    "OnUnreadable",
    "Where",
    "collection_from_token_vectors",
    "open_collection",
    "read_token_vectors",
    "rebuild_collection",
    "write_token_vectors",
]
