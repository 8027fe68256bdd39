import pytest

from colbert_explain.explanation import Word
from colbert_explain.views.text.phrases import (
    number,
    percentile_words,
    share,
    surroundings,
)


def test_numbers_and_shares_in_a_report():
    written = [number(v) for v in (0.1234, -0.5, -0.0004, -0.0)]
    assert written == ["0.123", "-0.500", "0.000", "0.000"]
    assert share(1.0, 4.0) == " (25% of the score)"
    assert share(-1.0, -4.0) == share(0.0, 0.0) == ""


@pytest.mark.parametrize(
    ("percentile", "said"),
    [
        (97.9, "better than 97%"),
        (0.49, "better than 0%"),
        (100.0, "at least as good as all"),
        (0.0, "no better than any"),
    ],
)
def test_percentiles_are_never_rounded_up(percentile, said):
    assert percentile_words(percentile).startswith(said)


def test_a_word_keeps_its_spaces_and_its_neighbours():
    text = "one, two three"
    assert surroundings(text, Word("two", 5, 8, (0,))) == text
    text = "象" * 40 + "吃" + "草" * 40
    assert surroundings(text, Word("吃", 40, 41, (0,))) == f"… {'象' * 28}吃{'草' * 28} …"
    text = "a" * 50 + " cats " + "b" * 50
    assert surroundings(text, Word("cats", 51, 55, (0,))) == f"… {'a' * 27} cats {'b' * 27} …"
    assert surroundings("", Word("[SEP]", None, None, (0,))) == "[SEP]"
