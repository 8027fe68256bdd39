import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence

PROVENANCE = Provenance("hand-made")
# At 8 tokens maxima are uniform from 0 to .4, at 16 from .1 to .5, at 32 from .2 to .6.
LENGTHS = np.array([8.0, 16.0, 32.0])
QUANTILES = np.linspace(0, 0.4, 41) + np.array([[0.0], [0.1], [0.2]])
UNIFORM = Calibration(LENGTHS, QUANTILES, PROVENANCE)


def test_the_percentile_says_how_many_percent_lie_below():
    assert UNIFORM.percentile(0.1, 8) == pytest.approx(25)
    assert UNIFORM.percentile(0.3, 16) == pytest.approx(50)
    assert UNIFORM.percentile(-0.5, 8) == 0
    assert UNIFORM.percentile(0.9, 8) == 100


def test_between_lengths_it_is_interpolated_in_the_logarithm():
    assert UNIFORM.threshold(11, 50) == pytest.approx(0.2 + 0.1 * np.log2(11 / 8))


def test_beyond_the_lengths_growth_goes_on_and_cosines_end_at_1():
    assert UNIFORM.threshold(64, 50) == pytest.approx(0.5)
    assert UNIFORM.threshold(4, 50) == pytest.approx(0.1)
    assert UNIFORM.threshold(2**30, 50) == 1
    assert UNIFORM.percentile(1.0, 2**30) == 0  # nothing lies below: all are 1


def test_growth_is_read_from_the_last_three_lengths():
    uneven = np.array([[0.1], [0.2], [0.5]]) + np.linspace(0, 0.1, 11)  # .2 a doubling in all
    found = Calibration(LENGTHS, uneven, PROVENANCE).threshold(64, 0.0)
    assert found == pytest.approx(0.5 + 0.2)


@given(st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 10_000))
def test_a_larger_similarity_is_never_less_unusual(a, b, n_document):
    low, high = sorted([a, b])
    assert UNIFORM.percentile(low, n_document) <= UNIFORM.percentile(high, n_document)


@given(st.floats(1.01, 100), st.integers(1, 200))
def test_threshold_and_percentile_are_inverse(percentile, n_document):
    value = UNIFORM.threshold(n_document, percentile)
    assert UNIFORM.percentile(value, n_document) == pytest.approx(percentile, abs=1e-4)


@given(st.floats(-1, 1), st.integers(1, 5_000))
def test_the_same_similarity_is_less_unusual_in_a_longer_document(value, n_document):
    assert UNIFORM.percentile(value, 2 * n_document) <= UNIFORM.percentile(value, n_document)


def test_equal_maxima_are_not_below_themselves():
    flat = Calibration(LENGTHS, np.tile([0.1, 0.3, 0.3, 0.3, 0.5], (3, 1)), PROVENANCE)
    assert flat.percentile(0.3, 8) == pytest.approx(25)


def sequence(roles, scored):
    tokens = [
        Token(i, f"t{i}", f"t{i}", 3 * i, 3 * i + 2, role, scored=flag)
        for i, (role, flag) in enumerate(zip(roles, scored, strict=True))
    ]
    return TokenSequence(" ".join(token.text for token in tokens), tuple(tokens))


def test_only_scored_text_has_a_percentile():
    query = sequence(["special", "marker", "text", "text", "expansion"], [True] * 3 + [False, True])
    document = sequence(["text"] * 10, [True] * 8 + [False] * 2)  # 8 are scored
    similarity = np.full((5, 10), 0.1, dtype=np.float32)
    found = UNIFORM.of(Explanation(query, document, similarity, PROVENANCE))
    assert np.isnan(found).tolist() == [True, True, False, True, True]
    assert found[2] == pytest.approx(25)


def test_explanations_of_another_model_are_refused(toy_encoder):
    with pytest.raises(ValueError, match=r"must come from the model that was calibrated, hand-ma"):
        UNIFORM.of(explain("cats", "cats", toy_encoder))


def test_versions_of_libraries_do_not_make_another_model():
    newer = Provenance("hand-made", versions={"torch": "3"})
    text = sequence(["text"], [True])
    x = Explanation(text, text, np.ones((1, 1), dtype=np.float32), newer)
    assert UNIFORM.of(x).tolist() == [100]


@pytest.mark.parametrize(
    ("lengths", "quantiles", "sentence"),
    [
        ([8.0], QUANTILES[:1], "at least 2 rows and columns, got 1 and 41"),
        ([8.0, 16.0], QUANTILES, "one entry per row of quantiles, 3, got 2"),
        ([8.0, 8.0, 16.0], QUANTILES, "lengths must be above 0 and increase"),
        ([8.0, np.nan, 16.0], QUANTILES, "lengths must be above 0 and increase"),
        ([8.0, 16.0, 32.0], QUANTILES[:, ::-1], "must not decrease along a row"),
        ([8.0, 16.0, 32.0], np.full((3, 4), np.nan), "or contain NaN"),
    ],
)
def test_what_is_no_distribution_is_refused(lengths, quantiles, sentence, unchecked):
    with pytest.raises(ValueError, match=sentence):
        Calibration(np.array(lengths), quantiles, PROVENANCE)


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ValueError, match="n_document must be at least 1, got 0"):
        UNIFORM.percentile(0.5, 0)
    with pytest.raises(ValueError, match="values must be finite, got nan"):
        UNIFORM.percentile(float("nan"), 5)
    with pytest.raises(ValueError, match=r"percentile must be within \[0, 100\], got 101"):
        UNIFORM.threshold(5, 101)
