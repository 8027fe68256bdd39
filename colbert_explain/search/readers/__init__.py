"""Documents from whatever holds them: iterables and mappings, tables, files and folders."""

from colbert_explain.search.readers.given_documents import GivenDocuments
from colbert_explain.search.readers.sources import documents_in

__all__ = ["GivenDocuments", "documents_in"]
