"""Find tables with drawn lines: of Markdown, SQL clients, box drawing and MediaWiki."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from colbert_explain.text.records.line_starts import LineGroup

_RULE = re.compile(r"[\s|+:=\-\u2500-\u257f]*[-=\u2500-\u257f][\s|+:=\-\u2500-\u257f]*")
#: Signs in or at the ends of a drawn line, and signs between cells.
_CROSSING, _BAR = re.compile(r"[|+\u2500-\u257f]"), re.compile(r"[|\u2502\u2503\u2551]")
#: Beginning and end of MediaWiki's table, its rows, the names of its columns.
_WIKI_OPENS, _WIKI_ENDS = re.compile(r"\s*\{\|"), re.compile(r"\s*\|\}")
_WIKI_RULE, _WIKI_NAMES = re.compile(r"\s*\|-"), re.compile(r"\s*!")


def drawn_tables(lines: Sequence[str]) -> Iterator[tuple[int, list[LineGroup]]]:
    """Yield the first line of each table, and its drawn lines and rows with their header.

    >>> table = [" id | animal", "----+-------", "  1 | cat"]
    >>> [(first, [group.header for group in groups]) for first, groups in drawn_tables(table)]
    [(0, [-1, -1, 0])]
    """
    number = 0
    while number < len(lines):
        found = None
        if _WIKI_OPENS.match(lines[number]):
            found = _wiki_table(lines, number)
        elif number and _is_below_names(lines, number):
            found = _ruled_table(lines, number)
        if found:
            yield found[0].first, found
            number = found[-1].stop
        else:
            number += 1


def is_rule(line: str) -> bool:
    """Return whether a line is a drawn line: only strokes and crossings.

    >>> [is_rule(line) for line in ("|---|:-:|", "+====+", "├────┤", "--  ---", "| - a |", "")]
    [True, True, True, True, False, False]
    """
    return _RULE.fullmatch(line) is not None


def _is_row(line: str) -> bool:
    return _BAR.search(line) is not None and not is_rule(line)


def _is_below_names(lines: Sequence[str], rule: int) -> bool:
    """Return whether a line is a drawn line between two rows."""
    return (
        is_rule(lines[rule])
        and _CROSSING.search(lines[rule]) is not None
        and _is_row(lines[rule - 1])
        and rule + 1 < len(lines)
        and _BAR.search(lines[rule + 1]) is not None
    )


def _ruled_table(lines: Sequence[str], rule: int) -> list[LineGroup]:
    """Return the lines of a table, of which the first names the columns."""
    groups = [LineGroup(rule - 1, rule), LineGroup(rule, rule + 1)]
    for number in range(rule + 1, len(lines)):
        if is_rule(lines[number]):
            groups.append(LineGroup(number, number + 1))
        elif _is_row(lines[number]):
            groups.append(LineGroup(number, number + 1, header=rule - 1))
        else:
            break
    return groups


def _wiki_table(lines: Sequence[str], first: int) -> list[LineGroup]:
    """Return the rows of a table, each the lines between two drawn lines."""
    groups, header = [LineGroup(first, first + 1)], -1
    begin = first + 1
    for number in range(first + 1, len(lines) + 1):
        ends = number == len(lines) or _WIKI_ENDS.match(lines[number]) is not None
        if not ends and not _WIKI_RULE.match(lines[number]):
            continue
        if begin < number:
            if _WIKI_NAMES.match(lines[begin]) and header < 0:
                header = begin
                groups.append(LineGroup(begin, number))
            else:
                groups.append(LineGroup(begin, number, header=header))
        if number < len(lines):
            groups.append(LineGroup(number, number + 1))
        begin = number + 1
        if ends:
            break
    return groups
