"""Many documents for one query: their order, and why one scores higher than another."""

from __future__ import annotations

from colbert_explain.ranking.contrasting import Contrast, contrast
from colbert_explain.ranking.pooling import pooled_cosine
from colbert_explain.ranking.ranked import Ranking, rank
from colbert_explain.ranking.ranking_json import ranking_json
from colbert_explain.ranking.unreadable import UnreadableDocument

__all__ = [
    "Contrast",
    "Ranking",
    "UnreadableDocument",
    "contrast",
    "pooled_cosine",
    "rank",
    "ranking_json",
]
