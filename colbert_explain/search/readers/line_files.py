"""Documents in JSONL files, read line by line."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from colbert_explain import argument_checks as check
from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document
from colbert_explain.search.readers.given_documents import GivenDocuments
from colbert_explain.search.readers.records import document_in
from colbert_explain.text_files.json_lines import json_fault

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BOM = codecs.BOM_UTF8


def documents_in_lines(path: Path) -> GivenDocuments:
    """Return the documents of a JSONL file, which may be compressed with gzip.

    Each line that is not blank is an object or a string in JSON. The file is read when documents
    are needed, and never held in memory; lines that cannot be read are listed by number.
    """
    with lines_of(path) as lines:
        n = sum(not line.isspace() for line in lines)
    return GivenDocuments(_read(path), n)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to read its bytes; a file whose name ends in .gz is decompressed.

    Raises a `ValueError` if a compressed file is damaged.
    """
    if path.suffix.lower() != ".gz":
        with path.open("rb") as plain:
            yield plain
        return
    try:
        with gzip.open(path, "rb") as unpacked:
            yield cast("IO[bytes]", unpacked)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name!r} is damaged: {error}") from error


@contextmanager
def lines_of(path: Path) -> Iterator[Iterator[bytes]]:
    """Open a file, which may be compressed with gzip, as lines of UTF-8."""
    with opened(path) as file:
        begin = file.read(len(_BOM))
        if begin.startswith(_UTF_16):
            file.seek(0)
            with io.TextIOWrapper(file, encoding="utf-16", errors="replace") as text:
                yield (line.encode() for line in text)
        else:
            file.seek(len(_BOM) if begin == _BOM else 0)
            yield iter(file)


def json_value(line: bytes) -> Any:
    """Return the value of a line, or raise a `ValueError` that says what is wrong with it."""
    try:
        # A line break would count as a line, and columns from 1 again.
        return json.loads(line.decode().rstrip("\r\n"))
    except UnicodeDecodeError as error:
        raise ValueError(f"its byte {error.start + 1:,} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(json_fault(error)) from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: it is nested too deeply") from error


def json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Return the place and the value of each line that is not blank; the place is for errors.

    Raises a `ValueError` that names the first line that cannot be read.
    """
    with lines_of(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            place = f"{path.name}, line {number:,}"
            try:
                value = json_value(line)
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from error
            yield place, value


def _read(path: Path) -> Iterator[Document | UnreadableDocument]:
    position = 0
    with lines_of(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                value = json_value(line)
                if not isinstance(value, str | dict):
                    raise ValueError(
                        f"line must be an object or a string in JSON, got {check.shown(value)}"
                    )
                yield document_in(value, str(position))
            except ValueError as error:
                name = f"line {number:,} of {path.name}"
                yield UnreadableDocument(position, name, str(error))
            position += 1
