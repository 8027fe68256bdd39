import numpy as np
import pytest

from colbert_explain.analysis import pooled_cosine, rank
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.tokens import TokenSequence


def test_it_is_what_a_ranking_says_of_the_same_texts(toy_encoder):
    ranking = rank("cats eat, fish", ["fish eat", "dogs bark."], toy_encoder)
    for document, said in zip(
        ranking.document_embeddings,
        ranking.to_frame(pooled_cosine=True).sort_values("position")["pooled_cosine"],
        strict=True,
    ):
        assert pooled_cosine(ranking.query_embeddings, document) == pytest.approx(said, abs=1e-6)


def test_it_is_the_cosine_of_two_means_without_what_is_not_scored(toy_encoder):
    q, d = toy_encoder.embed_query("cats eat."), toy_encoder.embed_document("fish, zzz")
    one, other = q.vectors[1:3].mean(axis=0), d.vectors[1]
    expected = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert pooled_cosine(q, d) == pytest.approx(float(expected), abs=1e-6)


def test_sides_that_do_not_fit_are_refused(toy_encoder):
    q = toy_encoder.embed_query("cats")
    small = TokenEmbeddings(TokenSequence.from_strings(["a"]), np.ones((1, 1), dtype=np.float32))
    with pytest.raises(ValueError, match="must have the same dim, got 32 and 1"):
        pooled_cosine(q, small)
    with pytest.raises(ValueError, match="document must hold a token that is scored"):
        pooled_cosine(q, toy_encoder.embed_document("..."))
