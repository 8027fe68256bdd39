"""Many documents for one query: their order, and why one scores higher than another."""

from __future__ import annotations

from colbert_explain.analysis._contrast import Contrast, contrast
from colbert_explain.analysis._pooled_cosine import pooled_cosine
from colbert_explain.analysis.ranking import Explanations, Ranking, rank
from colbert_explain.analysis.ranking_json import ranking_json
from colbert_explain.analysis.reranked_documents import RerankedDocuments
from colbert_explain.analysis.unreadable_documents import UnreadableDocument

__all__ = [
    "Contrast",
    "Explanations",
    "Ranking",
    "RerankedDocuments",
    "UnreadableDocument",
    "contrast",
    "pooled_cosine",
    "rank",
    "ranking_json",
]
