import numpy as np
import pytest

from colbert_explain.views.charts.binned_profile import binned_profile, sentence_places
from tests.example_explanations import example


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
