"""Encoded documents on a Qdrant server or cluster."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Provenance
from colbert_explain.search.best import best_positions
from colbert_explain.search.compression import Compression, compression_named
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Found
from colbert_explain.search.error import CollectionError
from colbert_explain.search.filters import Where
from colbert_explain.search.qdrant import filters
from colbert_explain.search.qdrant import points as stored
from colbert_explain.search.qdrant.connection import Connection, missing, taken
from colbert_explain.search.qdrant.schema import (
    ABOUT_ID,
    about_collection,
    add_indexes,
    read_about,
    vector_configs,
)
from colbert_explain.similarity import TIE_TOLERANCE, maxsim_scores
from colbert_explain.storage.provenance_values import read_provenance

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

#: Documents per request when all are read, and when their vectors are.
_PAGE, _FETCHED = 512, 16
#: Documents that are asked for beyond the best, so that ties at the end are seen at once.
_SPARE = 8


class QdrantEngine:
    """Keep vectors on a Qdrant server; see `Engine`.

    `create` and `open` make one, with the extra ``qdrant``: ``pip install
    "colbert-explain[qdrant]"``. A collection of the server holds nothing else; the module
    `points` describes it. The server compares every vector: no graph is built. One program
    at a time may add documents.
    """

    def __init__(self, connection: Connection, name: str, compression: str | None) -> None:
        self.provenance: Provenance | None = None
        self.is_exact = compression is None
        self._connection = connection
        self._name = name
        self._compression_name = compression
        self._compression: Compression | None = None
        self._dim = 0
        self._n_added = 0

    @classmethod
    def create(
        cls, server: str | QdrantClient, name: str, *, compression: str | None = None
    ) -> QdrantEngine:
        """Make an engine for a new collection, which the server gets with the first document.

        Parameters
        ----------
        server
            The address, such as ``"http://localhost:6333"``, or a `QdrantClient`. The key of a
            server that asks for one is read from the environment variable ``QDRANT_API_KEY``.
        name
            The name of the collection on the server.
        compression
            None, or ``"map"``: the server then compares 128 numbers per token, and keeps the
            encoder's own vectors beside them for the exact score.

        Raises
        ------
        ValueError
            If an argument is not allowed, or the server has a collection of this name.
        ConnectionError
            If no server answers at the address.
        RuntimeError
            If qdrant-client is not installed.
        """
        check.text("name", name)
        if compression not in (None, "map"):
            raise ValueError(
                'compression must be None or "map" on a Qdrant server, which compares 32-bit '
                f"numbers, got {check.shown(compression)}"
            )
        connection = Connection(server)
        with connection.errors_as_sentences(name):
            if connection.client.collection_exists(name):
                raise CollectionError(taken(connection.name, name))
        return cls(connection, name, compression)

    @classmethod
    def open(cls, server: str | QdrantClient, name: str) -> QdrantEngine:
        """Open a collection that `create` made; arguments and errors as for `create`.

        Raises a `CollectionError` if the server has no such collection, or something else made
        it.
        """
        check.text("name", name)
        connection = Connection(server)
        with connection.errors_as_sentences(name):
            if not connection.client.collection_exists(name):
                raise CollectionError(missing(connection.name, name))
            found = connection.client.retrieve(name, [ABOUT_ID], with_payload=True)
        about = read_about(found, f"the collection {name!r} of {connection.name}")
        engine = cls(connection, name, about["compression"])
        engine._n_added = about["n_added"]
        engine._begin(read_provenance(about["provenance"]), about["dim"])
        return engine

    def _begin(self, provenance: Provenance, dim: int) -> None:
        if self._compression_name is not None:
            self._compression = compression_named(self._compression_name, provenance)
        self.provenance, self._dim = provenance, dim

    def __len__(self) -> int:
        if self.provenance is None:
            return 0
        with self._errors():
            counted = self._client.count(self._name, filters.of_kind("document"), exact=True)
        return counted.count

    def __contains__(self, id: str) -> bool:
        if self.provenance is None:
            return False
        with self._errors():
            return bool(
                self._client.retrieve(self._name, [stored.point_id(id)], with_payload=False)
            )

    def where_it_lies(self) -> str:
        """Return the collection and the address of the server."""
        return f"the collection {self._name!r} of {self._connection.name}"

    def check(self, encoded: EncodedDocument) -> None:
        """Raise a `ValueError` if the server cannot take a document as it is.

        It takes fewer than 1,048,576 numbers for the scored tokens of a document: 1,365 tokens of
        768 numbers, or 8,191 of 128. Numbers in metadata must be finite.
        """
        compression = self._compression
        if compression is None and self._compression_name is not None:
            provenance = encoded.embeddings.provenance
            compression = compression_named(self._compression_name, provenance)
        stored.check_document(encoded, compression)

    def add(self, documents: Iterable[EncodedDocument]) -> None:
        """Store documents with new ids, in order.

        Raises a `ValueError` for a document that `check` refuses.
        """
        waiting: list[stored.SizedPoint] = []
        parts: list[stored.SizedPoint] = []
        place, size = self._n_added, 0
        for encoded in documents:
            self.check(encoded)
            if self.provenance is None:
                self._create(encoded)
            point, of_point = stored.points(encoded, place, self._compression)
            place += 1
            waiting.append(point)
            parts += of_point
            size += sum(one.size for one in (point, *of_point))
            if size >= stored.LARGEST_REQUEST:
                self._send(parts, waiting, place)
                waiting, parts, size = [], [], 0
        if waiting:
            self._send(parts, waiting, place)

    def _create(self, encoded: EncodedDocument) -> None:
        own = encoded.embeddings.vectors[:1]
        self._begin(encoded.embeddings.provenance, own.shape[1])
        indexed = stored.compressed(own, self._compression) if self._compression else own
        about = about_collection(
            encoded.embeddings.provenance, self._compression_name, own.shape[1]
        )
        with self._errors():
            self._client.create_collection(
                self._name,
                vectors_config=vector_configs(
                    own.shape[1], indexed.shape[1], has_own=self._compression is not None
                ),
            )
            add_indexes(self._client, self._name)
            self._client.upsert(self._name, [about], wait=True)

    def _send(
        self, parts: list[stored.SizedPoint], documents: list[stored.SizedPoint], end: int
    ) -> None:
        """Store documents, and their parts before them; ``end`` is the next place."""
        with self._errors():
            # First, so that no place is used twice, whatever fails.
            self._client.set_payload(self._name, {"n_added": end}, points=[ABOUT_ID], wait=True)
            self._n_added = end
            for request in (*stored.requests(parts), *stored.requests(documents)):
                self._client.upsert(self._name, request, wait=True)

    def delete(self, ids: Ids[str]) -> None:
        """Remove documents, and then their parts."""
        from qdrant_client import models

        with self._errors():
            for some in _batches(list(ids), _PAGE):
                points = [stored.point_id(id_) for id_ in some]
                found = self._client.retrieve(self._name, points, with_payload=["id", "n_parts"])
                parts = [
                    part
                    for payload in (record.payload or {} for record in found)
                    for part in stored.part_ids(payload["id"], payload["n_parts"])
                ]
                for selected in (points, parts):
                    if selected:
                        selector = models.PointIdsList(points=list(selected))
                        self._client.delete(self._name, selector, wait=True)

    def documents(self) -> Iterator[Document]:
        """Return all documents in the order in which they were added."""
        for first in range(0, self._n_added, _PAGE):
            page = filters.of_kind("document", [filters.places(first, first + _PAGE)])
            with self._errors():
                found, _ = self._client.scroll(
                    self._name, page, limit=_PAGE, with_payload=["id", "text", "metadata", "place"]
                )
            for record in sorted(found, key=lambda one: (one.payload or {})["place"]):
                yield stored.document_of(record)

    def fetch(self, ids: Sequence[str]) -> list[EncodedDocument]:
        """Return documents with the encoder's own vectors, in the order of ``ids``."""
        return list(self._fetched(ids))

    def _fetched(self, ids: Sequence[str]) -> Iterator[EncodedDocument]:
        """Return documents with the encoder's own vectors, some at a time."""
        for some in _batches(ids, _FETCHED):
            with self._errors():
                points = [stored.point_id(id_) for id_ in some]
                found = self._client.retrieve(
                    self._name, points, with_payload=True, with_vectors=[self._own]
                )
            records = {str(record.id): record for record in found}
            for id_ in some:
                if (record := records.get(stored.point_id(id_))) is None:
                    raise KeyError(id_)
                yield self._encoded(record)

    def _encoded(self, record: models.Record) -> EncodedDocument:
        payload: dict[str, Any] = record.payload or {}
        parts: list[models.Record] = []
        # One by one: together they may be 30 MB.
        for id_ in stored.part_ids(payload["id"], payload["n_parts"]):
            with self._errors():
                parts += self._client.retrieve(self._name, [id_], with_payload=True)
        if self.provenance is None:
            raise CollectionError(f"{self.where_it_lies()} has no provenance: build it again")
        return stored.encoded_of(record, self._own, parts, self.provenance, self._dim)

    def search(
        self,
        query: Float[np.ndarray, "query dim"],
        n: int,
        *,
        among: Ids[str] | None = None,
        where: Where | None = None,
    ) -> list[Found]:
        """Return the ``n`` best documents by MaxSim, best first."""
        if among is not None and not among:
            return []
        vectors = query if self._compression is None else self._compression.query(query)
        return self._best("tokens", vectors, n, among, where)

    def search_pooled(
        self, query: Float[np.ndarray, " dim"], n: int, *, where: Where | None = None
    ) -> list[Found]:
        """Return the ``n`` documents whose pooled vector has the largest cosine, best first."""
        return self._best("pooled", query, n, None, where)

    def exact_scores(
        self, query: Float[np.ndarray, "query dim"], ids: Sequence[str]
    ) -> Float[np.ndarray, " documents"]:
        """Score documents in the order of ``ids``.

        The server does it; only documents that it keeps in parts are fetched and scored here.
        """
        if not ids:
            return np.zeros(0, np.float32)
        found = self._scored(self._own, query, len(set(ids)), self._conditions(ids, None) or [])
        scores = {one.id: one.score for one in found}
        for encoded in self._fetched([id_ for id_ in dict.fromkeys(ids) if id_ not in scores]):
            [scores[encoded.document.id]] = maxsim_scores(query, [encoded.embeddings]).tolist()
        return np.array([scores[id_] for id_ in ids], np.float32)

    def close(self) -> None:
        """Close the connection, unless the client was given."""
        self._connection.close()

    def _best(
        self,
        using: str,
        query: Float[np.ndarray, "*axes"],
        n: int,
        among: Ids[str] | None,
        where: Where | None,
    ) -> list[Found]:
        """Ask for enough documents to include all that are equal to the last one."""
        conditions = self._conditions(among, where)
        if self.provenance is None or conditions is None:
            return []
        terms = len(query) if query.ndim == 2 else 1
        limit = n + _SPARE
        while True:
            found = self._scored(using, query, limit, conditions)
            is_all = len(found) < limit
            if is_all or found[-1].score < found[n - 1].score - terms * TIE_TOLERANCE:
                break
            limit *= 2
        found.sort(key=lambda one: one.place)
        scores = np.array([one.score for one in found], np.float32)
        return [found[i] for i in best_positions(scores, n, terms=terms)]

    def _conditions(
        self, among: Ids[str] | None, where: Where | None
    ) -> list[models.Condition] | None:
        """Return the conditions of a search; None if no document can pass."""
        found = filters.conditions(where)
        if found is not None and among is not None:
            found.append(filters.with_ids([stored.point_id(id_) for id_ in among]))
        return found

    def _scored(
        self,
        using: str,
        query: Float[np.ndarray, "*axes"],
        limit: int,
        conditions: list[models.Condition],
    ) -> list[Found]:
        """Return the documents with the largest scores by one of the named vectors."""
        with self._errors():
            answer = self._client.query_points(
                self._name,
                query=query.tolist(),
                using=using,
                limit=limit,
                query_filter=filters.of_kind("document", conditions),
                with_payload=["id", "place"],
            )
        payloads = [(point.payload or {}, point.score) for point in answer.points]
        return [Found(payload["place"], payload["id"], score) for payload, score in payloads]

    @property
    def _own(self) -> str:
        """The name of the encoder's own vectors."""
        return "tokens" if self.is_exact else "own"

    @property
    def _client(self) -> QdrantClient:
        return self._connection.client

    def _errors(self) -> Any:
        return self._connection.errors_as_sentences(self._name)


def _batches(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
