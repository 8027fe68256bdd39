import numpy as np
import pytest

from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.similarity import maxsim, maxsim_scores
from colbert_explain.tokens import TokenSequence


def test_there_is_one_vector_per_token():
    tokens = TokenSequence.from_strings(["a", "b"])
    with pytest.raises(ValueError, match="one row per token, got 3 rows for 2 tokens"):
        TokenEmbeddings(tokens, np.eye(3, dtype=np.float32))


def test_the_repr_names_shape_and_model():
    tokens = TokenSequence.from_strings(["a", "b"])
    embeddings = TokenEmbeddings(tokens, np.eye(2, dtype=np.float32), Provenance("mine"))
    assert repr(embeddings) == "TokenEmbeddings(2 tokens x 2 numbers, mine)"


def test_the_provenance_leaves_out_what_is_not_known():
    assert Provenance("mine").sentence() == "mine · float32"
    full = Provenance("m", "a test", "abcdef1234567890", "f" * 64, (2,), 8, "bfloat16", "words")
    assert full.sentence() == (
        "m (a test) · revision abcdef123456 · sha256 ffffffffffff… · layer 2 · "
        "8 numbers per token · bfloat16 · scored: words"
    )


def test_masked_values_are_refused_and_not_taken_as_numbers():
    tokens = TokenSequence.from_strings(["a", "b"])
    rows = np.ma.masked_array(np.eye(2, dtype=np.float32), mask=[[False, False], [True, True]])
    refused = "must not be masked, got 2 masked values: leave them out, or fill them"
    for given in (rows, list(rows)):
        with pytest.raises(ValueError, match=f"vectors {refused}"):
            TokenEmbeddings(tokens, given)
    with pytest.raises(ValueError, match=f"similarity {refused}"):
        maxsim(rows)
    with pytest.raises(ValueError, match="query_mask must not be masked, got 1 masked value:"):
        maxsim_scores(np.eye(2), np.eye(2)[None], query_mask=np.ma.masked_equal([0, 1], 0))
    nothing_masked = TokenEmbeddings(tokens, np.ma.masked_array(np.eye(2)))
    assert nothing_masked.vectors.tolist() == [[1, 0], [0, 1]]
