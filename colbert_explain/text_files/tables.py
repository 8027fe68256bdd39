"""Read a table from the text of a file, and make documents of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from colbert_explain.text_files import columns
from colbert_explain.text_files.csv_rows import SplitText, split_csv, split_tsv
from colbert_explain.text_files.decoding import (
    FileKind,
    FileRefused,
    kind_of,
    short_file_name,
    short_name,
)
from colbert_explain.text_files.json_lines import split_json_lines

MOST_COLUMNS = 100
#: Rows and characters per cell in the preview of a table.
_SHOWN_ROWS, _SHOWN_CHARACTERS = 3, 120
#: Most words of a column's name.
_MOST_WORDS = 3


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes
    ----------
    name
        The file's name.
    rows
        All rows that are not blank, with the same number of cells, including the names of the
        columns if there are any.
    has_header
        Whether the first row looks like the names of the columns.
    by_position
        Whether the columns are those of ColBERT's files: id, passage and perhaps title.
    notes
        Sentences without full stop about lines that were left out and doubts.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    has_header: bool
    by_position: bool = False
    notes: tuple[str, ...] = ()

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Distinct names of the columns; ``Column 1`` ... without a header."""
        return columns.unique_headings(
            self.rows[0] if self.has_header else [""] * len(self.rows[0])
        )

    @cached_property
    def text_column(self) -> int:
        """The column that seems to hold the texts."""
        if self.by_position:
            return 1
        return columns.text_column(self.headings, self._body)

    @cached_property
    def name_column(self) -> int | None:
        """The column that seems to hold the names of the texts; None if none does."""
        return self.name_column_beside(self.text_column)

    def name_column_beside(self, text_column: int) -> int | None:
        """Return the column that seems to hold the names of the texts in ``text_column``."""
        return columns.name_column(self.headings, self._body, text_column)

    def called(self, column: int) -> str:
        """Return the number of a column, from 1, and its name if it has one."""
        heading, number = self.headings[column], column + 1
        return f"{number}" if heading == f"Column {number}" else f"{number} ({short_name(heading)})"

    @property
    def _body(self) -> tuple[tuple[str, ...], ...]:
        return self.rows[1:] if self.has_header and len(self.rows) > 1 else self.rows

    def preview(self) -> list[list[str]]:
        """Return the first rows, shortened, for the choice of columns."""
        first = self.headings if self.has_header else self.rows[0]
        shown = [first, *self.rows[1 : _SHOWN_ROWS + 1]]
        return [[cell[:_SHOWN_CHARACTERS] for cell in row] for row in shown]


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Documents taken from a table, by name, and a sentence about what was left out."""

    documents: tuple[tuple[str, str], ...]
    left_out: str


def read_table(name: str, text: str, *, kind: FileKind | None = None) -> Table:
    r"""Return the rows of a CSV, TSV or JSONL file; ``kind`` is by default that of its name.

    The delimiter of a CSV file is found automatically, unless a first line such as ``sep=;`` names
    it. In a TSV file, as ColBERT writes it, quotation marks are text, and a row may lack its last
    fields. Each line of a JSONL file is a string, or an object whose keys name the columns.

    Raises a `FileRefused` if the rows have different numbers of fields, a quotation mark is not
    closed, a line is not JSON, or there are more than 100 columns.

    >>> read_table("a.csv", 'title;text\nCats;"They sleep; they eat."').rows[1]
    ('Cats', 'They sleep; they eat.')
    >>> read_table("a.tsv", '7\t"Jumbo" was an elephant.').rows[0]
    ('7', '"Jumbo" was an elephant.')
    """
    kind, shown = kind or kind_of(name), short_file_name(name)
    if kind == "jsonl":
        rows, notes = SplitText(split_json_lines(shown, text))
    else:
        rows, notes = split_tsv(shown, text) if kind == "tsv" else split_csv(shown, text)
    if len(rows[0]) > MOST_COLUMNS:
        raise FileRefused(
            f"{shown!r} must have at most {MOST_COLUMNS} columns, got {len(rows[0]):,}"
        )
    cells = tuple(tuple(cell.strip() for cell in row) for row in rows)
    names_only = len(cells[0]) > 1 and columns.are_names_only(cells)
    is_tsv = kind == "tsv"
    has_header = (
        kind == "jsonl" or names_only or columns.looks_like_header(cells, by_position=is_tsv)
    )
    by_position = is_tsv and not has_header and columns.are_ids_first(cells)
    return Table(shown, cells, has_header, by_position, notes)


def likely_kind(text: str) -> FileKind:
    r"""Return the likely kind of a text without a file name.

    >>> [likely_kind(text) for text in ("id,text\n1,Cats sleep.", "1\tCats\n2\tDogs", '{"a": 1}')]
    ['csv', 'tsv', 'jsonl']
    >>> likely_kind("Cats, as ever, sleep.\nDogs, too.")
    'text'
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all(line.lstrip()[0] == "{" and line.rstrip()[-1] == "}" for line in lines):
        return "jsonl"
    if len(lines) < 2:
        return "text"
    if all(0 < line.count("\t") == lines[0].count("\t") for line in lines):
        return "tsv"
    try:
        table = read_table("", text, kind="csv")
    except FileRefused:
        return "text"
    names = table.rows[0]
    is_named = table.has_header and all(len(name.split()) <= _MOST_WORDS for name in names)
    return "csv" if len(names) > 1 and is_named else "text"


def choose_rows(
    table: Table,
    text_column: int,
    name_column: int | None,
    *,
    has_header: bool,
    most_documents: int | None = None,
    most_characters: int | None = None,
) -> ChosenRows:
    """Make a document of each row with text, up to the limits.

    The name of a document is in ``name_column``, or the number of its row.

    Raises a `FileRefused` if there is no such column, or no row with text within the limits.
    """
    n_columns = len(table.rows[0])
    for column in (text_column, name_column):
        if column is not None and not 0 <= column < n_columns:
            raise FileRefused(
                f"the column chosen from {table.name!r} must be a number from 1 to {n_columns}, "
                f"got {column + 1}"
            )
    body = table.rows[1:] if has_header else table.rows
    if not body:
        raise FileRefused(f"{table.name!r} must hold rows below the names of its columns, got none")
    most = len(body) if most_documents is None else most_documents
    room = sum(len(row[text_column]) for row in body)
    room = room if most_characters is None else most_characters
    documents: list[tuple[str, str]] = []
    blank = beyond = characters = 0
    for number, row in enumerate(body, start=1):
        text = row[text_column]
        name = row[name_column] if name_column is not None else ""
        if not text:
            blank += 1
        elif len(documents) == most or characters + len(text) > room:
            beyond += 1
        else:
            documents.append((short_name(name) if name else f"Row {number}", text))
            characters += len(text)
    if not documents:
        all_blank = (
            f"its {blank:,} rows are blank there" if blank > 1 else "its only row is blank there"
        )
        raise FileRefused(
            f"{table.name!r} must hold, in the chosen column, a text that fits within the limits, "
            + ("but none fits" if beyond else f"but {all_blank}")
        )
    parts = []
    if beyond:
        parts.append(
            f"{beyond:,} {'row' if beyond == 1 else 'rows'} past the limit of "
            f"{most:,} {'document' if most == 1 else 'documents'} and {room:,} characters"
        )
    if blank:
        parts.append(f"{blank:,} {'row' if blank == 1 else 'rows'} without text")
    return ChosenRows(tuple(documents), f"Left out: {' and '.join(parts)}." if parts else "")
