from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.text.word_spans import word_spans
from tests.growth import growth


def words(text):
    return [text[start:end] for start, end in word_spans(text)]


#: The words are what stands between the bars.
CASES = [
    "Elephants| |eat| |grass|.",
    "don't| |O’Brien| |dogs|'| |'|quoted|'",  # noqa: RUF001
    "well-known| |19-year-old| |COVID-19| |1990|-|1995| |-|5| |a| |-| |b",
    "150| |kg| |150kg| |3.5| |1,000.25| |12:30| |1|.| |The| |5|.",
    "$5.50| |€|x| |5€| |10%| |10| |%| |US|$5",
    "e.g.|,| |U.S.| |p|.|mx| |U.S| |end|.|Then| |a|.",
    "café| |nai\u0308ve| |état| |हिन्दी| |ﷺ",
    "大|象|吃|草|。|エレファント|は|食|べ|る| |한국어",
    "🐘|🐘| |👨\u200d👩\u200d👧|👍🏽| |❤\ufe0f| |🇩🇪|🇫🇷",
    "a|/|b| |x_y| |C|+|+| |(|x|)| |...| |…|?|!",
]


@pytest.mark.parametrize("case", CASES)
def test_words_of_a_text(case):
    assert words(case.replace("|", "")) == [word for word in case.split("|") if word.strip()]


@given(st.text() | st.text(alphabet="ab1.,:'-$% 🇩\u200d\u0301大"))
def test_words_hold_everything_but_white_space_once_and_in_order(text):
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    gaps = [0, *(edge for span in spans for edge in span), len(text)]
    for start, end in zip(gaps[::2], gaps[1::2], strict=True):
        assert not text[start:end].strip()
    for start, end in spans:
        assert not any(character.isspace() for character in text[start:end])


def test_time_grows_with_the_length_of_the_text_only():
    for unit in ("a", "a.", "1.", "a-", "\u200d", "🇩", "$", "a'"):
        short = unit * (4_000 // len(unit))
        # Ten times if it grows with the length, a hundred times if with its square.
        assert growth(word_spans, short, 10 * short) < 35, unit
