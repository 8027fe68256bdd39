"""Many documents for one query: their order, and why one scores higher than another."""

from __future__ import annotations

from colbert_explain.ranking.contrasting import Contrast, contrast
from colbert_explain.ranking.pooling import pooled_cosine
from colbert_explain.ranking.ranked import Ranking, rank

__all__ = ["Contrast", "Ranking", "contrast", "pooled_cosine", "rank"]
