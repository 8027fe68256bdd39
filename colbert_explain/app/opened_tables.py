"""From the text of a CSV file to documents: one for each row, from a column of the reader's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from statistics import mean

from colbert_explain.app.opened_files import FileRefused, shortened

#: What may stand between two fields.
DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 100
_LONGEST_HEADING = 60
#: The reader of a table sees so many of its rows, so long, before choosing.
_SHOWN_ROWS, _SHOWN_CHARACTERS = 3, 120


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """The rows of a CSV file.

    Attributes
    ----------
    name
        The file's name.
    rows
        All rows that are not blank, each with the same number of fields.
    has_header
        Whether the first row looks like the names of the columns.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    has_header: bool

    @property
    def likely_column(self) -> int:
        """The column with the longest texts."""
        body = self.rows[1:] if self.has_header and len(self.rows) > 1 else self.rows
        lengths = [mean(len(row[j]) for row in body[:100]) for j in range(len(self.rows[0]))]
        return lengths.index(max(lengths))

    def preview(self) -> list[list[str]]:
        """Return the first rows, shortened, for the page in which the column is chosen."""
        return [[cell[:_SHOWN_CHARACTERS] for cell in row] for row in self.rows[: _SHOWN_ROWS + 1]]


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Documents taken from a table, by name, and a sentence about what was left out."""

    documents: tuple[tuple[str, str], ...]
    left_out: str


def read_table(name: str, text: str) -> OpenedTable:
    r"""Read a CSV file; what separates its fields is found out.

    Raises
    ------
    FileRefused
        If its rows have different numbers of fields, or a quotation mark is not closed.

    Examples
    --------
    >>> read_table("a.csv", 'title;text\nCats;"They sleep; they eat."').rows[1]
    ('Cats', 'They sleep; they eat.')
    """
    if not text.strip(" \n" + "".join(DELIMITERS)):
        raise FileRefused(f"{shortened(name)!r} must hold rows with text, got none")
    readings = {delimiter: _split(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: _fit(readings[d]))
    if _fit(readings[delimiter]) <= 0:  # one column, in which the other signs are only text
        alone = [d for d in DELIMITERS if _is_single_column(readings[d])]
        delimiter = alone[0] if alone else ","
    rows, problem = readings[delimiter]
    if problem:
        raise FileRefused(
            f"{shortened(name)!r} must be a table of values with commas, semicolons or tabs "
            f"between them, but {problem}"
        )
    n_fields = len(rows[0][1])
    if n_fields > MOST_COLUMNS:
        raise FileRefused(
            f"{shortened(name)!r} must have at most {MOST_COLUMNS} columns, got {n_fields:,}"
        )
    for line, row in rows:
        if len(row) != n_fields:
            raise FileRefused(
                f"the rows of {shortened(name)!r} must all have as many fields as the first, "
                f"{n_fields}, but the row that ends in line {line:,} has {len(row)}"
            )
    cells = tuple(tuple(cell.strip() for cell in row) for _, row in rows)
    return OpenedTable(shortened(name), cells, _looks_like_header(cells))


def choose_rows(
    table: OpenedTable,
    text_column: int,
    name_column: int | None,
    *,
    has_header: bool,
    most_documents: int,
    most_characters: int,
) -> ChosenRows:
    """Make a document of each row, as far as there is room.

    Rows without text are passed over; a document takes its name from ``name_column``, or is
    called after its row.

    Raises
    ------
    FileRefused
        If there is no such column, or no row with a text that has room.
    """
    n_columns = len(table.rows[0])
    for column in (text_column, name_column):
        if column is not None and not 0 <= column < n_columns:
            raise FileRefused(
                f"a column of {table.name!r} must be one of 1 to {n_columns}, got {column + 1}"
            )
    body = table.rows[1:] if has_header else table.rows
    if not body:
        raise FileRefused(f"{table.name!r} must hold rows below the names of its columns, got none")
    documents: list[tuple[str, str]] = []
    blank = beyond = characters = 0
    for number, row in enumerate(body, start=1):
        text = row[text_column]
        name = row[name_column] if name_column is not None else ""
        if not text:
            blank += 1
        elif len(documents) == most_documents or characters + len(text) > most_characters:
            beyond += 1
        else:
            documents.append((shortened(name) if name else f"Row {number}", text))
            characters += len(text)
    if not documents:
        raise FileRefused(
            f"{table.name!r} must hold a text in the chosen column that fits into the form, but "
            + (f"its {blank:,} rows are blank there" if not beyond else "there is room for none")
        )
    parts = []
    if beyond:
        parts.append(
            f"{beyond:,} {'row' if beyond == 1 else 'rows'} past the limit of "
            f"{most_documents:,} documents and {most_characters:,} characters"
        )
    if blank:
        parts.append(f"{blank:,} {'row' if blank == 1 else 'rows'} without text")
    return ChosenRows(tuple(documents), f"Left out: {' and '.join(parts)}." if parts else "")


_Reading = tuple[list[tuple[int, list[str]]], str]


def _split(text: str, delimiter: str) -> _Reading:
    """Read all rows with the number of their last line, and say what is wrong, if anything."""
    rows: list[tuple[int, list[str]]] = []
    before = csv.field_size_limit(max(len(text), 1))  # a document may be longer than csv expects
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
    share = sum(len(row) == n_fields for _, row in rows) / len(rows)
    return 0.0 if share <= 0.5 else share - (0.5 if problem else 0.0)


def _is_single_column(reading: _Reading) -> bool:
    rows, problem = reading
    return not problem and all(len(row) == 1 for _, row in rows)


def _looks_like_header(rows: tuple[tuple[str, ...], ...]) -> bool:
    """Names of columns are short, different and no numbers, and shorter than what is below."""
    first, body = rows[0], rows[1:101]
    if not body or len(set(first)) < len(first):
        return False
    if any(not cell or len(cell) > _LONGEST_HEADING or _is_number(cell) for cell in first):
        return False
    if any(all(_is_number(row[j]) for row in body) for j in range(len(first))):
        return True
    longest = max(range(len(first)), key=lambda j: mean(len(row[j]) for row in body))
    return len(first[longest]) * 2 <= mean(len(row[longest]) for row in body)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
