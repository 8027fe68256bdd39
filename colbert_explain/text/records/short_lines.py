"""Lines too short to be wrapped text, told by their words and by how wide they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Thai, Lao, Burmese, Khmer, Japanese and Chinese.
_NO_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
#: Of these scripts, those that wrapping breaks between words only.
_LONG_WORDS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
#: Narrower nobody wraps: in letters, and in columns, of which a Chinese sign takes two.
_NARROWEST_WRAP, _NARROWEST_COLUMNS = 30, 24
#: Columns left free by a word, or by a stop that must not begin a line.
_WORD_COLUMNS, _KEPT_FREE = 12, 4
_GOES_ON = re.compile(r"[,，、;；:：]\s*\Z")  # noqa: RUF001 - full width counts too
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’」』）)]*\s*\Z")  # noqa: RUF001
#: Signs that prose puts before and after a word.
_ROUND_WORDS = ".,;:!?…\"'“”‘’()"  # noqa: RUF001


def are_addresses(lines: Sequence[str]) -> bool:
    """Return whether each line is one word with a sign or a digit in it, as addresses are."""
    words = [line.strip().strip(_ROUND_WORDS) for line in lines]
    return not _without_blanks(lines) and all(
        word and not re.search(r"\s", word) and not word.isalpha() for word in words
    )


def few_words(lines: Sequence[str]) -> bool:
    """Return whether there are two words a line or fewer, which no wrapping leaves."""
    counts = [len(line.split()) for line in lines]
    few = max(counts) <= 2 or max(map(len, lines)) < _NARROWEST_WRAP
    return few and sum(counts) <= 2 * len(lines) and not _without_blanks(lines)


def _without_blanks(lines: Sequence[str]) -> bool:
    """Return whether most of the text is in a script that puts no blanks between words."""
    n_signs = sum(len("".join(line.split())) for line in lines)
    return 2 * sum(len(_NO_BLANKS.findall(line)) for line in lines) > n_signs


def shorter_than_wrapped(lines: Sequence[str]) -> bool:
    """Return whether lines in a script without blanks end before the edge, as no wrapped ones do.

    Such a line is filled up to a sign or two, but for the last one and those that end a sentence.
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
    """Return how many columns a line takes: Chinese signs two, marks above a letter none."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else unicodedata.category(sign) != "Mn"
        for sign in line.strip()
    )
