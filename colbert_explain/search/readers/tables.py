"""Documents in tables: CSV and TSV files, Parquet files and DataFrames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document
from colbert_explain.search.readers.given_documents import GivenDocuments
from colbert_explain.search.readers.line_files import opened
from colbert_explain.search.readers.records import (
    ID_FIELDS,
    TITLE_FIELD,
    document_in,
    has_text_field,
    no_text_field,
    read_entries,
)
from colbert_explain.text.wording import first_of, listed
from colbert_explain.text_files import FileRefused, Table, decode, kind_of, read_table
from colbert_explain.text_files.columns import are_names_only

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a Parquet file that are read together.
_ROWS = 256
#: Most columns that a note names.
_MOST_NAMED = 5
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d{1,2})?", re.ASCII)


def documents_in_table(path: Path) -> GivenDocuments:
    """Return the documents of a CSV or TSV file, which may be compressed with gzip.

    The column of texts is found as `text_files` finds it. Ids are in a column with one of the usual
    names of ids, or in the column that names the rows, if all names differ; otherwise the id of a
    row is its position. All other columns become metadata, as numbers if all their cells are
    numbers. The file is held in memory.

    Raises a `FileRefused` if it is not a table.
    """
    name = path.name[:-3] if path.suffix.lower() == ".gz" else path.name
    with opened(path) as file:
        table = read_table(name, decode(name, file.read()), kind=kind_of(name))
    rows = table.rows[1:] if table.has_header else table.rows
    if not rows or are_names_only(table.rows):
        raise FileRefused(f"{name!r} must hold rows below the names of its columns, got none")
    columns = list(zip(*rows, strict=True))
    texts = table.text_column
    ids = _id_column(table, columns)
    titles = _title_column(table)
    others = [j for j in range(len(columns)) if j not in (texts, ids, titles)]
    cells = {table.headings[j]: _typed(columns[j]) for j in others}

    def read() -> Iterator[Document | UnreadableDocument]:
        for position, row in enumerate(rows):
            record: dict[str, Any] = {
                "text": row[texts],
                "metadata": {heading: column[position] for heading, column in cells.items()},
            }
            if ids is not None:
                record["id"] = row[ids]
            if titles is not None:
                record[TITLE_FIELD] = row[titles]
            try:
                yield document_in(record, str(position))
            except ValueError as error:
                name = f"row {position + 1:,} of {path.name}"
                yield UnreadableDocument(position, name, str(error))

    kept = others if titles in (None, ids) else sorted([*others, titles])
    notes = (*(f"{note}." for note in table.notes), _columns_taken(table, ids, kept))
    return GivenDocuments(read(), len(rows), notes)


def documents_in_frame(frame: pd.DataFrame) -> GivenDocuments:
    """Return the documents of a DataFrame, a row each; columns are the fields of a mapping.

    Without a column of ids, the index holds them. A frame of one column holds texts in it.

    Raises a `ValueError` if it has no column of texts.
    """
    names = list(frame.columns)
    if not has_text_field(names) and len(names) != 1:
        raise ValueError(no_text_field("documents", names))
    if not has_text_field(names):
        names = ["text"]
    has_ids = any(str(name).strip().casefold() in ID_FIELDS for name in names)
    labels = [" / ".join(map(str, label)) if isinstance(label, tuple) else label
              for label in frame.index]  # fmt: skip
    rows = frame.itertuples(index=False, name=None)

    def records() -> Iterator[dict[Any, Any]]:
        for label, row in zip(labels, rows, strict=True):
            record = dict(zip(names, row, strict=True))
            yield record if has_ids else {"id": label, **record}

    return GivenDocuments(read_entries(records()), len(frame))


def documents_in_parquet(path: Path) -> GivenDocuments:
    """Return the documents of a Parquet file, a row each; columns are the fields of a mapping.

    Raises a `ValueError` if pyarrow is not installed, the file is damaged, or it has no column of
    texts.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ValueError(
            f"Can't open {path.name}: reading Parquet needs the package pyarrow. To install it, "
            'run pip install "colbert-explain[parquet]"'
        ) from error
    try:
        with ParquetFile(path) as file:
            names, n = file.schema_arrow.names, file.metadata.num_rows
    except ArrowException as error:
        reason = str(error).rstrip(".")
        raise ValueError(f"{path.name!r} must be a Parquet file, but {reason}") from error
    if not has_text_field(names):
        raise ValueError(no_text_field(f"{path.name!r}", names))

    def records() -> Iterator[dict[str, Any]]:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS):
                yield from batch.to_pylist()

    return GivenDocuments(read_entries(records()), n)


def _id_column(table: Table, columns: Sequence[tuple[str, ...]]) -> int | None:
    if table.by_position:  # ColBERT's files: id, passage and perhaps title
        return 0 if all(columns[0]) and _are_distinct(columns[0]) else None
    known = [heading.casefold() for heading in table.headings]
    for name in ID_FIELDS:
        if name in known and known.index(name) != table.text_column:
            return known.index(name)
    named = table.name_column
    return named if named is not None and _are_distinct(columns[named]) else None


def _are_distinct(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells)


def _title_column(table: Table) -> int | None:
    if table.by_position:
        return 2 if len(table.headings) > 2 else None
    known = [heading.casefold() for heading in table.headings]
    found = known.index(TITLE_FIELD) if TITLE_FIELD in known else None
    return None if found == table.text_column else found


def _typed(cells: Sequence[str]) -> list[str | int | float | None]:
    """Return the cells of a column, as numbers if all are; None for blank ones.

    Numbers with a leading zero are codes, and so texts.

    >>> _typed(["1", "", "20"]), _typed(["1.5", "2"]), _typed(["007", "1"])
    ([1, None, 20], [1.5, 2.0], ['007', '1'])
    """
    filled = [cell for cell in cells if cell]
    kind: type[str | int | float] = str
    if filled and all(map(_WHOLE.fullmatch, filled)):
        kind = int
    elif filled and all(map(_DECIMAL.fullmatch, filled)):
        kind = float
    return [kind(cell) if cell else None for cell in cells]


def _columns_taken(table: Table, ids: int | None, others: Sequence[int]) -> str:
    note = f"{table.name}: texts from column {table.called(table.text_column)}, "
    note += "ids are row numbers from 0" if ids is None else f"ids from column {table.called(ids)}"
    if others:
        note += f"; metadata from {listed(first_of(list(map(table.called, others)), _MOST_NAMED))}"
    return f"{note}."
