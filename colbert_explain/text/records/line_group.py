"""Lines of a paragraph that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines that belong together.

    Attributes
    ----------
    first, stop
        The number of the first line, and of the line after the last.
    is_record
        Whether they are one record, which full stops do not divide.
    header
        The number of the line with the names of the columns; -1 where there is none.
    """

    first: int
    stop: int
    is_record: bool = True
    header: int = -1


def each(lines: Sequence[str], *, is_record: bool = True) -> list[LineGroup]:
    """Return one group for each line."""
    return [LineGroup(j, j + 1, is_record) for j in range(len(lines))]


def joined(begins: Sequence[bool]) -> list[LineGroup]:
    """Return one group for each line that begins a record, with the lines that follow it."""
    firsts = [j for j, begin in enumerate(begins) if begin or j == 0]
    return [LineGroup(a, b) for a, b in zip(firsts, [*firsts[1:], len(begins)], strict=True)]
