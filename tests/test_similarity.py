import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain.similarity import maxsim, maxsim_scores, similarity_matrix

COSINES = st.floats(-1, 1, width=32)
MATRICES = st.tuples(st.integers(1, 5), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=COSINES)
)


def naive_maxsim(similarity, query_mask=None, document_mask=None):
    """MaxSim as two plain loops, on purpose without NumPy reductions."""
    score, contributions, alignment = 0.0, [], []
    for i, row in enumerate(similarity):
        best, where = None, -1
        for j, cell in enumerate(row):
            allowed = document_mask is None or document_mask[j]
            if allowed and (best is None or float(cell) > best):
                best, where = float(cell), j
        if query_mask is not None and not query_mask[i]:
            best, where = 0.0, -1
        score += best
        contributions.append(best)
        alignment.append(where)
    return score, contributions, alignment


def unit(rng, *shape):
    vectors = rng.normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@given(MATRICES)
def test_score_contributions_and_alignment_equal_two_plain_loops(similarity):
    result = maxsim(similarity)
    score, contributions, alignment = naive_maxsim(similarity)
    assert result.score == pytest.approx(score, abs=1e-5)
    assert result.contributions.tolist() == contributions
    assert result.alignment.tolist() == alignment


@given(MATRICES, st.data())
def test_masks_equal_two_plain_loops_that_skip_masked_tokens(similarity, data):
    n_query, n_document = similarity.shape
    query_mask = data.draw(arrays(bool, n_query).filter(np.any))
    document_mask = data.draw(arrays(bool, n_document).filter(np.any))
    result = maxsim(similarity, query_mask=query_mask, document_mask=document_mask)
    score, contributions, alignment = naive_maxsim(similarity, query_mask, document_mask)
    assert result.score == pytest.approx(score, abs=1e-5)
    assert result.contributions.tolist() == contributions
    assert result.alignment.tolist() == alignment


@given(MATRICES, st.randoms(use_true_random=False))
def test_score_ignores_the_order_of_document_tokens(similarity, random):
    order = list(range(similarity.shape[1]))
    random.shuffle(order)
    assert maxsim(similarity[:, order]).score == maxsim(similarity).score


def test_masked_padding_never_beats_a_negative_similarity():
    similarity = np.array([[-0.5, 0.0]], dtype=np.float32)  # column 1 is padding
    assert maxsim(similarity, document_mask=np.array([True, False])).score == -0.5


def test_ties_go_to_the_first_document_token():
    similarity = np.array([[0.2, 0.7, 0.7]], dtype=np.float32)
    assert maxsim(similarity).alignment.tolist() == [1]


def test_the_sum_is_taken_in_float64():
    similarity = np.full((100_000, 1), 0.1, dtype=np.float32)
    exact = 100_000 * float(np.float32(0.1))
    assert maxsim(similarity).score == pytest.approx(exact, abs=1e-6)


def test_a_masked_cell_may_hold_anything():
    similarity = np.array([[0.5, np.nan], [np.nan, np.nan]], dtype=np.float32)
    result = maxsim(
        similarity, query_mask=np.array([True, False]), document_mask=np.array([True, False])
    )
    assert (result.score, result.alignment.tolist()) == (0.5, [0, -1])


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({"document_mask": np.array([False, False])}, "document_mask must leave at least one"),
        ({"query_mask": np.array([False])}, "query_mask must leave at least one"),
        ({"document_mask": np.array([True])}, "document_mask must have one entry per token, 2"),
        ({"document_mask": np.array([0, 1])}, "document_mask must be Boolean, got int64"),
        ({"query_mask": np.array([1])}, "query_mask must be Boolean, got int64"),
    ],
)
def test_masks_that_cannot_be_used_are_refused_by_name(masks, message, unchecked):
    with pytest.raises(ValueError, match=message):
        maxsim(np.zeros((1, 2), dtype=np.float32), **masks)


def test_a_similarity_that_counts_must_be_finite():
    with pytest.raises(ValueError, match="similarity must be finite"):
        maxsim(np.array([[np.nan, 1.0]], dtype=np.float32))


def test_similarity_is_the_cosine_of_every_pair():
    rng = np.random.default_rng(0)
    query, document = unit(rng, 3, 8), unit(rng, 5, 8)
    similarity = similarity_matrix(query, document)
    assert similarity.shape == (3, 5)
    by_hand = sum(a * b for a, b in zip(query[2], document[4], strict=True))
    assert similarity[2, 4] == pytest.approx(by_hand)


@pytest.mark.parametrize("length", [0.5, 0.0, np.nan, np.inf])
def test_vectors_that_are_not_of_unit_length_are_refused(length):
    vectors = np.array([[1, 0], [length, 0]], dtype=np.float32)
    with pytest.raises(ValueError, match="query_vectors must be of unit length; row 1 has length"):
        similarity_matrix(vectors, vectors[:1])


def test_sides_of_different_dim_are_refused(unchecked):
    with pytest.raises(ValueError, match="same dim, got 3 and 2"):
        similarity_matrix(np.eye(3), np.eye(2))


@pytest.mark.parametrize("block", [1, 7, 64, 4096])
def test_many_documents_score_as_one_by_one_whatever_the_block(block):
    rng = np.random.default_rng(1)
    query = unit(rng, 6, 16)
    documents = [unit(rng, n, 16) for n in (1, 30, 2, 17, 100)]
    masks = [rng.random(len(document)) < 0.7 for document in documents]
    masks = [mask | (np.arange(len(mask)) == 0) for mask in masks]
    query_mask = np.array([True, True, False, True, True, True])
    scores = maxsim_scores(
        query, documents, query_mask=query_mask, document_masks=masks, block=block
    )
    for document, mask, score in zip(documents, masks, scores, strict=True):
        similarity = similarity_matrix(query, document)
        alone = maxsim(similarity, query_mask=query_mask, document_mask=mask)
        assert score == pytest.approx(alone.score, abs=1e-5)


def test_many_small_similarities_are_added_up_exactly():
    cosine = np.float32(0.1)
    query = np.tile(np.array([cosine, np.sqrt(1 - cosine**2)], np.float32), (8192, 1))
    scores = maxsim_scores(query, [np.array([[1, 0]], np.float32)] * 2)
    # Added up one by one as 32-bit numbers they make 819.1 to 819.3, whatever the order.
    assert scores.tolist() == pytest.approx([8192 * float(cosine)] * 2, abs=1e-4)


def test_no_documents_have_no_scores():
    assert maxsim_scores(np.eye(2, dtype=np.float32), []).shape == (0,)


def test_extra_memory_does_not_grow_with_the_number_of_documents():
    import tracemalloc

    rng = np.random.default_rng(2)
    query, document = unit(rng, 32, 64), unit(rng, 200, 64)

    def peak(n_documents):
        documents = [document] * n_documents
        tracemalloc.start()
        maxsim_scores(query, documents, block=1024)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak(400) < 1.5 * peak(20)


@pytest.mark.parametrize(
    ("documents", "kwargs", "message"),
    [
        ([np.zeros((0, 2), np.float32)], {}, r"documents\[0\] must hold at least one token"),
        ([np.eye(2)], {"document_masks": [np.array([0, 1])]}, r"document_masks\[0\] must be Bool"),
        ([np.eye(2), np.eye(2) * 2], {}, r"documents\[1\] must be of unit length"),
        ([np.eye(3)], {}, r"documents\[0\] must have the query's dim 2, got 3"),
        ([np.eye(2)], {"document_masks": []}, "one mask per document, got 0 for 1"),
        ([np.eye(2)], {"block": 0}, "block must be at least 1, got 0"),
    ],
)
def test_documents_that_cannot_be_scored_are_named(documents, kwargs, message, unchecked):
    with pytest.raises(ValueError, match=message):
        maxsim_scores(np.eye(2), documents, **kwargs)
