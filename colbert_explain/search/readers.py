"""Documents from whatever holds them: iterables and mappings, tables, files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document

_RULE = "documents must be an iterable of texts, (id, text) pairs or mappings"


@dataclass(frozen=True, slots=True)
class GivenDocuments:
    """Documents to be read one after the other.

    Attributes
    ----------
    items
        Each document, or why it cannot be read.
    n
        How many there are; None where this is not known before the last.
    notes
        Sentences about how they were found.
    """

    items: Iterable[Document | UnreadableDocument]
    n: int | None = None
    notes: tuple[str, ...] = ()


def documents_in(given: Any) -> GivenDocuments:
    """Return the documents of an iterable or mapping, read when they are needed.

    Raises a `ValueError` for anything else.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ValueError(f"{_RULE}, got {check.shown(given)}")
    n = len(given) if isinstance(given, Sized) else None
    entries = given.items() if isinstance(given, Mapping) else given
    return GivenDocuments(_read(entries), n)


def _read(entries: Iterable[Any]) -> Iterator[Document | UnreadableDocument]:
    for position, entry in enumerate(entries):
        try:
            yield _document(entry, position)
        except ValueError as error:
            yield UnreadableDocument(position, f"document {position}", str(error))


def _document(entry: Any, position: int) -> Document:
    if isinstance(entry, Document):
        return entry
    if isinstance(entry, str):
        return Document(str(position), entry)
    if isinstance(entry, tuple) and len(entry) == 2:
        return Document(str(entry[0]), check.text("document", entry[1]))
    raise ValueError(f"document must be a string, got {check.shown(entry)}")
