"""Find the columns of a table with names and texts, by headings and cells."""

from __future__ import annotations

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
#: The factor of a usual heading, compared with the length of cells.
_KNOWN = 10

Rows = Sequence[Sequence[str]]


def looks_like_header(rows: Rows) -> bool:
    """Return whether the first row holds the names of the columns.

    Names are short and not numbers. Half of them must be usual names, or all of them different and
    above numbers or above texts that are at least twice as long.

    >>> looks_like_header([["id", "text"], ["1", "Cats sleep."]])
    True
    >>> looks_like_header([["1", "Cats sleep."], ["2", "Dogs bark."]])
    False
    """
    first, body = rows[0], rows[1 : _LOOKED_AT + 1]
    names = [cell for cell in first if cell]
    if not body or not names:
        return False
    if any(len(name) > _LONGEST_HEADING or "\n" in name or is_number(name) for name in names):
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
    longest = max(range(len(first)), key=lambda j: mean(len(row[j]) for row in body))
    return len(first[longest]) * 2 <= mean(len(row[longest]) for row in body)


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
    """Return whether the first of two or three columns holds distinct short ids."""
    ids = [row[0] for row in rows]
    return (
        len(rows[0]) in (2, 3)
        and len(set(ids)) == len(ids)
        and all(cell and len(cell.split()) == 1 for cell in ids)
        and any(row[1] for row in rows)
    )


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
