"""Recognise lines that are too short for wrapped text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Thai, Lao, Burmese, Khmer, Japanese and Chinese.
_NO_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
#: Those of these scripts in which lines are broken only between words.
_LONG_WORDS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
#: The smallest width of wrapped text in letters, and in columns; a Chinese sign has two.
_NARROWEST_WRAP, _NARROWEST_COLUMNS = 30, 24
#: Columns at the end of a wrapped line that a word, or a stop, may leave free.
_WORD_COLUMNS, _KEPT_FREE = 12, 4
_GOES_ON = re.compile(r"[,，、;；:：]\s*\Z")  # noqa: RUF001 - full width counts too
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’」』）)]*\s*\Z")  # noqa: RUF001
#: Signs before and after words in prose.
_ROUND_WORDS = ".,;:!?…\"'“”‘’()"  # noqa: RUF001


def are_addresses(lines: Sequence[str]) -> bool:
    """Return whether each line is one word with a sign or a digit, such as an address."""
    words = [line.strip().strip(_ROUND_WORDS) for line in lines]
    return not _without_blanks(lines) and all(
        word and not re.search(r"\s", word) and not word.isalpha() for word in words
    )


def few_words(lines: Sequence[str]) -> bool:
    """Return whether lines have at most two words, unlike wrapped text."""
    counts = [len(line.split()) for line in lines]
    few = max(counts) <= 2 or max(map(len, lines)) < _NARROWEST_WRAP
    return few and sum(counts) <= 2 * len(lines) and not _without_blanks(lines)


def _without_blanks(lines: Sequence[str]) -> bool:
    """Return whether most of the text is in a script without blanks between words."""
    n_signs = sum(len("".join(line.split())) for line in lines)
    return 2 * sum(len(_NO_BLANKS.findall(line)) for line in lines) > n_signs


def shorter_than_wrapped(lines: Sequence[str]) -> bool:
    """Return whether lines in a script without blanks are shorter than wrapped lines.

    Wrapped lines are full up to a sign or two, except the last one and ends of sentences.
    """
    if not _without_blanks(lines) or any(_GOES_ON.search(line) for line in lines[:-1]):
        return False
    widths = [_width(line) for line in lines]
    if max(widths) < _NARROWEST_COLUMNS:
        return True
    room = _WORD_COLUMNS if _LONG_WORDS.search("".join(lines)) else _KEPT_FREE
    open_ended = [
        number for number, line in enumerate(lines[:-1]) if not _ENDS_SENTENCE.search(line)
    ]
    short = [number for number in open_ended if widths[number] + room < max(widths)]
    # The first alone may be a heading.
    return 4 * len(short) >= max(1, len(open_ended)) and (short != [0] or len(lines) == 2)


def _width(line: str) -> int:
    """Return the columns of a line: two for a Chinese sign, none for a mark above a letter."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else unicodedata.category(sign) != "Mn"
        for sign in line.strip()
    )
