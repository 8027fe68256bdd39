"""`Engine`: what a collection needs from the store of its vectors.

An engine stores encoded documents and finds the best of them for a query's vectors. It knows
neither the encoder nor the text of the query. `Collection` encodes the query, asks an engine for
candidates, and scores these exactly.

A document is identified by its place, a number that grows with every document added and is never
used again, and by its id. Every engine passes the tests in ``tests/search/engine_contract.py``.
"""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from colbert_explain.embeddings import Provenance
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.filters import Where


@dataclass(frozen=True, slots=True)
class Found:
    """A document that an engine found.

    Attributes
    ----------
    place
        Its number in the order in which documents were added, from 0.
    id
        Its id.
    score
        Its score by the engine's vectors, which may be compressed.
    """

    place: int
    id: str
    score: float


@runtime_checkable
class Engine(Protocol):
    """A store of encoded documents that can be searched.

    Attributes
    ----------
    provenance
        What encoded the documents; None while there are no documents.
    is_exact
        Whether `search` scores with the encoder's own vectors; otherwise with compressed ones,
        and its best documents are candidates for `exact_scores`.
    """

    provenance: Provenance | None
    is_exact: bool

    def __len__(self) -> int:
        """Return how many documents there are, without those that were deleted."""
        ...

    def __contains__(self, id: str) -> bool:
        """Return whether there is a document with this id."""
        ...

    def where_it_lies(self) -> str:
        """Return where the documents are, for a sentence: "memory", a folder or an address."""
        ...

    def add(self, documents: Iterable[EncodedDocument]) -> None:
        """Store documents with new ids, in order; each is stored whole or not at all."""
        ...

    def delete(self, ids: Ids[str]) -> None:
        """Remove documents; the caller has checked that every id exists."""
        ...

    def documents(self) -> Iterator[Document]:
        """Return all documents in the order in which they were added, one at a time."""
        ...

    def fetch(self, ids: Sequence[str]) -> list[EncodedDocument]:
        """Return documents with the encoder's own vectors, in the order of ``ids``."""
        ...

    def search(
        self,
        query: Float[np.ndarray, "query dim"],
        n: int,
        *,
        among: Ids[str] | None = None,
        where: Where | None = None,
    ) -> list[Found]:
        """Return the ``n`` best documents by MaxSim, best first.

        Parameters
        ----------
        query
            The scored vectors of a query, unit length.
        n
            At least 1.
        among
            The only documents to score, by id.
        where
            What the metadata must be.
        """
        ...

    def exact_scores(
        self, query: Float[np.ndarray, "query dim"], ids: Sequence[str]
    ) -> Float[np.ndarray, " documents"]:
        """Score documents with the encoder's own vectors, in the order of ``ids``."""
        ...

    def search_pooled(
        self, query: Float[np.ndarray, " dim"], n: int, *, where: Where | None = None
    ) -> list[Found]:
        """Return the ``n`` documents whose pooled vector has the largest cosine, best first."""
        ...

    def close(self) -> None:
        """Release files and connections; an engine in memory stays usable."""
        ...
