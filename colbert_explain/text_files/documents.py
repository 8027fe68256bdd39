"""Read the documents of a file or folder, with notes for the user."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from colbert_explain.text_files.columns import are_names_only
from colbert_explain.text_files.decoding import (
    KINDS,
    BlankFile,
    FileKind,
    FileRefused,
    decode,
    kind_of,
    short_file_name,
    short_name,
)
from colbert_explain.text_files.tables import Table, choose_rows, read_table

#: Most names in a note.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """The documents of a file or a folder.

    Attributes
    ----------
    documents
        Name and text of each, in order. Names may repeat, a text may be blank.
    notes
        Sentences about the columns that were used and the rows and files that were left out.
    has_columns
        Whether some of the documents are rows of a table.
    """

    documents: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    has_columns: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Columns by heading or by number from 1; None for an automatic choice."""

    texts: str | None = None
    names: str | None = None


def documents_in_path(path: Path, choice: ColumnChoice | None = None) -> FoundDocuments:
    """Return the documents of a file, or of all files in a folder.

    A text or Markdown file is one document, and so is each row of a table or JSONL file.

    Raises a `FileRefused` if a file is of another kind or cannot be read, or a folder has no
    readable file.
    """
    if path.is_dir():
        return documents_in_folder(path, choice)
    kind_of(path.name)  # before a large file is read
    return documents_in_bytes(path.name, path.read_bytes(), choice)


def documents_in_folder(folder: Path, choice: ColumnChoice | None = None) -> FoundDocuments:
    """Return the documents of all files in a folder and the folders in it, in alphabetical order.

    Hidden files are skipped. A file that is of another kind, or cannot be read, is left out, with
    a note.

    Raises a `FileRefused` if no file can be read.
    """
    documents: list[tuple[str, str]] = []
    notes: list[str] = []
    others: list[str] = []
    has_columns = False
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        kind = KINDS.get(path.suffix.lower())
        if kind is None:
            others.append(short_name(name))
            continue
        try:
            found = documents_in_bytes(path.name, path.read_bytes(), choice)
        except (FileRefused, OSError) as error:
            notes.append(f"Left out: {error}.")
            continue
        notes += found.notes
        has_columns = has_columns or found.has_columns
        documents += [
            (name if kind == "text" else f"{name}: {row}", text) for row, text in found.documents
        ]
    if others:
        named = ", ".join(others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
        place = short_file_name(str(folder))
        notes.append(f"Files of other types left out of {place}: {named}{more}.")
    if not documents:
        reasons = "".join(f" {note}" for note in notes)
        raise FileRefused(
            f"{short_file_name(str(folder))!r} is a folder and must hold .txt, .md, .csv, .tsv or "
            f".jsonl files with text.{reasons}".removesuffix(".")
        )
    return FoundDocuments(tuple(documents), tuple(notes), has_columns)


def documents_in_bytes(
    name: str, data: bytes, choice: ColumnChoice | None = None, *, kind: FileKind | None = None
) -> FoundDocuments:
    r"""Return the documents in the bytes of a file.

    Parameters
    ----------
    name
        The file's name.
    data
        Its bytes.
    choice
        The columns of a table with texts and names.
    kind
        The kind of file; by default from the ending of its name.

    Raises
    ------
    FileRefused
        If the file is of another kind or cannot be read, or has no such column.

    >>> documents_in_bytes("pets.csv", b"title,text\nCats,They sleep.\n")
    FoundDocuments(documents=(('Cats', 'They sleep.'),),
        notes=('pets.csv: texts from column 2 (text), names from column 1 (title).',))
    """
    kind = kind or kind_of(name)
    try:
        text = decode(name, data)
    except BlankFile:
        if kind == "text":  # a blank document
            return FoundDocuments(((short_file_name(name), ""),))
        raise
    if kind == "text":
        return FoundDocuments(((short_file_name(name), text),))
    choice = choice or ColumnChoice()
    table = read_table(name, text, kind=kind)
    texts = table.text_column
    if choice.texts is not None:
        texts = _column(table, choice.texts)
    names = table.name_column_beside(texts)
    if choice.names is not None:
        names = _column(table, choice.names)
    has_header = table.has_header or are_names_only(table.rows)
    chosen = choose_rows(table, texts, names, has_header=has_header)
    notes = [*(f"{note}." for note in table.notes), _columns_taken(table, texts, names)]
    if chosen.left_out:
        notes.append(f"{table.name}: {chosen.left_out[:1].lower()}{chosen.left_out[1:]}")
    return FoundDocuments(chosen.documents, tuple(notes), has_columns=True)


def _column(table: Table, wanted: str) -> int:
    """Return the number from 0 of a column given by heading or by number from 1."""
    headings = [heading.casefold() for heading in table.headings]
    if wanted.casefold() in headings:
        return headings.index(wanted.casefold())
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(headings):
        return int(wanted) - 1
    listed = ", ".join(short_name(heading) for heading in table.headings)
    raise FileRefused(
        f"the column chosen from {table.name!r} must be one of {listed}, or a number from 1 to "
        f"{len(headings)}, got {short_name(wanted)!r}"
    )


def _columns_taken(table: Table, texts: int, names: int | None) -> str:
    """Return a sentence about the columns that were used and not used."""
    note = f"{table.name}: texts from column {table.called(texts)}"
    if names is None:
        note += ", names are row numbers"
    else:
        note += f", names from column {table.called(names)}"
    unused = [j for j in range(len(table.headings)) if j not in (texts, names)]
    if unused:
        listed = ", ".join(map(table.called, unused[:_MOST_NAMED]))
        more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
        note += f"; not used: {listed}{more}"
    return f"{note}."


def files_below(folder: Path) -> list[Path]:
    """Return the files in a folder and the folders in it, in alphabetical order, none hidden."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place) / name for name in names if not name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)
