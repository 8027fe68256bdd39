"""Documents in a folder: a collection as BEIR keeps it, or files of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document
from colbert_explain.search.on_disk.folder import SEGMENTS
from colbert_explain.search.on_disk.lock import LOCK
from colbert_explain.search.on_disk.manifest import NAME
from colbert_explain.search.readers.given_documents import GivenDocuments
from colbert_explain.search.readers.line_files import documents_in_lines
from colbert_explain.search.readers.records import document_in
from colbert_explain.search.readers.tables import documents_in_parquet, documents_in_table
from colbert_explain.text.wording import first_of, listed
from colbert_explain.text_files import FileRefused, documents_in_bytes, short_file_name, short_name
from colbert_explain.text_files.decoding import KINDS
from colbert_explain.text_files.documents import files_below

#: Files of a collection in a folder of BEIR.
_CORPUS = ("corpus.jsonl", "corpus.jsonl.gz")
_MOST_NAMED = 5
_USE = ".txt, .md, .csv, .tsv, .jsonl or .parquet"


def documents_in_path(path: Path) -> GivenDocuments:
    """Return the documents of a file or a folder.

    A text or Markdown file is one document; a table or a JSONL file has one in each row. A folder
    is read with the folders in it, in alphabetical order, without hidden files; of a BEIR folder,
    only ``corpus.jsonl`` is read.

    Raises a `FileRefused` if a file is of another kind, or a folder holds none that can be read.
    """
    if not path.is_dir():
        return _documents_in_file(path)
    for name in _CORPUS:
        if (path / name).is_file():
            return documents_in_lines(path / name)
    return _documents_in_folder(path)


def _kind(path: Path) -> str | None:
    """Return the kind of a file by its name; None for a kind that is not read."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes[-1:] == [".parquet"]:
        return "parquet"
    if suffixes[-1:] == [".gz"]:
        kind = KINDS.get(suffixes[0])
        return None if kind == "text" else kind
    return KINDS.get(path.suffix.lower())


def _documents_in_file(path: Path) -> GivenDocuments:
    kind = _kind(path)
    if kind is None:
        raise FileRefused(f"Can't open {short_file_name(path.name)}. Use {_USE}")
    if kind == "jsonl":
        return documents_in_lines(path)
    if kind == "parquet":
        return documents_in_parquet(path)
    return _text_file(path, path.name) if kind == "text" else documents_in_table(path)


def _text_file(path: Path, name: str) -> GivenDocuments:
    def read() -> Iterator[Document | UnreadableDocument]:
        try:
            [(_, text)] = documents_in_bytes(path.name, path.read_bytes()).documents
            yield document_in((name, text), name)
        except (ValueError, OSError) as error:
            yield UnreadableDocument(0, name, str(error))

    return GivenDocuments(read(), 1)


def _documents_in_folder(folder: Path) -> GivenDocuments:
    sources: list[tuple[str, GivenDocuments]] = []
    notes: list[str] = []
    others: list[str] = []
    files = files_below(folder)
    collections = _collections_of(files)
    for path in files:
        name = path.relative_to(folder).as_posix()
        if not collections.isdisjoint(path.parents):
            continue
        kind = _kind(path)
        if kind is None:
            others.append(short_name(name))
        elif kind == "text":
            sources.append(("", _text_file(path, name)))
        else:
            try:
                found = _documents_in_file(path)
            except (ValueError, OSError) as error:
                notes.append(f"Left out: {error}.")
                continue
            sources.append((f"{name}: ", found))
            notes += found.notes
    shown = short_file_name(str(folder))
    if others:
        named = listed(first_of(others, _MOST_NAMED))
        notes.append(f"Files of other types left out of {shown}: {named}.")
    below = [short_name(one.relative_to(folder).as_posix()) for one in sorted(collections)]
    if below:
        notes.append(f"Collections left out of {shown}: {listed(below)}.")
    if not sources:
        reasons = "".join(f" {note}" for note in notes)
        raise FileRefused(
            f"{shown!r} is a folder and must hold {_USE} files with text.{reasons}".removesuffix(
                "."
            )
        )
    counts = [found.n for _, found in sources if found.n is not None]
    n = sum(counts) if len(counts) == len(sources) else None
    return GivenDocuments(_one_after_another(sources), n, tuple(notes))


def _collections_of(files: Sequence[Path]) -> set[Path]:
    """Return the folders that hold a collection, whose texts were read before."""
    found = {path.parent for path in files if path.name == NAME}
    return {folder for folder in found if (folder / LOCK).exists() or (folder / SEGMENTS).is_dir()}


def _one_after_another(
    sources: list[tuple[str, GivenDocuments]],
) -> Iterator[Document | UnreadableDocument]:
    position = 0
    for prefix, found in sources:
        for one in found.items:
            if isinstance(one, Document):
                yield replace(one, id=f"{prefix}{one.id}")
            else:
                yield replace(one, position=position)
            position += 1
