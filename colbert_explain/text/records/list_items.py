"""Which lines begin the items of a numbered list: 1. 2., (a) (b), iv) v), [1] [2] or 一、二、."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

#: A number or letter, and the sign after it, which needs no blank where the script has none.
_LABEL = re.compile(
    r"\s*(?P<open>[(\[（])?"  # noqa: RUF001 - full width counts too
    r"(?P<word>[A-Z][a-z]{2,10}\s)?"
    r"(?P<label>[A-Z]?(?:\d{1,3}\.)*\d{1,3}|[A-Za-z]|[ivxIVX]{1,6}|[^\W\dA-Za-z])"
    r"(?:(?P<close>[)\]]|(?(open)(?!)|\.))(?=\s+\S)|(?P<wide>[、．）])(?=\s*\S))"  # noqa: RUF001
)
#: What may stand before a list.
_ENDED = re.compile(r"[.:;!?…。：；！？][\"'”’)]*\s*\Z")  # noqa: RUF001
_ROMAN = {"i": 1, "v": 5, "x": 10}


def numbered_items(lines: Sequence[str]) -> frozenset[int]:
    """Return which lines begin an item of a list, by their numbers.

    Lines do that begin with a number or letter each, and with one more each time: at least three,
    or two where the text before them has come to an end, or any that is further to the right than
    the line before it. Numbers that merely come to stand at the beginning of wrapped lines do not
    go on so.

    Examples
    --------
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
            if len(run) >= _least(lines, run[0]):
                found.update(run)
    return frozenset(found)


def _least(lines: Sequence[str], first: int) -> int:
    """Return how many items must follow one another, judged by what stands before the first."""
    if first == 0 or _ENDED.search(lines[first - 1]):
        return 2
    return 1 if _indent(lines[first]) > _indent(lines[first - 1]) else 3


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _runs(labels: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[list[int]]:
    """Yield the numbers of lines whose labels follow one another."""
    run = [labels[0][0]]
    for (_, before), (number, after) in pairwise(labels):
        if not _follows(before, after):
            yield run
            run = []
        run.append(number)
    yield run


def _values(label: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what a label may count, and how far; ``i`` is a letter and a number."""
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
    """Return whether one number comes next; Markdown may call every item the first."""
    if before == after == (1,):
        return True
    return any(after == (*before[:depth], before[depth] + 1) for depth in range(len(before)))
