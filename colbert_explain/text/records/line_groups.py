"""Find lines that are records: rows of tables, logs, JSON, keys and values, plain lists.

Records are recognised by what their lines have in common. Lines of wrapped prose have similar
lengths, but not the same signs in each line or the same words in one place.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from colbert_explain.text.records.drawn_tables import drawn_tables, is_rule
from colbert_explain.text.records.line_starts import (
    ITEM,
    LineGroup,
    alike_starts,
    each,
    entry_starts,
    joined,
)
from colbert_explain.text.records.short_lines import (
    are_addresses,
    few_words,
    shorter_than_wrapped,
)
from colbert_explain.text_files.columns import looks_like_header

#: A line with a bar at both ends.
_BARRED = re.compile(r"\s*\|.*\|\s*")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
#: A line that is a value of JSON, a row of SQL or an element of XML.
_ENCLOSED = re.compile(r"\s*(?:\{.*\}|\[.*\]|\(.*\)|<([\w:.-]+)\b[^>]*(?:/>|>.*</\1>))\s*[,;]?\s*")
#: Elements of HTML with sentences.
_HOLDS_PROSE = re.compile(r"\s*<(?:p|li|d[dt]|div|h\d|blockquote)\b", re.IGNORECASE)
_STRING = re.compile(r'\s*".*"\s*,?\s*')
#: A possible name of a column.
_NAME = re.compile(r"[^\W\d][^\W\d]*(?:[ ./-][^\W\d]+){0,2}")
_KEY = re.compile(
    r"\s*(?:- )?[\"']?[\w.@$-]+(?: [\w.-]+){0,2}[\"']?\s?(?::(?=\s|\Z)|=(?=\S|\s|\Z))"
)
_CODE = re.compile(r".*(?:[;{}]|\)\s*:)\s*")
#: A line of code after which the next one is indented.
_CODE_OPENS = re.compile(
    r"(\s*)(?:(?:async |export |public |private |static )*(?:def|class|if|for|while|with|try|else|"
    r"elif|except|finally|function|switch|match|case)\b.*|.*\)\s*(?:=>\s*)?)[:{(]\s*"
)
_STOP_INSIDE = re.compile(r"[.!?]['\"”’)]* +[A-Z]")  # noqa: RUF001 - closing quotation marks
#: Words that are frequent in prose and so not part of a pattern.
_ANYWHERE = frozenset(
    {
        *("the", "of", "and", "a", "an", "to", "in", "is", "was", "that", "for", "on", "with"),
        *("as", "by", "at", "it", "or", "from"),
    }
)
#: Fewer lines may have a word or a length in common by chance.
_LEAST_ALIKE = 4
#: Words at the start of a line that are compared.
_COMPARED_WORDS = 6


def line_groups(lines: Sequence[str]) -> list[LineGroup] | None:
    """Return the groups of lines in a paragraph; None if it is prose.

    Parameters
    ----------
    lines
        Lines without line breaks; none is blank.

    >>> [(g.first, g.stop, g.header) for g in line_groups(["name,age", "Ann,3", "Bob,5"])]
    [(0, 1, -1), (1, 2, 0), (2, 3, 0)]
    >>> line_groups(["Elephants eat", "grass and bark"]) is None
    True
    """
    return _tables(lines) or _without_rule(lines)


def _without_rule(lines: Sequence[str]) -> list[LineGroup] | None:
    if len(lines) < 2:
        return each(lines) if _is_json_object(lines[0]) else None
    for kind in (_enclosed, _log_lines, _delimited, _aligned, _keys, _begin_alike, _lines_alike):
        found = kind(lines)
        if found is not None:
            return found
    return None


def _tables(lines: Sequence[str]) -> list[LineGroup] | None:
    """Group the lines of tables with drawn lines, and the lines around them."""
    groups: list[LineGroup] = []
    done = 0
    for first, table in drawn_tables(lines):
        groups += [*_around(lines, done, first), *table]
        done = groups[-1].stop
    return [*groups, *_around(lines, done, len(lines))] if groups else None


def _around(lines: Sequence[str], first: int, stop: int) -> list[LineGroup]:
    """Return the groups of lines beside a table."""
    if first == stop:
        return []
    groups = _without_rule(lines[first:stop])
    if groups is None:
        return [LineGroup(first, stop, is_record=False)]
    return [
        LineGroup(
            *(group.first + first, group.stop + first, group.is_record),
            header=group.header + first if group.header >= 0 else -1,
        )
        for group in groups
    ]


def _enclosed(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find JSON, rows of SQL or elements of XML, perhaps without the first and last line."""
    pattern = _STRING if lines[0].rstrip().endswith("[") else _ENCLOSED
    if any(_ENCLOSED.fullmatch(line) for line in lines[1:3]):
        pattern = _ENCLOSED
    inside = [pattern.fullmatch(line) is not None for line in lines]
    if sum(inside) < 2 or not all(inside[1:-1]):
        return None
    return each(lines, is_record=not any(_HOLDS_PROSE.match(line) for line in lines))


def _is_json_object(line: str) -> bool:
    if line.strip()[:1] != "{":
        return False
    try:
        return bool(json.loads(line))
    except (ValueError, RecursionError):
        return False


def _log_lines(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find entries of a log; other lines continue the entry before them."""
    begins = entry_starts(lines)
    return None if begins is None else joined(begins)


def _begin_alike(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find entries of any other kind."""
    begins = alike_starts(lines)
    return None if begins is None else joined(begins)


def _keys(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find lines such as ``name: value``, ``NAME=value`` and ``Ann: Good morning!``."""
    keys = [_KEY.match(line) is not None for line in lines]
    begins = [key or ITEM.match(line) is not None for key, line in zip(keys, lines, strict=True)]
    if len(lines) < 3 or sum(begins) < 0.8 * len(lines) or sum(keys) < 0.5 * len(lines):
        return None
    return joined(begins)


def _delimited(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find rows with tabs, bars, semicolons or commas between fields."""
    for delimiter in "\t|;,":
        rows = _logical_rows(lines, delimiter)
        cells = [_cells(" ".join(lines[a:b]), delimiter) for a, b in rows]
        usual, n_usual = Counter(map(len, cells)).most_common(1)[0]
        if delimiter == "\t":
            fits = all(len(row) > 1 for row in cells)
        else:
            barred = delimiter == "|" and all(map(_BARRED.fullmatch, lines))
            enough = len(rows) > (1 if barred else 2)
            fits = usual > 1 and n_usual >= 0.9 * len(rows) and enough
        if not fits or (delimiter in ";," and not _is_tight(lines, delimiter)):
            continue
        same = [row for row in cells if len(row) == len(cells[0])]
        named = len(same) > 1 and (looks_like_header(same) or _may_be_names(same))
        header = 0 if named else -1
        return [
            LineGroup(a, b, header=header if number else -1) for number, (a, b) in enumerate(rows)
        ]
    return None


def _may_be_names(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a first row may be names: short, distinct and not repeated below.

    The first row stays a passage, so a wrong guess does little harm.
    """
    first, *body = rows
    return (
        len(body) > 1
        and len(set(first)) == len(first)
        and all(_NAME.fullmatch(cell) for cell in first)
        and not any(cell in first for row in body for cell in row)
    )


def _logical_rows(lines: Sequence[str], delimiter: str) -> list[tuple[int, int]]:
    """Join the lines of a quoted field."""
    rows, first, open_quote = [], 0, False
    for number, line in enumerate(lines):
        if delimiter in ";," and line.count('"') % 2:
            open_quote = not open_quote
        if not open_quote:
            rows.append((first, number + 1))
            first = number + 1
    if open_quote:  # never closed, so not a quoted field
        rows += [(number, number + 1) for number in range(first, len(lines))]
    return rows


def _cells(line: str, delimiter: str) -> list[str]:
    line = line.strip().strip("|") if delimiter == "|" else line.strip()
    if delimiter in ";,":
        line = _QUOTED.sub(lambda quoted: quoted[0].replace(delimiter, " "), line)
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _is_tight(lines: Sequence[str], delimiter: str) -> bool:
    """Return whether no blank follows the delimiter, unlike in prose, except before a quote."""
    tight = re.compile(rf'{delimiter}(?:\S| *")')
    return sum(tight.search(line) is not None for line in lines) >= 0.9 * len(lines)


def _aligned(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find columns of fixed width, with two blanks at the same place in every row."""
    rows = [number for number, line in enumerate(lines) if not is_rule(line)]
    is_ruled = len(rows) < len(lines)
    if len(rows) < (2 if is_ruled else _LEAST_ALIKE):
        return None
    shared: set[int] | None = None
    for row in rows:
        text = lines[row].rstrip()
        inner = len(text) - len(text.lstrip())
        places = {
            place
            for gap in re.finditer(r" {2,}", text)
            if gap.start() >= inner
            for place in range(gap.start(), gap.end() - 1)
        }
        shared = places if shared is None else shared & places
        if not shared:
            return None
    first = lines[rows[0]]
    digits = [any(sign.isdigit() for sign in lines[row]) for row in rows]
    named = first.isupper() or (not digits[0] and 2 * sum(digits) >= len(rows))
    named = named or (is_ruled and rows[1] > rows[0] + 1)
    headed = set(rows[1:]) if named else set()
    return [LineGroup(j, j + 1, header=rows[0] if j in headed else -1) for j in range(len(lines))]


def _lines_alike(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find other lines that are not wrapped prose; they may contain sentences."""
    n = len(lines)
    if any(ITEM.match(line) for line in lines):
        return None
    if sum(_CODE.fullmatch(line) is not None for line in lines) >= 0.6 * n or _is_indented(lines):
        return each(lines)
    if are_addresses(lines) or shorter_than_wrapped(lines):
        return each(lines, is_record=False)
    if n < _LEAST_ALIKE:
        return None
    alike = (
        few_words(lines)
        or _same_word(lines)
        or _same_length(lines)
        or _all_begin_large(lines)
        or _small_short(lines)
    )
    return each(lines, is_record=False) if alike else None


def _is_indented(lines: Sequence[str]) -> bool:
    """Return whether a line of code opens a block and the next line is indented."""
    for line, following in pairwise(lines):
        opens = _CODE_OPENS.fullmatch(line)
        if opens and re.match(rf"{re.escape(opens[1])}\s+\S", following):
            return True
    return False


def _same_word(lines: Sequence[str]) -> bool:
    """Return whether most lines have the same word in one place; all numbers count as equal."""
    words = [re.sub(r"\d+", "9", line).split() for line in lines]
    for place in (*range(_COMPARED_WORDS), -1):
        found = Counter(row[place] for row in words if len(row) > place)
        for word, number in found.most_common(1):
            needed = 0.95 if word.lower() in _ANYWHERE else 0.7
            if number >= needed * len(lines):
                return True
    return False


def _same_length(lines: Sequence[str]) -> bool:
    """Return whether all lines, the last included, have one length without padding."""
    stripped = [line.strip() for line in lines]
    if len(set(map(len, stripped))) > 1 or any("  " in line for line in stripped):
        return False
    stops = sum(_STOP_INSIDE.search(line) is not None for line in stripped)
    return all(" " in line for line in stripped) and 4 * stops <= len(lines)


def _all_begin_large(lines: Sequence[str]) -> bool:
    """Return whether more lines begin with a capital or a digit than in wrapped prose."""
    words = [line.split() for line in lines]
    begin = sum(_is_large(row[0]) for row in words)
    large = sum(_is_large(word) for row in words for word in row)
    share = large / max(1, sum(map(len, words)))
    return bool(begin >= 0.9 * len(lines) and share ** (len(lines) - 1) < 0.01)


def _is_large(word: str) -> bool:
    first = word.lstrip("\"'“‘(¿¡")[:1]  # noqa: RUF001 - quotation marks
    return first.isupper() or first.isdigit()


def _small_short(lines: Sequence[str]) -> bool:
    """Return whether lines begin in lower case, and many have room for the next word."""
    words = [line.split() for line in lines]
    if _is_large(words[0][0]):
        return False
    small = sum(not _is_large(row[0]) for row in words)
    width = max(map(len, lines))
    short = sum(
        len(line) + 1 + len(following[0]) <= 0.85 * width
        for line, following in zip(lines, words[1:], strict=False)
    )
    return small >= 0.9 * len(lines) and short >= max(2, 0.25 * (len(lines) - 1))
