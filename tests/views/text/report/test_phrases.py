import pytest

from colbert_explain.explanation import Word
from colbert_explain.views.text.report.phrases import (
    count,
    ended,
    listed,
    number,
    percentile_words,
    quoted,
    share,
    shortened,
    surroundings,
)


def test_counts_numbers_and_shares():
    assert [count(n, "word") for n in (0, 1, 2, 1200)] == [
        "0 words",
        "1 word",
        "2 words",
        "1,200 words",
    ]
    assert [number(v) for v in (0.1234, -0.5, -0.0004, -0.0)] == [
        "0.123",
        "-0.500",
        "0.000",
        "0.000",
    ]
    assert share(1.0, 4.0) == " (25 % of the score)"
    assert share(-1.0, -4.0) == share(0.0, 0.0) == ""


def test_lists_and_ends_of_sentences():
    assert [listed(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
    assert ended("in “a b”") == "in “a b”."
    assert ended("in “a b.”") == "in “a b.”"
    assert ended("in “\u2068a b …\u2069”") == "in “\u2068a b …\u2069”"


@pytest.mark.parametrize(
    ("percentile", "said"),
    [
        (97.9, "above 97 %"),
        (0.49, "above 0 %"),
        (100.0, "above all"),
        (0.0, "below all"),
    ],
)
def test_percentiles_are_never_rounded_up(percentile, said):
    assert percentile_words(percentile).startswith(said)


def test_texts_are_cut_between_words():
    long = "word " * 60
    cut = shortened(long)
    assert cut.endswith("word …")
    assert len(cut) <= 162
    assert shortened("  two\n words ") == "two words"
    assert len(shortened("x" * 300)) == 162
    assert quoted("a\n\tb") == "“a b”"


def test_a_word_keeps_its_spaces_and_its_neighbours():
    text = "one, two three"
    assert surroundings(text, Word("two", 5, 8, (0,))) == text
    text = "象" * 40 + "吃" + "草" * 40
    assert surroundings(text, Word("吃", 40, 41, (0,))) == f"… {'象' * 28}吃{'草' * 28} …"
    text = "a" * 50 + " cats " + "b" * 50
    assert surroundings(text, Word("cats", 51, 55, (0,))) == f"… {'a' * 27} cats {'b' * 27} …"
    assert surroundings("", Word("[SEP]", None, None, (0,))) == "[SEP]"
