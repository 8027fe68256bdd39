"""Rows of CSV files as spreadsheets write them, and of TSV files as ColBERT writes them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from colbert_explain.text_files.columns import is_number
from colbert_explain.text_files.decoding import FileRefused

#: What may stand between two fields; prose holds the first ones least often.
DELIMITERS = ("\t", ";", ",")
#: Spreadsheets say so in a first line of its own.
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(\\t|[^\n\w\s\"]|\t)\"?[ ,;\t]*(?:\n|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')

Rows = list[tuple[int, list[str]]]
_Reading = tuple[Rows, str]


def split_csv(name: str, text: str) -> list[list[str]]:
    r"""Return all rows that are not blank, each with as many fields as the first.

    Blanks around quoted fields are no part of them.

    Raises
    ------
    FileRefused
        If the rows have different numbers of fields, or a quotation mark is not closed.

    Examples
    --------
    >>> split_csv("a.csv", 'sep=;\nid; text\n1; "a; b"\n')
    [['id', 'text'], ['1', 'a; b']]
    """
    said, before = _SEPARATOR_LINE.match(text), 0
    delimiters: tuple[str, ...] = DELIMITERS
    if said:
        delimiters = ("\t" if said[1] == "\\t" else said[1],)
        text, before = text[said.end() :], said[0].count("\n")
    if not text.strip(" \n" + "".join(delimiters)):
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    readings = {delimiter: _split(text, delimiter) for delimiter in delimiters}
    delimiter = max(delimiters, key=lambda d: _fit(readings[d]))
    if not said and _fit(readings[delimiter]) <= 0:
        # One column, in which the other signs are only text, or a table that fits no reading.
        delimiter = _single_column(readings) or _of_first_row(text, readings) or ","
    rows, problem = readings[delimiter]
    if problem:
        raise FileRefused(
            f"{name!r} must be a table of values with commas, semicolons or tabs "
            f"between them, but {problem}"
        )
    return _of_equal_length(name, rows, before)


def split_tsv(name: str, text: str) -> list[list[str]]:
    r"""Return all rows that are not blank, filled up to the number of fields of the longest.

    There is no quoting: quotation marks are text. A row may leave out its last fields, such as
    ColBERT's optional title, but for the first two.

    Raises
    ------
    FileRefused
        If a row has no tab while others have, or more fields than fit the others.

    Examples
    --------
    >>> split_tsv("a.tsv", '1\tsaid "a"\n2\tb\tTitle\n')
    [['1', 'said "a"', ''], ['2', 'b', 'Title']]
    """
    rows = [
        (line, row.split("\t")) for line, row in enumerate(text.split("\n"), start=1) if row.strip()
    ]
    if not rows:
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    counts = Counter(len(row) for _, row in rows)
    usual = max(counts, key=lambda n: (counts[n], n))
    if usual == 1 and len(counts) == 1:
        commas = _split(text, ",")
        if _fit(commas) == 1 and _has_structure(text, ","):
            raise FileRefused(
                f"{name!r} must have tabs between its values, but has commas: rename it to .csv"
            )
    least = 1 if usual == 1 else 2
    for line, row in rows:
        if not least <= len(row) <= usual + 1:
            raise FileRefused(
                f"the rows of {name!r} must have {_fields(usual)} with tabs between them, as most "
                f"do, but line {line:,} has {len(row)}"
            )
    most = max(counts)
    return [row + [""] * (most - len(row)) for _, row in rows]


def _fields(number: int) -> str:
    return f"{number} {'field' if number == 1 else 'fields'}"


def _of_equal_length(name: str, rows: Rows, lines_before: int) -> list[list[str]]:
    if not rows:
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    n_fields = len(rows[0][1])
    for line, row in rows:
        while len(row) > n_fields and not row[-1].strip():
            row.pop()  # blank cells that a spreadsheet still counts
        if len(row) != n_fields:
            raise FileRefused(
                f"the rows of {name!r} must all have as many fields as the first, {n_fields}, but "
                f"the row that ends in line {line + lines_before:,} has {len(row)}"
            )
    return [row for _, row in rows]


def _split(text: str, delimiter: str) -> _Reading:
    """Read all rows with the number of their last line, and say what is wrong, if anything."""
    rows, problem = _strictly(text, delimiter)
    if "expected after" in problem:  # blanks between a closing quotation mark and what follows
        closed = re.sub(rf'"[ ]+(?={re.escape(delimiter)}|\n|\Z)', '"', text)
        rows, problem = _strictly(closed, delimiter)
    return rows, problem


def _strictly(text: str, delimiter: str) -> _Reading:
    rows: Rows = []
    before = csv.field_size_limit(max(len(text), 1))  # a document may be longer than csv expects
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, row))
    except csv.Error as error:
        what = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
        return rows, f"up to line {reader.line_num:,} {what}"
    finally:
        csv.field_size_limit(before)
    return rows, ""


def _fit(reading: _Reading) -> float:
    """Share of the rows that have as many fields as the first; 0 if that is one or fits few."""
    rows, problem = reading
    if not rows or len(rows[0][1]) < 2:
        return 0.0
    n_fields = len(rows[0][1])
    share = sum(
        # Half of a quotation is what stands there if a sign within a quotation is taken for one
        # between two fields.
        len(row) == n_fields and not any(cell.count('"') % 2 for cell in row)
        for _, row in rows
    ) / len(rows)
    return 0.0 if share <= 0.5 else share - (0.5 if problem else 0.0)


def _single_column(readings: dict[str, _Reading]) -> str:
    """Return a delimiter that none of the rows holds, if the others are signs in prose."""
    alone = [
        delimiter
        for delimiter, (rows, problem) in readings.items()
        if rows and not problem and all(len(row) == 1 for _, row in rows)
    ]
    first = readings[alone[0]][0][0][1][0] if alone else ""
    return alone[0] if alone and not any(_has_structure(first, d) for d in DELIMITERS) else ""


def _of_first_row(text: str, readings: dict[str, _Reading]) -> str:
    """Return what separates the fields of the first row, as it seems."""
    first = text.lstrip("\n").split("\n", 1)[0]
    return next((d for d in DELIMITERS if d in readings and _has_structure(first, d)), "")


def _has_structure(text: str, delimiter: str) -> bool:
    """Return whether the first line is one of fields: in prose a blank follows such a sign."""
    line = _QUOTED.sub("q", text.lstrip("\n").split("\n", 1)[0])
    fields = line.split(delimiter)
    if len(fields) < 2:
        return False
    tight = not any(field[:1] in ("", " ") for field in fields[1:])
    words = all(field.strip() and " " not in field.strip() for field in fields)
    return (tight or words) and not all(is_number(field) for field in fields)
