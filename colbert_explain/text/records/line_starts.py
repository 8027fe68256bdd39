"""Find records by how lines begin: entries of logs and chats, items of numbered lists."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: The beginning of an entry: a date, a time, a level, an address, a speaker.
_ENTRY = re.compile(
    r"\s*(?:\[?\d{4}年|\[?\d{4}[-/.]\d\d[-/.]\d\d(?:[T ,]|\b)|\[?\d{1,2}:\d\d(?::\d\d)?\b|"
    r"[\[(]?\d\d?[/.]\d\d?[/.]\d{2,4},? \d|\d{1,3}(?:\.\d{1,3}){3}\s|\d{10,13}(?:\.\d+)?\s|"
    # Before a time: names of days and months, numbers of days and processes.
    r"\[?(?:[\w./,+-]{1,12} +){0,3}[\dT:-]*\d\d:\d\d:\d\d|"
    r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b|"
    r"\[[A-Za-z][\w.:@/-]{0,30}\]\s|<\d{1,3}>|<[^<>\s]{1,30}>\s)"
)
#: The number, letter or bullet of a list item.
ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●○■□➢#]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
#: Hexadecimal numbers with colons, such as addresses.
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")
#: Words at the start of a line that are compared.
_COMPARED_WORDS = 3
#: A number or letter and the sign after it; some scripts have no blank after that.
_LABEL = re.compile(
    r"\s*(?P<open>[(\[（])?"  # noqa: RUF001 - full width counts too
    r"(?P<word>[A-Z][a-z]{2,10}\s)?"
    r"(?P<label>[A-Z]?(?:\d{1,3}\.)*\d{1,3}|[A-Za-z]|[ivxIVX]{1,6}|[^\W\dA-Za-z])"
    r"(?:(?P<close>[)\]]|(?(open)(?!)|\.))(?=\s+\S)|(?P<wide>[、．）])(?=\s*\S))"  # noqa: RUF001
)
#: The end of the text before a list.
_ENDED = re.compile(r"[.:;!?…。：；！？][\"'”’)]*\s*\Z")  # noqa: RUF001
_ROMAN = {"i": 1, "v": 5, "x": 10}


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines from ``first`` up to ``stop``, which is not included.

    ``header`` is the number of the line with the names of the columns; -1 without one. A record
    is not divided by full stops.
    """

    first: int
    stop: int
    is_record: bool = True
    header: int = -1


def each(lines: Sequence[str], *, is_record: bool = True) -> list[LineGroup]:
    """Return one group for each line."""
    return [LineGroup(j, j + 1, is_record) for j in range(len(lines))]


def joined(begins: Sequence[bool]) -> list[LineGroup]:
    """Return one group for each line that begins a record, with the lines after it."""
    firsts = [j for j, begin in enumerate(begins) if begin or j == 0]
    return [LineGroup(a, b) for a, b in zip(firsts, [*firsts[1:], len(begins)], strict=True)]


def entry_starts(lines: Sequence[str]) -> list[bool] | None:
    """Return which lines begin an entry, if three of ten do; else None.

    >>> entry_starts(["W1128 10:00:01 no seed", "at shore", "E1128 10:00:02 no fish"])
    [True, False, True]
    """
    begins = [_ENTRY.match(line) is not None for line in lines]
    return begins if sum(begins) >= max(2, 0.3 * len(lines)) else None


def alike_starts(lines: Sequence[str]) -> list[bool] | None:
    """Return which lines begin an entry, if nearly all begin alike and unlike prose; else None.

    All numbers count as equal, and so do all words. A line with a larger indent than the first
    continues the entry before it. Lists of items are not entries.

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
    """Return how many lines must begin alike; more for a shape that prose may have too."""
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
    """Count the numbers and pairs of brackets, which are rare in prose."""
    return shape.count("0") + len(re.findall(r"\[[^ ]*\]|<[^ ]*>", shape))


def numbered_items(lines: Sequence[str]) -> frozenset[int]:
    """Return the numbers of lines that begin an item of a list.

    These lines begin with consecutive numbers or letters. Three are necessary, but two after the
    end of a sentence, and one with a larger indent than the line before it. Numbers at the
    beginning of wrapped lines are not consecutive.

    >>> sorted(numbered_items(["They eat:", "a) grass", "which is green", "b) bark"]))
    [1, 3]
    >>> sorted(numbered_items(["Of all animals he fed", "12. The others found food."]))
    []
    """
    found: set[int] = set()
    labels: dict[tuple[str, ...], list[tuple[int, tuple[int, ...]]]] = {}
    for number, line in enumerate(lines):
        label = _LABEL.match(line)
        if label:
            signs = (label["open"] or "", label["word"] or "", label["close"] or label["wide"])
            for kind, value in _values(label["label"]):
                labels.setdefault((*signs, kind), []).append((number, value))
    for same in labels.values():
        for run in _runs(same):
            if len(run) >= _least_items(lines, run[0]):
                found.update(run)
    return frozenset(found)


def _least_items(lines: Sequence[str], first: int) -> int:
    """Return how many consecutive items are necessary after the line before the first."""
    if first == 0 or _ENDED.search(lines[first - 1]):
        return 2
    return 1 if _indent(lines[first]) > _indent(lines[first - 1]) else 3


def _runs(labels: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[list[int]]:
    """Yield the numbers of lines with consecutive labels."""
    run = [labels[0][0]]
    for (_, before), (number, after) in pairwise(labels):
        if not _follows(before, after):
            yield run
            run = []
        run.append(number)
    yield run


def _values(label: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each kind of count that a label may be, and its value; ``i`` may be two kinds."""
    if label[-1].isdigit():
        letter = label[0] if label[0].isalpha() else ""
        yield f"{letter} numbers", tuple(int(part) for part in label[len(letter) :].split("."))
        return
    if label.isascii():
        case = "small" if label.islower() else "large"
        if len(label) == 1:
            yield f"{case} letters", (ord(label.lower()),)
        if set(label.lower()) <= set(_ROMAN):
            yield f"{case} Roman", (_of_roman(label.lower()),)
    elif unicodedata.numeric(label, None) is not None:
        yield "signs", (int(unicodedata.numeric(label)),)


def _of_roman(label: str) -> int:
    values = [_ROMAN[letter] for letter in label]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _follows(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Return whether ``after`` comes next; in Markdown all items may have the number 1."""
    if before == after == (1,):
        return True
    return any(after == (*before[:depth], before[depth] + 1) for depth in range(len(before)))
