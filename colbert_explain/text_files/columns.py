"""Which columns of a table hold names and texts, found by their headings and by what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

_LONGEST_HEADING = 60
_LONGEST_MEAN_NAME = 80
#: Rows that are looked at.
_LOOKED_AT = 100
#: Headings under which texts stand.
_TEXTS = frozenset(
    {
        *("text", "passage", "document", "contents", "content", "body", "doc", "abstract"),
        *("sentence", "paragraph", "passage_text", "doc_text", "document_text"),
        *("query", "question"),
    }
)
#: Headings under which names stand, the most readable first.
_NAMES = (
    *("title", "name", "_id", "id", "docid", "doc_id", "docno", "document_id", "pid", "passage_id"),
    *("qid", "query_id", "key"),
)
#: A known heading counts as much as so many times the length.
_KNOWN = 10

Rows = Sequence[Sequence[str]]


def looks_like_header(rows: Rows) -> bool:
    """Return whether the first row holds the names of the columns.

    Such names are short and no numbers. Besides, half of them are usual names, or they are
    all different and stand above numbers, or above texts at least twice as long.

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
        # An index that a program wrote has no name, and counts from 0.
        counted = [row[0] for row in body] == [str(number) for number in range(len(body))]
        return not first[0] and len(names) == len(first) - 1 and counted
    if any(all(is_number(row[j]) for row in body) for j in range(len(first))):
        return True
    longest = max(range(len(first)), key=lambda j: mean(len(row[j]) for row in body))
    return len(first[longest]) * 2 <= mean(len(row[longest]) for row in body)


def are_known(names: Sequence[str]) -> bool:
    """Return whether half of some names, or more, are usual names of columns.

    >>> are_known(["id", "text"]), are_known(["id", "Cats sleep.", "no"]), are_known([])
    (True, False, False)
    """
    known = sum(name.casefold() in _TEXTS or name.casefold() in _NAMES for name in names)
    return bool(names) and 2 * known >= len(names)


def are_names_only(rows: Rows) -> bool:
    """Return whether there is one row, of words of which half or more are names of columns.

    >>> are_names_only([["id", "text"]]), are_names_only([["name", "Cats sleep."]])
    (True, False)
    """
    return len(rows) == 1 and are_known(rows[0]) and all(len(cell.split()) < 2 for cell in rows[0])


def unique_headings(first: Sequence[str]) -> tuple[str, ...]:
    """Return names for all columns, none of them blank or there twice.

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
    """Return whether two or three columns begin with short ids, no two alike, and then texts."""
    ids = [row[0] for row in rows]
    return (
        len(rows[0]) in (2, 3)
        and len(set(ids)) == len(ids)
        and all(cell and len(cell.split()) == 1 for cell in ids)
        and any(row[1] for row in rows)
    )


def text_column(headings: Sequence[str], body: Rows) -> int:
    """Return the column with the longest texts; numbers, addresses and JSON are none.

    A column that is called as texts usually are counts for more.
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
    """Return the column whose short cells tell the rows apart; None if there is none.

    Of several the one with the most readable heading, such as ``title``, then the first.
    """
    short = [
        column
        for column in range(len(headings))
        if column != texts
        and all(row[column] for row in body)
        and mean(len(row[column]) for row in body) <= _LONGEST_MEAN_NAME
        and not any(_is_fraction(row[column]) for row in body)
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


def _is_fraction(cell: str) -> bool:
    return is_number(cell) and not cell.strip().isdigit()


def _is_prose(cell: str) -> bool:
    return not is_number(cell) and not cell.startswith(("http://", "https://", "{", "["))
