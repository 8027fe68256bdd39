import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain import TokenEmbeddings, TokenSequence
from colbert_explain.similarity import (
    first_best,
    maxsim,
    maxsim_scores,
    ordered,
    ranks,
    similarity_matrix,
)
from colbert_explain.tokens import Token

COSINES = st.floats(-1, 1, width=32)
MATRICES = st.tuples(st.integers(1, 5), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=COSINES)
)


def naive_maxsim(similarity, query_mask=None, document_mask=None):
    """MaxSim as plain loops, on purpose without NumPy reductions."""
    score, contributions, alignment = 0.0, [], []
    for i, row in enumerate(similarity):
        cells = [
            (j, float(cell))
            for j, cell in enumerate(row)
            if document_mask is None or document_mask[j]
        ]
        best = max(cell for _, cell in cells)
        where = next(j for j, cell in cells if cell >= best - 1e-5)
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


def test_similarities_within_the_tolerance_are_a_tie_and_the_contribution_is_the_maximum():
    similarity = np.array([[0.2, 0.699995, 0.7], [0.2, 0.69998, 0.7]], dtype=np.float32)
    result = maxsim(similarity)
    assert result.alignment.tolist() == [1, 2]
    assert result.contributions.tolist() == similarity[:, 2].tolist()
    behind = result.contributions - similarity[[0, 1], result.alignment]
    assert (behind >= 0).all()
    assert (behind <= 1e-5).all()


def test_one_vector_at_many_places_is_matched_at_the_first():
    """The last bits of a product depend on where in the matrix a column stands."""
    rng = np.random.default_rng(3)
    for dim in (32, 128, 768):
        query, document = unit(rng, 20, dim), unit(rng, 400, dim)
        document[1::2] = document[1]
        document[1::2] *= rng.choice([1, 1 + 1e-7, 1 - 1e-7], size=(200, 1))
        query[7] = document[1]
        result = maxsim(similarity_matrix(query, document))
        assert result.alignment[7] == 1, dim
        assert set(result.alignment % 2 * result.alignment) <= {0, 1}, dim


def test_the_first_of_all_within_the_tolerance_of_the_maximum_is_best():
    values = np.array([[0.5, 0.8, 0.800009], [0.5, 0.8, 0.80002], [-np.inf, -0.5, -0.5]])
    assert first_best(values).tolist() == [1, 2, 1]


def test_a_group_of_equals_holds_what_is_near_its_first_and_does_not_grow_along_a_chain():
    values = np.array([0.3, 0.5, 0.500008, 0.499994, 0.3, 0.500016])
    # From .500016 down: .500008 joins, .5 and .499994 are further than 1e-5 from the first.
    assert ranks(values).tolist() == [5, 3, 1, 3, 5, 1]
    assert ordered(values).tolist() == [2, 5, 1, 3, 0, 4]


def test_sums_are_equal_within_as_many_tolerances_as_they_have_terms():
    values = np.array([6.0, 6.00025, 5.0])
    assert ranks(values, terms=32).tolist() == [1, 1, 3]
    assert ordered(values, terms=32).tolist() == [0, 1, 2]
    assert ordered(values, terms=8).tolist() == [1, 0, 2]


def test_nothing_is_in_order():
    assert ordered(np.empty(0)).tolist() == []


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


def test_masks_that_cannot_be_used_are_refused_by_name():
    for masks, message in (
        ({"document_mask": np.array([False, False])}, "document_mask must leave at least one"),
        ({"query_mask": np.array([False])}, "query_mask must leave at least one"),
        ({"document_mask": np.array([True])}, "document_mask must have one entry per token, 2"),
        ({"document_mask": np.array([0, 1])}, "document_mask must be Boolean, got int64"),
        ({"query_mask": np.array([1])}, "query_mask must be Boolean, got int64"),
    ):
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


def test_sides_of_different_dim_are_refused():
    with pytest.raises(ValueError, match="same dim, got 3 and 2"):
        similarity_matrix(np.eye(3), np.eye(2))


def test_many_documents_score_as_one_by_one():
    rng = np.random.default_rng(1)
    query = unit(rng, 6, 16)
    documents = [unit(rng, n, 16) for n in (1, 30, 2, 17, 100)]
    masks = [rng.random(len(document)) < 0.7 for document in documents]
    masks = [mask | (np.arange(len(mask)) == 0) for mask in masks]
    query_mask = np.array([True, True, False, True, True, True])
    scores = maxsim_scores(query, documents, query_mask=query_mask, document_masks=masks)
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


def test_no_document_is_copied():
    import tracemalloc

    rng = np.random.default_rng(2)
    query, document = unit(rng, 32, 64), unit(rng, 200, 64)

    def peak(n_documents):
        documents = [document] * n_documents
        tracemalloc.start()
        maxsim_scores(query, documents)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # What grows is one number per document and query token.
    assert peak(400) < 0.02 * 400 * document.nbytes


def test_documents_that_cannot_be_scored_are_named():
    for documents, kwargs, message in (
        ([np.zeros((0, 2), np.float32)], {}, r"documents\[0\] must hold at least one token"),
        ([np.eye(2)], {"document_masks": [np.array([0, 1])]}, r"document_masks\[0\] must be Bool"),
        ([np.eye(2), np.eye(2) * 2], {}, r"documents\[1\] must be of unit length"),
        ([np.eye(3)], {}, r"documents\[0\] must have the query's dim 2, got 3"),
        ([np.eye(2)], {"document_masks": []}, "one mask per document, got 0 for 1"),
    ):
        with pytest.raises(ValueError, match=message):
            maxsim_scores(np.eye(2), documents, **kwargs)


def test_token_embeddings_score_as_their_vectors_and_leave_out_what_is_not_scored():
    rng = np.random.default_rng(5)
    sides = []
    for n in (6, 30, 1, 12):
        tokens = tuple(Token(1, "a", "a", 0, 1, scored=bool(k % 4 != 1)) for k in range(n))
        sides.append(TokenEmbeddings(TokenSequence("a", tokens), unit(rng, n, 16)))
    query, *documents = sides
    expected = maxsim_scores(
        query.vectors,
        [document.vectors for document in documents],
        query_mask=query.tokens.scored_mask,
        document_masks=[document.tokens.scored_mask for document in documents],
    )
    np.testing.assert_array_equal(maxsim_scores(query, documents), expected)
    everything = np.ones(30, dtype=bool)
    again = maxsim_scores(query, documents[:1], document_masks=[everything])
    assert again[0] >= expected[0]


def test_vectors_come_as_other_tools_give_them():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(6)
    query, document = unit(rng, 3, 8), unit(rng, 5, 8)
    exact = similarity_matrix(query, document)
    given = {
        "lists": (document.tolist(), 1e-6),
        "float64": (document.astype(np.float64), 1e-6),
        "float16": (document.astype(np.float16), 1e-3),
        "tensor": (torch.from_numpy(document), 0),
        "tensor with gradient": (torch.from_numpy(document).requires_grad_(), 0),
        "bfloat16 tensor": (torch.from_numpy(document).bfloat16(), 1e-2),
        "float16 tensor": (torch.from_numpy(document).half(), 1e-3),
        "float64 tensor": (torch.from_numpy(document).double(), 1e-6),
        "list of bfloat16 rows": (list(torch.from_numpy(document).bfloat16()), 1e-2),
        "Fortran order": (np.asfortranarray(document), 1e-6),
    }
    for name, (vectors, tolerance) in given.items():
        found = similarity_matrix(query, vectors)
        assert found.dtype == np.float32, name
        np.testing.assert_allclose(found, exact, atol=tolerance, rtol=0, err_msg=name)
        (score,) = maxsim_scores(query, [vectors])
        assert score == pytest.approx(maxsim(found).score, abs=1e-5), name
        tokens = TokenSequence.from_strings("abcde")
        assert maxsim_scores(query, [TokenEmbeddings(tokens, vectors)])[0] == score, name
    assert similarity_matrix(2 * query, 3 * document, normalize=True) == pytest.approx(
        exact, abs=1e-6
    )
    assert maxsim_scores(2 * query, [document], normalize=True)[0] == pytest.approx(
        maxsim(exact).score, abs=1e-5
    )
    assert maxsim([[1, 0], [0, 1]], document_mask=[True, False]).score == 1


def refusal(call, given) -> str:
    try:
        return f"accepted: {call(given)}"
    except ValueError as error:
        return str(error)


def test_what_is_no_table_of_numbers_is_refused_in_a_sentence(unchecked):
    torch = pytest.importorskip("torch")
    good = np.eye(2, dtype=np.float32)
    wrong = {
        "None": (None, "must hold real numbers, got None"),
        "a string": ("cats", "must hold real numbers, got str"),
        "strings": ([["a", "b"]], "must hold real numbers, got list"),
        "one axis": (good[0], r"must have two axes, \(.*\), got shape \(2,\)"),
        "a batch": (good[None], r"got shape \(1, 2, 2\); give .*\[0\]"),
        "a batch of tensors": (torch.eye(2)[None], r"got shape \(1, 2, 2\); give .*\[0\]"),
        "complex": (good.astype(complex), "must hold real numbers, got ndarray of complex128"),
        "complex tensor": (torch.eye(2, dtype=torch.cfloat), "must hold real numbers"),
        "Booleans": (good.astype(bool), "must hold real numbers, got ndarray of bool"),
        "ragged": ([[1.0], [0.0, 1.0]], r"must be an array, got list"),
        "None inside": ([[1.0, None]], "must hold real numbers, got list of object"),
        "a mapping": ({"a": 1}, "must hold real numbers, got dict"),
        "a number": (3.0, "must have two axes"),
    }
    for name, (vectors, message) in wrong.items():
        for call in (
            lambda bad: similarity_matrix(bad, good),
            lambda bad: similarity_matrix(good, bad),
            maxsim,
            lambda bad: maxsim_scores(good, [bad]),
            lambda bad: maxsim_scores(bad, [good]),
            lambda bad: TokenEmbeddings(TokenSequence.from_strings("ab"), bad),
        ):
            assert re.search(message, refusal(call, vectors)), name


def test_checked_vectors_stay_as_they_were_checked():
    mine = np.eye(2, dtype=np.float32)
    embeddings = TokenEmbeddings(TokenSequence.from_strings("ab"), mine)
    mine[0] = 7
    assert embeddings.vectors.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match="read-only"):
        embeddings.vectors[0] = 7


def test_what_is_not_one_entry_per_document_is_refused_in_a_sentence(unchecked):
    good = np.eye(2, dtype=np.float32)
    for documents in (
        None,
        5,
        np.array(1.0),
        TokenEmbeddings(TokenSequence.from_strings("ab"), good),
    ):
        message = refusal(lambda given: maxsim_scores(good, given), documents)
        assert re.search("documents must hold one entry per document, got", message), documents
    message = refusal(lambda given: maxsim_scores(good, [good], document_masks=given), 5)
    assert "document_masks must hold one entry per document, got int" in message


def test_masks_come_as_other_tools_give_them():
    torch = pytest.importorskip("torch")
    similarity = [[0.9, 0.1]]
    for mask in ([False, True], torch.tensor([False, True]), np.array([False, True])):
        assert maxsim(similarity, document_mask=mask).score == pytest.approx(0.1), mask
    wrong = torch.tensor([0.0, 1.0]).bfloat16().requires_grad_()
    message = refusal(lambda mask: maxsim(similarity, document_mask=mask), wrong)
    assert message == "document_mask must be Boolean, got float32"


def test_what_a_mask_excludes_is_not_looked_at():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    query, document = unit(rng, 3, 8), unit(rng, 5, 8)
    mask = np.array([True, True, False, True, False])
    query_mask = np.array([True, False, True])
    expected = maxsim_scores(query, [document], query_mask=query_mask, document_masks=[mask])
    for padding in (0.0, np.nan, np.inf, 1e30, -7.0):
        padded, padded_query = document.copy(), query.copy()
        padded[~mask], padded_query[~query_mask] = padding, padding
        for name, kept in (
            ("array", padded),
            ("float64", padded.astype(np.float64)),
            ("lists", padded.tolist()),
            ("tensor", torch.from_numpy(padded)),
        ):
            for normalize in (False, True):
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    found = maxsim_scores(
                        padded_query,
                        [kept],
                        query_mask=query_mask,
                        document_masks=[mask],
                        normalize=normalize,
                    )
                assert found == pytest.approx(expected, abs=1e-6), (padding, name, normalize)
    padded = document.copy()
    padded[2], padded[3] = 0, 2 * padded[3]
    with pytest.raises(ValueError, match=r"documents\[0\] must be of unit length; row 3 has"):
        maxsim_scores(query, [padded], document_masks=[mask])
    padded[3] = 0
    with pytest.raises(ValueError, match="row 3 has length 0"):
        maxsim_scores(query, [padded], document_masks=[mask], normalize=True)


def test_token_embeddings_are_compared_as_their_vectors():
    rng = np.random.default_rng(8)
    tokens = TokenSequence.from_strings("abc")
    one, other = (TokenEmbeddings(tokens, unit(rng, 3, 8)) for _ in range(2))
    exact = similarity_matrix(one.vectors, other.vectors)
    np.testing.assert_array_equal(similarity_matrix(one, other), exact)
    np.testing.assert_array_equal(similarity_matrix(one, other.vectors), exact)
