import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.views.charts.bins import bin_maxima, binned_profile, sentence_places
from tests.example_explanations import example


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60), st.integers(1, 70))
def test_every_bin_keeps_the_first_of_its_largest_values(values, most):
    array = np.array(values, dtype=np.float64)
    starts, best = bin_maxima(array, most)
    assert len(starts) == min(most, len(values))
    edges = [*starts.tolist(), len(values)]
    assert edges[0] == 0
    for start, stop, j in zip(edges, edges[1:], best.tolist(), strict=False):
        assert 0 < stop - start <= -(-len(values) // min(most, len(values)))
        assert j == max(range(start, stop), key=lambda k: (values[k], -k))


@pytest.mark.parametrize("most", [1, 7, 50, 1000])
def test_every_bin_shows_its_best_scored_token_and_who_found_it(most):
    x = example(12, 200, seed=3, unscored_from=150)
    binned = binned_profile(x, most)
    assert binned.starts[0] == 0
    assert binned.stops[-1] == 200
    np.testing.assert_array_equal(binned.starts[1:], binned.stops[:-1])
    for start, stop, j, value, i in zip(
        binned.starts, binned.stops, binned.best, binned.values, binned.rows, strict=True
    ):
        found = [
            (float(x.similarity[q, d]), -d, -q)
            for d in range(start, stop)
            for q in range(12)
            if x.query[q].scored and x.document[d].scored
        ]
        if not found:
            assert value == -np.inf
            continue
        assert (float(value), -j, -i) == max(found)


def test_no_bins_are_refused():
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        binned_profile(example(3, 4), 0)


def test_sentences_hold_their_tokens(toy_encoder):
    document = toy_encoder.embed_document("Cats eat fish. Dogs bark!").tokens
    assert sentence_places(document) == [(0, 1, 4), (1, 5, 7)]
