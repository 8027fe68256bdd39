"""Small collections of many segments, and what two of them must have in common."""

from __future__ import annotations

import numpy as np
import pytest

from colbert_explain.search import Collection
from colbert_explain.search.on_disk import engine, segment_writer

WORDS = (
    *("cats", "dogs", "eat", "drink", "fish", "milk", "rain", "snow"),
    *("in", "the", "night", "sun", "red", "tall", "old", "house"),
)


def texts(n: int = 24, seed: int = 0) -> list[tuple[str, str]]:
    """Make ids and texts of 2 to 12 words; every eighth fills a segment."""
    rng = np.random.default_rng(seed)
    return [
        (f"d{i}", " ".join(rng.choice(WORDS, 100 if i % 8 == 7 else rng.integers(2, 13))))
        for i in range(n)
    ]


def make_segments_small(patch: pytest.MonkeyPatch) -> None:
    for module in (segment_writer, engine):
        patch.setattr(module, "FULL_VECTORS", 100)


def assert_equal(found: Collection, expected: Collection) -> None:
    """Compare documents, tokens, vectors and searches."""
    assert [one.id for one in found] == [one.id for one in expected]
    assert list(found) == list(expected)
    for document in expected:
        one, other = found.embeddings(document.id), expected.embeddings(document.id)
        assert one.embeddings.tokens == other.embeddings.tokens
        assert np.array_equal(one.embeddings.vectors, other.embeddings.vectors)
    for query in ("do cats eat fish ?", "tall red cats"):
        for first_stage in (None, "bm25", "pooled"):
            hits, others = (
                one.search(query, 4, first_stage=first_stage) for one in (found, expected)
            )
            assert hits.names == others.names
            assert np.allclose(hits.scores, others.scores, atol=1e-5)


def read_all(collection: Collection) -> None:
    """Use every file of a collection."""
    collection.search("cats eat fish", 3)
    collection.search("cats eat fish", 3, first_stage="pooled")
    for document in collection:
        collection.embeddings(document.id)
