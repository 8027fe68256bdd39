"""One entry, such as a text, a pair or a row with named fields, as a document."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document, MetadataValue
from colbert_explain.text.wording import shorten

#: Names of fields, in any case; of several the first that is filled counts.
ID_FIELDS = ("id", "_id", "doc_id", "docid", "document_id", "docno")
TEXT_FIELDS = (
    *("text", "contents", "content", "body", "document", "passage"),
    *("abstract", "sentences"),  # SciFact's: lists of sentences
)
TITLE_FIELD = "title"
_METADATA_FIELD = "metadata"
#: Missing values of pandas, which are not imported for them.
_MISSING_TYPES = ("NAType", "NaTType")
#: Characters of the names of fields in a message.
_MOST_NAMED = 80


def read_entries(entries: Iterable[Any]) -> Iterator[Document | UnreadableDocument]:
    """Return a document for each entry, or why it cannot be read; without an id, by its position.

    Examples
    --------
    >>> [one.id for one in read_entries(["Cats sleep.", ("dogs", "Dogs bark."), {"text": "Rain"}])]
    ['0', 'dogs', '2']
    """
    for position, entry in enumerate(entries):
        try:
            yield document_in(entry, str(position))
        except ValueError as error:
            yield UnreadableDocument(position, f"document {position}", str(error))


def document_in(entry: Any, fallback_id: str) -> Document:
    r"""Return the document of an entry: a text, an ``(id, text)`` pair, a mapping or a document.

    In a mapping, the fields in `ID_FIELDS` and `TEXT_FIELDS` are id and text; a text may be a list
    of sentences. A title is put on a line before the text and kept as metadata. All other fields
    that are texts, numbers, Booleans or dates become metadata, and so do those in a mapping called
    ``metadata``; missing values and other lists and mappings do not.

    Raises a `ValueError` if there is no text, or a value is of the wrong type.

    Examples
    --------
    >>> document_in({"_id": 7, "title": "Cats", "text": "They sleep.", "year": 2020}, "0")
    Document('7', 'Cats\nThey sleep.')
    """
    if isinstance(entry, str):
        entry = Document(fallback_id, entry)
    elif isinstance(entry, Mapping):
        entry = _document_in_record(entry, fallback_id)
    elif isinstance(entry, tuple | list) and len(entry) == 2:
        entry = Document(document_id(entry[0]), check.text("document", plain(entry[1])))
    elif not isinstance(entry, Document):
        raise ValueError(
            "document must be a string, an (id, text) pair, a mapping with a text, or a Document, "
            f"got {check.shown(entry)}"
        )
    # Halves of surrogate pairs cannot be written to any file.
    check.valid_unicode("id", entry.id)
    check.valid_unicode("text", entry.text)
    for name, value in entry.metadata.items():
        check.valid_unicode("metadata", name)
        if isinstance(value, str):
            check.valid_unicode(f"metadata[{name!r}]", value)
    return entry


def document_id(value: Any) -> str:
    """Return an id as a text; a whole number is written in digits."""
    value = plain(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as pandas keeps whole numbers beside missing ones
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"id must be a string or a whole number, got {check.shown(value)}")
    return str(value)


def plain(value: Any) -> Any:
    """Return a value of NumPy or pandas as Python's own; None if it is missing."""
    if type(value).__module__.startswith("numpy") and hasattr(value, "tolist"):
        value = value.tolist()
    if type(value).__name__ in _MISSING_TYPES or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def has_text_field(names: Iterable[Any]) -> bool:
    """Return whether one of the names of fields is in `TEXT_FIELDS`."""
    return any(_folded(name) in TEXT_FIELDS for name in names)


def no_text_field(what: str, names: Iterable[Any]) -> str:
    """Return the error for names of fields that include none of `TEXT_FIELDS`."""
    found = shorten(", ".join(map(str, names)), _MOST_NAMED) or "none"
    return f"{what} must have a text, called {' or '.join(TEXT_FIELDS)}, got {found}"


def _document_in_record(record: Mapping[Any, Any], fallback_id: str) -> Document:
    fields = {_folded(name): name for name in record}
    values = {name: plain(value) for name, value in record.items()}

    def first(names: Iterable[str]) -> Any:
        there = [fields[name] for name in names if name in fields]
        filled = (name for name in there if values[name] not in (None, ""))
        return next(filled, there[0] if there else None)

    text_field, id_field, title_field = first(TEXT_FIELDS), first(ID_FIELDS), first([TITLE_FIELD])
    if text_field is None:
        raise ValueError(no_text_field("document", record))
    text = values[text_field]
    if isinstance(text, list | tuple) and all(isinstance(part, str) for part in text):
        text = " ".join(text)
    check.text(str(text_field), text)
    title = values.get(title_field)
    if isinstance(title, str) and title.strip() and not text.startswith(title):
        text = f"{title}\n{text}" if text.strip() else title
    given_id = values.get(id_field)
    id_ = fallback_id if given_id in (None, "") else document_id(given_id)
    metadata: dict[str, MetadataValue] = {}
    others = {name: value for name, value in values.items() if name not in (id_field, text_field)}
    more = others.pop(fields.get(_METADATA_FIELD), None)
    for named in (more if isinstance(more, Mapping) else {_METADATA_FIELD: more}, others):
        for name, value in named.items():
            simple = _simple(plain(value))
            if simple is not None:
                metadata[str(name)] = simple
    return Document(id_, text, metadata)


def _simple(value: Any) -> MetadataValue | None:
    """Return a value that metadata can hold; None for a value that it cannot."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool) else None


def _folded(name: Any) -> str:
    return str(name).strip().casefold()
