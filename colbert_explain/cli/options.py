"""What several commands share: options, documents in arguments, files to write, and errors."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

MODEL = typer.Option(
    help="Hub id or folder of a ColBERT checkpoint.", show_default="the bundled encoder"
)
NAME = typer.Option(help="Name of the collection on a Qdrant server.", show_default=False)
REVISION = typer.Option(help="Branch, tag or commit on the hub.", show_default=False)
DOCUMENT_LENGTH = typer.Option(
    min=1,
    help="Maximum number of tokens read from a document.",
    show_default="the checkpoint's own",
)
QUERY_EXPANSION = typer.Option(
    "--query-expansion/--no-query-expansion",
    help="Whether queries are padded with scored tokens.",
    show_default="the checkpoint's own",
)
A_FILE = "a .txt, .md, .csv, .tsv or .jsonl file"
TEXT_COLUMN = typer.Option(
    help="Column of a table that holds the texts, by heading or by number from 1.",
    show_default="found by content",
)
NAME_COLUMN = typer.Option(
    help="Column of a table that holds the names.", show_default="found by content"
)
INPUT_KIND = typer.Option("--input", help="Format of standard input.", show_default="txt")


def file_to_write(what: str) -> Any:
    """Return an option that names a file; ``what`` is said of it."""
    return typer.Option(help=what, show_default=False)


class InputKind(StrEnum):
    """What standard input may hold, by the ending that a file would have."""

    txt = "txt"
    csv = "csv"
    tsv = "tsv"
    jsonl = "jsonl"


def documents_in_arguments(
    arguments: list[str],
    text_column: str | None,
    name_column: str | None,
    input_kind: InputKind | None,
) -> list[tuple[str, str]]:
    """Return names and texts of all documents; say on standard error how they were found."""
    from colbert_explain.text_files import ColumnChoice, documents_in_argument, kind_of

    if arguments.count("-") > 1:
        raise ValueError("standard input can be read only once, but - is given twice")
    if input_kind is not None and "-" not in arguments:
        raise ValueError("--input gives the format of standard input: pass - as a document")
    choice = ColumnChoice(text_column, name_column)
    found: list[tuple[str, str]] = []
    has_columns = False
    for argument in arguments:
        read = documents_in_argument(
            argument,
            sys.stdin.buffer.read,
            choice,
            kind=None if input_kind is None else kind_of(f"input.{input_kind}"),
        )
        for note in read.notes:
            typer.echo(note, err=True)
        found += read.documents
        has_columns = has_columns or read.has_columns
    if choice != ColumnChoice() and not has_columns:
        option = "--text-column" if text_column is not None else "--name-column"
        raise ValueError(
            f"{option} chooses a column of a table, but no document is a .csv, .tsv or .jsonl "
            "file; use --input to give the format of standard input"
        )
    return found


def check_names_of_files(**paths: Path | None) -> None:
    """Refuse names of files that cannot be written, before long work is done for them."""
    taken: dict[Path, str] = {}
    for name, path in paths.items():
        if path is None:
            continue
        option = f"--{name.replace('_', '-')}"
        if path == Path("-"):
            raise ValueError(f"{option} must name a file to write, got -")
        if path.is_dir() or not path.parent.is_dir():
            raise ValueError(f"{option} must name a file in an existing folder, got {path}")
        other = taken.setdefault(path.absolute(), option)
        if other != option:
            raise ValueError(f"{option} must name a different file from {other}, got {path}")


def save_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    from colbert_explain.storage.atomic_write import write_whole

    write_whole(path, text.encode("utf-8"))


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn a stated error into one sentence and the exit status of wrong usage."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (ValueError, OSError, RuntimeError) as error:
        sentence = str(error)
        typer.echo(f"Error: {sentence}{'.' if '. ' in sentence else ''}", err=True)
        raise SystemExit(2) from error
