"""Read rows of CSV and TSV files, and write CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from colbert_explain.text_files.columns import are_known, is_number, looks_like_header
from colbert_explain.text_files.decoding import FileRefused, short_name

if TYPE_CHECKING:
    import pandas as pd

#: Delimiters of fields, the one that is rarest in prose first.
DELIMITERS = ("\t", ";", ",")
#: Delimiters that are rare in tables, so all rows must fit.
_RARE_DELIMITERS = ("|", ":", "^", "~")
#: Most lines of a title above the names of the columns.
_LONGEST_TITLE = 3
#: The first line in which spreadsheets name the delimiter.
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(\\t|[^\n\w\s\"]|\t)\"?[ ,;\t]*(?:\n|\Z)", re.IGNORECASE)
#: The cells below the names of the columns in Markdown.
_STROKES = re.compile(r"\s*:?-*:?\s*")
#: The beginnings of cells that a spreadsheet treats as formulas, also in a text with signs at which
#: some of them divide cells, even between quotation marks.
_FORMULA = re.compile(r"(?:^|(?<=[;\t]))(?='*[=+\-@\t\r\n＝＋－＠])")  # noqa: RUF001 - full width counts too
_QUOTED = re.compile(r'"(?:[^"]|"")*"')

Rows = list[tuple[int, list[str]]]
_Reading = tuple[Rows, str]


class SplitText(NamedTuple):
    """The rows of a table, all with the same number of fields, and notes for the user."""

    rows: list[list[str]]
    notes: tuple[str, ...] = ()


def split_csv(name: str, text: str) -> SplitText:
    r"""Return all rows that are not blank, each with as many fields as the first.

    Blanks around quoted fields are removed. Lines above the names of the columns are left out,
    with a note.

    Raises a `FileRefused` if the rows have different numbers of fields, or a quotation mark is not
    closed.

    >>> split_csv("a.csv", 'sep=;\nid; text\n1; "a; b"\n').rows
    [['id', 'text'], ['1', 'a; b']]
    """
    n_lines = text.count("\n")
    text, sign = _without_separator_line(text)
    before = n_lines - text.count("\n")
    delimiters: tuple[str, ...] = DELIMITERS
    doubt: tuple[str, ...] = ()
    if sign:
        delimiters, doubt = _of_separator_line(name, text, sign)
    if not text.strip(" \n" + "".join(delimiters)):
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    if delimiters != ("\t",):
        text = _without_tabs_after_signs(text)
    text, title = _without_title(text, delimiters)
    before += len(title)
    # Those that are nowhere in the text all give the same column.
    absent = [delimiter for delimiter in delimiters if delimiter not in text]
    readings = {d: _split(text, d) for d in delimiters if d not in absent[1:]}
    delimiter = max(readings, key=lambda d: _fit(readings[d]))
    if not sign and _fit(readings[delimiter]) <= 0:
        delimiter, doubt = _without_fit(name, text, readings)
    rows, problem = readings[delimiter] if delimiter in readings else _split(text, delimiter)
    if problem:
        raise FileRefused(
            f"{name!r} must be a table of values with commas, semicolons or tabs "
            f"between them, but {problem}"
        )
    return SplitText(_of_equal_length(name, rows, before), (*_of_title(name, title), *doubt))


def split_tsv(name: str, text: str) -> SplitText:
    r"""Return all rows that are not blank, filled up to the number of fields of the longest.

    Quotation marks are text. A row may lack its last fields, such as ColBERT's optional title, but
    not the first two. Lines above the names of the columns are left out, with a note.

    Raises a `FileRefused` if a row has no tab although others have, or too many fields, or the
    first line names another delimiter.

    >>> split_tsv("a.tsv", '1\tsaid "a"\n2\tb\tTitle\n').rows
    [['1', 'said "a"', ''], ['2', 'b', 'Title']]
    """
    n_lines = text.count("\n")
    text, sign = _without_separator_line(text)
    if sign not in ("", "\t") and "\t" not in text:
        raise FileRefused(
            f"{name!r} must have tabs between its values, but its first line names {sign!r}: "
            "rename it to .csv"
        )
    before = n_lines - text.count("\n")
    text, title = _without_title(text, ("\t",))
    rows = [
        (line, row.split("\t"))
        for line, row in enumerate(text.split("\n"), start=1 + before + len(title))
        if row.strip()
    ]
    if not rows:
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    counts = Counter(len(row) for _, row in rows)
    usual = max(counts, key=lambda n: (counts[n], n))
    if usual == 1 and len(counts) == 1:
        for sign, what in ((",", "commas"), (";", "semicolons"), ("|", "bars")):
            if _fit(_split(text, sign)) == 1 and _has_structure(text, sign):
                raise FileRefused(
                    f"{name!r} must have tabs between its values, but has {what}: rename it to .csv"
                )
    least = 1 if usual == 1 else 2
    for line, row in rows:
        if not least <= len(row) <= usual + 1:
            raise FileRefused(
                f"the rows of {name!r} must have {usual} field{'' if usual == 1 else 's'} with "
                f"tabs between them, as most do, but line {line:,} has {len(row)}"
            )
    most = max(counts)
    filled = [row + [""] * (most - len(row)) for _, row in rows]
    return SplitText(filled, _of_title(name, title))


def _without_separator_line(text: str) -> tuple[str, str]:
    """Split a first line that names the delimiter from a text; "" if there is none."""
    named = _SEPARATOR_LINE.match(text)
    if not named:
        return text, ""
    return text[named.end() :], "\t" if named[1] == "\\t" else named[1]


def _of_separator_line(name: str, text: str, sign: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the delimiter that the first line names, or another one below which there are names.

    A note says that no row has the delimiter that is named.
    """
    if sign in text or not text.strip():
        return (sign,), ()
    first = text.lstrip("\n").split("\n", 1)[0]
    for other in DELIMITERS:
        if other in first and are_known(_names(first, other)):
            return (other,), (f"{name}: no row holds the {sign!r} that its first line names",)
    note = f"{name}: read as one column, as no row holds the {sign!r} that its first line names"
    return (sign,), (note,)


def _without_tabs_after_signs(text: str) -> str:
    """Replace tabs by blanks if each of them stands only behind a comma, or a semicolon."""
    for sign in ",;":
        spaced = re.sub(rf"{sign} *\t[ \t]*", f"{sign} ", text)
        if "\t" not in spaced:
            return spaced
    return text


def _without_title(text: str, delimiters: tuple[str, ...]) -> tuple[str, list[str]]:
    """Split the lines above the names of the columns from a text."""
    lines = text.split("\n")
    for n_lines in range(1, 1 + min(_LONGEST_TITLE, len(lines) - 2)):
        title, rest = lines[:n_lines], lines[n_lines:]
        if any(are_known(_names(line, sign)) for line in title for sign in delimiters):
            break
        if title[0].strip() and any(_is_below(title, rest, sign) for sign in delimiters):
            return "\n".join(rest), title
    return text, []


def _is_below(title: list[str], rest: list[str], delimiter: str) -> bool:
    """Return whether lines are a table with a header, and the title is not part of it."""
    known = are_known(_names(rest[0], delimiter))
    alone = not any(_has_structure(line, delimiter) for line in title)
    if not _has_structure(rest[0], delimiter) or not (known or alone):
        return False
    rows, _ = reading = _split("\n".join(rest), delimiter)
    if len(rows) < 2 or _fit(reading) < (0.5 if known else 1):
        return False
    return known or looks_like_header([[cell.strip() for cell in row] for _, row in rows])


def _names(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(delimiter) if cell.strip()]


def _of_title(name: str, title: list[str]) -> tuple[str, ...]:
    line = " ".join(" ".join(title).split())
    if not line:
        return ()
    return (f"{name}: the text above the names of the columns is left out: {short_name(line)}",)


def _of_equal_length(name: str, rows: Rows, lines_before: int) -> list[list[str]]:
    if not rows:
        raise FileRefused(f"{name!r} must hold rows with text, got none")
    n_fields = len(rows[0][1])
    for line, row in rows:
        if len(row) != n_fields:
            raise FileRefused(
                f"the rows of {name!r} must all have as many fields as the first, {n_fields}, but "
                f"the row that ends on line {line + lines_before:,} has {len(row)}"
            )
    return [row for _, row in rows]


def _split(text: str, delimiter: str) -> _Reading:
    """Return all rows with the number of their last line, and a problem in words, if any."""
    rows, problem = _strictly(text, delimiter)
    if "expected after" in problem:  # blanks between a closing quotation mark and what follows
        closed = re.sub(rf'"[ ]+(?={re.escape(delimiter)}|\n|\Z)', '"', text)
        rows, problem = _strictly(closed, delimiter)
    _cut_blank_ends([row for _, row in rows])
    return rows, problem


def _cut_blank_ends(rows: list[list[str]]) -> None:
    """Remove blank cells at the end of rows."""
    if not rows:
        return
    first, *others = rows
    if others and not first[-1].strip():
        filled = [[j for j, cell in enumerate(row, start=1) if cell.strip()] for row in others]
        widest = max(max(columns, default=0) for columns in filled)
        while len(first) > max(widest, 1) and not first[-1].strip():
            first.pop()
    for row in others:
        while len(row) > len(first) and not row[-1].strip():
            row.pop()


def _strictly(text: str, delimiter: str) -> _Reading:
    rows: Rows = []
    before = csv.field_size_limit(max(len(text), 1))  # a document may be longer than csv expects
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            is_rule = delimiter == "|" and all(_STROKES.fullmatch(cell) for cell in row)
            if not is_rule and "".join(row).strip():
                rows.append((reader.line_num, row))
    except csv.Error as error:
        fault = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
        return rows, f"{fault} (read up to line {reader.line_num:,})"
    finally:
        csv.field_size_limit(before)
    return rows, ""


def _fit(reading: _Reading) -> float:
    """Return the share of rows with as many fields as the first; 0 for one field or a low share."""
    rows, problem = reading
    if not rows or len(rows[0][1]) < 2:
        return 0.0
    n_fields = len(rows[0][1])
    share = sum(
        # A cell with half of a quotation shows that a sign in it was not a delimiter.
        len(row) == n_fields and not any(cell.count('"') % 2 for cell in row)
        for _, row in rows
    ) / len(rows)
    return 0.0 if share <= 0.5 else share - (0.5 if problem else 0.0)


def _without_fit(
    name: str, text: str, readings: dict[str, _Reading]
) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter, and a note if it is doubtful, of rows that fit no usual delimiter.

    It may be a rare delimiter, a single column with any signs, or a table with faults.
    """
    for sign in _RARE_DELIMITERS:
        if sign not in text:
            continue
        rows, problem = rare = _split(text, sign)
        if problem or _fit(rare) < 1 or len(rows) < 2:
            continue
        if are_known([cell.strip() for cell in rows[0][1]]):
            return sign, ()
        return _single_column(readings) or ",", (
            f"{name}: read as one column, though every row holds {sign!r}. If it separates "
            f"columns, write sep={sign} as the first line",
        )
    return _single_column(readings) or _of_first_row(text, readings) or ",", ()


def _single_column(readings: dict[str, _Reading]) -> str:
    """Return a delimiter that is in no row, if the others are only signs in prose."""
    alone = [
        delimiter
        for delimiter, (rows, problem) in readings.items()
        if rows and not problem and all(len(row) == 1 for _, row in rows)
    ]
    if not alone:
        return ""
    # A delimiter after a single cell is not part of it.
    best = min(alone, key=lambda d: len(readings[d][0][0][1][0]))
    first = readings[best][0][0][1][0]
    return "" if any(_has_structure(first, d) for d in DELIMITERS) else best


def _of_first_row(text: str, readings: dict[str, _Reading]) -> str:
    """Return the likely delimiter of the first row."""
    first = text.lstrip("\n").split("\n", 1)[0]
    return next((d for d in DELIMITERS if d in readings and _has_structure(first, d)), "")


def _has_structure(text: str, delimiter: str) -> bool:
    """Return whether the first line has fields: in prose a blank follows a delimiter."""
    line = _QUOTED.sub("q", text.lstrip("\n").split("\n", 1)[0])
    fields = line.split(delimiter)
    if len(fields) < 2:
        return False
    tight = not any(field[:1] in ("", " ") for field in fields[1:])
    words = all(field.strip() and " " not in field.strip() for field in fields)
    return (tight or words) and not all(is_number(field) for field in fields)


def frame_as_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV, without its index, lines ended as in RFC 4180.

    A ``'`` is put before a text or a heading that begins with ``=``, ``+``, ``-``, ``@``, a tab or
    a line break, with or without ``'`` before that, so that no spreadsheet computes it; and also
    before such a part of it, after a semicolon or a tab, at which some spreadsheets divide cells.
    Remove one ``'`` at each such place to restore the texts. Numbers are not changed.

    >>> import pandas as pd
    >>> print(frame_as_csv(pd.DataFrame({"name": ["=1+1", "a, b"], "score": [-0.5, 2]})))
    name,score
    '=1+1,-0.5
    "a, b",2.0
    """
    safe = frame.map(_as_text).rename(columns=_as_text)
    return safe.to_csv(index=False, lineterminator="\r\n")


def _as_text(cell: Any) -> Any:
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell
