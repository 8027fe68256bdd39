"""`GivenDocuments`: documents that are read one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from colbert_explain.analysis import UnreadableDocument
from colbert_explain.search.documents import Document


@dataclass(frozen=True, slots=True)
class GivenDocuments:
    """Documents to be read one after the other.

    Attributes
    ----------
    items
        Each document, or the reason why it cannot be read; an iterable that can be read once.
    n
        How many there are; None if this is not known in advance.
    notes
        Sentences about how they were found: columns that were used, files that were left out.
    """

    items: Iterable[Document | UnreadableDocument]
    n: int | None = None
    notes: tuple[str, ...] = ()
