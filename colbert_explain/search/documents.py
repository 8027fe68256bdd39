"""A document of a collection, before and after it is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.text.wording import shorten

MetadataValue = str | int | float | bool
"""What a field of a document's metadata may hold."""


@dataclass(frozen=True, slots=True, repr=False)
class Document(ShowsItself):
    """A text with an id.

    Parameters
    ----------
    id
        Its name, which no other document in the collection has.
    text
        The text that is encoded and shown.
    metadata
        Further fields, name to text, number or Boolean, such as a title; they are not encoded.
    """

    id: str
    text: str
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check.text("id", self.id)
        check.text("text", self.text)

    def __repr__(self) -> str:
        return f"Document({self.id!r}, {shorten(self.text, 60)!r})"


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A document with its token vectors; ``embeddings.tokens.text`` is the document's text."""

    document: Document
    embeddings: TokenEmbeddings
