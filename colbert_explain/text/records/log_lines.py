"""Which lines begin an entry of a log or a chat, by what they begin with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

#: What no other line begins with: a date, a time to the second, a level, an address, who speaks.
_ENTRY = re.compile(
    r"\s*(?:\[?\d{4}年|\[?\d{4}[-/.]\d\d[-/.]\d\d(?:[T ,]|\b)|\[?\d{1,2}:\d\d(?::\d\d)?\b|"
    r"[\[(]?\d\d?[/.]\d\d?[/.]\d{2,4},? \d|\d{1,3}(?:\.\d{1,3}){3}\s|\d{10,13}(?:\.\d+)?\s|"
    # Names of days and months, numbers of days and processes may come before the time.
    r"\[?(?:[\w./,+-]{1,12} +){0,3}[\dT:-]*\d\d:\d\d:\d\d|"
    r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b|"
    r"\[[A-Za-z][\w.:@/-]{0,30}\]\s|<\d{1,3}>|<[^<>\s]{1,30}>\s)"
)
#: The number or the letter of a list item, or its bullet.
ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●○■□➢#]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
#: Hexadecimal numbers with colons between them, such as addresses.
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")
#: So many words from the start of a line are compared.
_COMPARED_WORDS = 3


def entry_starts(lines: Sequence[str]) -> list[bool] | None:
    """Return which lines begin an entry, if three of ten begin as only entries do; else None.

    Examples
    --------
    >>> entry_starts(["W1128 10:00:01 no seed", "at shore", "E1128 10:00:02 no fish"])
    [True, False, True]
    """
    begins = [_ENTRY.match(line) is not None for line in lines]
    return begins if sum(begins) >= max(2, 0.3 * len(lines)) else None


def alike_starts(lines: Sequence[str]) -> list[bool] | None:
    """Return which lines begin an entry, if nearly all begin alike and not as prose does.

    For that every number is as good as every other, and so is every word. A line that is further
    to the right than the first goes on with the entry before it. Lists of items are none.

    Examples
    --------
    >>> alike_starts(["s12/a no seed", "s7/b no fish", "  at shore", "s3/a no grass"])
    [True, True, False, True]
    >>> alike_starts(["12 herds moved north, and in", "2019 they stayed"]) is None
    True
    """
    if any(ITEM.match(line) for line in lines):
        return None
    begins = [_indent(line) <= _indent(lines[0]) for line in lines]
    outside = [line for line, begin in zip(lines, begins, strict=True) if begin]
    for n_words in range(1, _COMPARED_WORDS + 1):
        shapes = Counter(_shape(line, n_words) for line in outside)
        shape, number = shapes.most_common(1)[0]
        if _signs(shape) and number >= max(_least(shape), 0.9 * len(outside)):
            return begins
    return None


def _least(shape: str) -> int:
    """Return how many lines must begin so: the more that prose may begin so, too."""
    if shape.split()[0].isalpha():
        return 4
    return 2 if _signs(shape) > 1 else 3


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _shape(line: str, n_words: int) -> str:
    """Return the first words of a line, each number as 0 and each other word as a."""
    words = re.sub(r"([\[(<]) +", r"\1", line.strip()).split(maxsplit=n_words)[:n_words]
    return " ".join(
        "0:0"
        if _HEXADECIMAL.fullmatch(word)
        else re.sub(r"\w+", lambda found: "0" if re.search(r"\d", found[0]) else "a", word)
        for word in words
    )


def _signs(shape: str) -> int:
    """Count what tells a shape from that of prose: numbers, pairs of brackets."""
    return shape.count("0") + len(re.findall(r"\[[^ ]*\]|<[^ ]*>", shape))
