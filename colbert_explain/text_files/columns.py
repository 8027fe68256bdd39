"""Find the columns of a table with names and texts, by headings and cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import mean

_LONGEST_HEADING = 60
_LONGEST_MEAN_NAME = 80
#: Rows that are examined.
_LOOKED_AT = 100
#: Usual headings of texts.
_TEXTS = frozenset(
    {
        *("text", "passage", "document", "contents", "content", "body", "doc", "abstract"),
        *("sentence", "paragraph", "passage_text", "doc_text", "document_text"),
        *("query", "question"),
    }
)
#: Usual headings of names, the most readable first.
_NAMES = (
    *("title", "name", "_id", "id", "docid", "doc_id", "docno", "document_id", "pid", "passage_id"),
    *("qid", "query_id", "key"),
)
#: Usual headings of other columns.
_OTHERS = frozenset(
    {
        *(
            "description",
            "summary",
            "label",
            "category",
            "topic",
            "type",
            "source",
            "url",
            "author",
        ),
        *("date", "year", "score", "language", "notes", "comment", "answer"),
    }
)
#: Up to three words, of which the first begins with a letter and is longer than that.
_HEADING = re.compile(r"[^\W\d]\w+(?:[ ./-]\w+){0,2}")
_NUMBER = re.compile(r"\d+")
#: The factor of a usual heading, compared with the length of cells.
_KNOWN = 10

Rows = Sequence[Sequence[str]]


def looks_like_header(rows: Rows, *, by_position: bool = False) -> bool:
    """Return whether the first row holds the names of the columns.

    Names are short and not numbers, and do not look like the cells below them. Half of them must be
    usual names, or all of them different and above numbers, above numbered ids or above texts that
    are at least twice as long. With ``by_position``, as in ColBERT's files, a row above ids and
    texts must hold a usual name.

    >>> looks_like_header([["id", "text"], ["1", "Cats sleep."]])
    True
    >>> looks_like_header([["1", "Cats sleep."], ["2", "Dogs bark."]])
    False
    >>> looks_like_header([["D1", "Cats."], ["D2", "Dogs bark when they are alone."]])
    False
    """
    first, body = rows[0], rows[1 : _LOOKED_AT + 1]
    names = [cell for cell in first if cell]
    if not body or not names:
        return False
    if any(len(name) > _LONGEST_HEADING or "\n" in name or is_number(name) for name in names):
        return False
    if any(_is_like_one_below(name, [row[j] for row in body]) for j, name in enumerate(first)):
        return False
    if are_known(names):
        return True
    if len(set(names)) < len(names):
        return False
    if len(names) < len(first):
        # The index that a program adds has no name and counts from 0.
        counted = [row[0] for row in body] == [str(number) for number in range(len(body))]
        return not first[0] and len(names) == len(first) - 1 and counted
    if any(all(is_number(row[j]) for row in body) for j in range(len(first))):
        return True
    if len(body) > 1 and _are_numbered([row[0] for row in body]):
        return True
    if by_position and (len(first) == 1 or are_ids_first(rows)):
        return any(name.casefold() in _OTHERS for name in names)
    if are_ids_first(rows) and not all(_HEADING.fullmatch(name) for name in names):
        return False
    longest = max(range(len(first)), key=lambda j: mean(len(row[j]) for row in body))
    return len(first[longest]) * 2 <= mean(len(row[longest]) for row in body)


def _is_like_one_below(name: str, cells: Sequence[str]) -> bool:
    """Return whether a cell below has the same letters and signs; all numbers count as equal."""
    return (
        bool(name)
        and not are_known([name])
        and _NUMBER.sub("0", name) in {_NUMBER.sub("0", cell) for cell in cells}
    )


def _are_numbered(cells: Sequence[str]) -> bool:
    """Return whether cells differ only in their numbers, such as ``D1`` and ``D2``."""
    shapes = {_NUMBER.sub("0", cell) for cell in cells}
    return len(shapes) == 1 and "0" in shapes.pop()


def are_known(names: Sequence[str]) -> bool:
    """Return whether at least half of some names are usual names of columns.

    >>> are_known(["id", "text"]), are_known(["id", "Cats sleep.", "no"]), are_known([])
    (True, False, False)
    """
    known = sum(name.casefold() in _TEXTS or name.casefold() in _NAMES for name in names)
    return bool(names) and 2 * known >= len(names)


def are_names_only(rows: Rows) -> bool:
    """Return whether there is one row, of single words, at least half of them usual names.

    >>> are_names_only([["id", "text"]]), are_names_only([["name", "Cats sleep."]])
    (True, False)
    """
    return len(rows) == 1 and are_known(rows[0]) and all(len(cell.split()) < 2 for cell in rows[0])


def unique_headings(first: Sequence[str]) -> tuple[str, ...]:
    """Return distinct names for all columns.

    >>> unique_headings(["id", "text", "text", ""])
    ('id', 'text', 'text (2)', 'Column 4')
    """
    found: list[str] = []
    for number, cell in enumerate(first, start=1):
        wanted = name = cell or f"Column {number}"
        k = 1
        while name in found:
            name = f"{wanted} ({(k := k + 1)})"
        found.append(name)
    return tuple(found)


def are_ids_first(rows: Rows) -> bool:
    """Return whether two or three columns hold ids, then texts.

    An id is a single word; it may be blank, or the same in several rows.

    >>> are_ids_first([["A", "Cats sleep.", "Cats"], ["A", "They eat.", ""]])
    True
    >>> are_ids_first([["1", "yes", "Cats sleep."], ["2", "yes", "They eat."], ["3", "yes", "No."]])
    False
    """
    ids = [row[0] for row in rows]
    if len(rows[0]) not in (2, 3) or not any(ids) or any(len(cell.split()) > 1 for cell in ids):
        return False
    texts = [row[1] for row in rows if row[1]]
    # Labels are numbers, or the same in many rows.
    return any(map(_is_prose, texts)) and 2 * len(set(texts)) > len(texts)


def text_column(headings: Sequence[str], body: Rows) -> int:
    """Return the column with the longest texts; one with a usual heading counts for more.

    Numbers, addresses and JSON are not texts.
    """
    sample = body[:_LOOKED_AT]

    def weight(column: int) -> tuple[float, bool, int]:
        known = headings[column].casefold() in _TEXTS
        cells = [row[column] for row in sample if row[column]]
        written = [cell for cell in cells if _is_prose(cell)]
        length = sum(map(len, written)) / len(sample)
        if 2 * len(written) < len(cells):
            length = 0.0
        return length * (_KNOWN if known else 1), known, sum(map(len, cells))

    return max(range(len(headings)), key=weight)


def name_column(headings: Sequence[str], body: Rows, texts: int) -> int | None:
    """Return the column whose short cells name the rows; None if there is none.

    Columns with distinct cells come first, then those with readable headings such as ``title``.
    """
    short = [
        column
        for column in range(len(headings))
        if column != texts
        and all(row[column] for row in body)
        and mean(len(row[column]) for row in body) <= _LONGEST_MEAN_NAME
        and not any(is_number(row[column]) and not row[column].strip().isdigit() for row in body)
    ]
    unique = [column for column in short if len({row[column] for row in body}) == len(body)]
    known = {column: headings[column].casefold() for column in short}
    for candidates in (unique, short):
        named = [column for column in candidates if known[column] in _NAMES]
        if named:
            return min(named, key=lambda column: _NAMES.index(known[column]))
        if candidates is unique and unique:
            return unique[0]
    return None


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number, with a point or a comma."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _is_prose(cell: str) -> bool:
    return not is_number(cell) and not cell.startswith(("http://", "https://", "{", "["))
