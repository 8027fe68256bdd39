"""`Collection`: documents that are encoded once, searched by MaxSim and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.analysis import UnreadableDocument
from colbert_explain.analysis._pooled_cosine import pooled_vector
from colbert_explain.analysis.unreadable_documents import none_readable
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Encoder, Progress, Provenance, TokenEmbeddings
from colbert_explain.explanation import given_encoder
from colbert_explain.explanation.scores import nothing_scored
from colbert_explain.search.best import best_positions
from colbert_explain.search.build_progress import BuildEstimate, BuildProgress
from colbert_explain.search.compression import COMPRESSIONS, CompressionName
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.encoding import (
    OnUnreadable,
    check_encoder_of_build,
    check_same_model,
    encoded_documents,
    encoder_of,
)
from colbert_explain.search.engine import Engine, Found
from colbert_explain.search.error import UnknownDocumentError
from colbert_explain.search.filters import Where, check_where
from colbert_explain.search.first_stage import FIRST_STAGES, FirstStage, WordIndex
from colbert_explain.search.hits import Hits
from colbert_explain.search.in_memory import InMemoryEngine
from colbert_explain.search.on_disk import OnDiskEngine
from colbert_explain.search.qdrant import QdrantEngine
from colbert_explain.search.readers import documents_in
from colbert_explain.search.server import is_address, name_on_server
from colbert_explain.text.wording import count


class Collection(ShowsItself):
    """Documents with their token vectors; `Collection.build` and `open_collection` make one.

    Parameters
    ----------
    engine
        Where the documents are kept.
    encoder
        What encodes queries and further documents; by default the bundled encoder, if the
        documents were encoded with it.

    Attributes
    ----------
    left_out
        The documents that could not be read when the collection was built or added to.
    notes
        Sentences about how these documents were found, such as the columns of a table.
    """

    def __init__(self, engine: Engine, encoder: Encoder | None = None) -> None:
        self.engine = engine
        self.left_out: tuple[UnreadableDocument, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._encoder = encoder
        self._words: WordIndex | None = None

    @classmethod
    def build(
        cls,
        documents: Any,
        encoder: Encoder | None = None,
        path: str | Path | None = None,
        *,
        name: str | None = None,
        compression: CompressionName | None = None,
        on_unreadable: OnUnreadable = "skip",
        progress: Progress | None = None,
        on_estimate: Callable[[BuildEstimate], object] | None = None,
    ) -> Collection:
        """Encode documents and keep them.

        In a terminal or notebook, an estimate of size and time is shown after the first
        documents, then the time left.

        Parameters
        ----------
        documents
            Strings, ``(id, text)`` pairs, mappings with ``id`` and ``text``, or documents, in any
            iterable, which is read once; a mapping from ids to texts; a DataFrame; or the path of a
            folder or file. The id of a text without one is its position.
        encoder
            What turns texts into token vectors; by default the bundled one.
        path
            Where to keep them: a new or empty folder, or the address of a Qdrant server, such as
            ``"http://localhost:6333"``; by default in memory. An interrupted build in a folder
            continues if it is called again with the same documents.
        name
            The name of the collection on a server.
        compression
            Search smaller copies of the vectors first: ``"map"``, ``"int8"`` or ``"map+int8"``; the
            best documents are then scored exactly. Not for a collection in memory.
        on_unreadable
            What happens to a document that cannot be read, as in `rank`, or that has the id of
            another: ``"skip"`` lists it in ``left_out``, ``"raise"`` stops.
        progress
            Called as ``progress(done, total)``, in documents; if it is given, nothing is shown.
        on_estimate
            Called with a `BuildEstimate` after the first documents.

        Raises
        ------
        CollectionError
            If ``path`` holds something else or another process is writing to it, the disk is
            full, or an unfinished build there had other documents or another encoder.
        ValueError
            If no document can be read, or an argument is out of range.
        """
        if compression is not None:
            check.choice("compression", compression, COMPRESSIONS)
        name = name_on_server(path, name)
        reading = (on_unreadable, progress, on_estimate)
        if path is None:
            if compression is not None:
                raise ValueError(
                    f"compression must be None without a path, got {compression!r}: a collection "
                    "in memory is searched exactly"
                )
            collection = cls(InMemoryEngine(), given_encoder(encoder))
            collection._add(documents, *reading)
        elif is_address(path):
            server = QdrantEngine.create(str(path), name, compression=compression)
            collection = cls(server, given_encoder(encoder))
            collection._add(documents, *reading)
        else:
            with OnDiskEngine.building(check.file_path("path", path), compression) as engine:
                collection = cls(engine, given_encoder(encoder))
                check_encoder_of_build(engine, collection.encoder)
                collection._add(documents, *reading, stored=engine.document)
                if len(collection):
                    engine.complete()
        if not len(collection):
            raise ValueError(none_readable(collection.left_out))
        return collection

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release files and connections; a collection in memory stays usable."""
        self.engine.close()

    def __len__(self) -> int:
        return len(self.engine)

    def __iter__(self) -> Iterator[Document]:
        return self.engine.documents()

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and id in self.engine

    def __getitem__(self, id: str) -> Document:
        """Return the text and the metadata of a document by its id."""
        return self.embeddings(id).document

    def __repr__(self) -> str:
        model = self.engine.provenance.model if self.engine.provenance else "no model yet"
        return (
            f"Collection({count(len(self), 'document')} in {self.engine.where_it_lies()}, {model})"
        )

    @property
    def encoder(self) -> Encoder:
        """What encodes queries and further documents.

        Raises a `CollectionError` if none was given and the bundled one does not fit.
        """
        if self._encoder is None:
            self._encoder = encoder_of(self.provenance)
        return self._encoder

    @property
    def provenance(self) -> Provenance | None:
        """What encoded the documents; None while there are no documents."""
        return self.engine.provenance

    @property
    def where_it_lies(self) -> str:
        """Where the documents are: "memory", a folder or an address."""
        return self.engine.where_it_lies()

    def embeddings(self, id: str) -> EncodedDocument:
        """Return a document with its token vectors.

        Raises a `CollectionError` that is also a `KeyError` if no document has this id.
        """
        self._check_id("id", id)
        return self.engine.fetch([id])[0]

    def add(
        self,
        documents: Any,
        *,
        on_unreadable: OnUnreadable = "skip",
        progress: Progress | None = None,
        on_estimate: Callable[[BuildEstimate], object] | None = None,
    ) -> None:
        """Encode further documents; arguments and errors as for `build`."""
        self._add(documents, on_unreadable, progress, on_estimate)

    def _add(
        self,
        documents: Any,
        on_unreadable: OnUnreadable,
        progress: Progress | None,
        on_estimate: Callable[[BuildEstimate], object] | None,
        stored: Callable[[str], Document] | None = None,
    ) -> None:
        check.choice("on_unreadable", on_unreadable, ("skip", "raise"))
        check.function("progress", progress, "done, total")
        check.function("on_estimate", on_estimate, "estimate")
        given = documents_in(documents)
        self._words = None
        unreadable: list[UnreadableDocument] = []
        engine = self.engine
        size_of = engine.size_of if isinstance(engine, OnDiskEngine) else None
        report = BuildProgress(given.n, engine.where_it_lies(), progress, on_estimate, size_of)
        with report.shown():
            engine.add(
                encoded_documents(
                    given, engine, self.encoder, unreadable, on_unreadable, report, stored
                )
            )
        self.left_out += tuple(unreadable)
        self.notes += given.notes

    def check(self) -> None:
        """Compare every file of a collection in a folder with its digest.

        Without this, each part of a file is compared when a process first reads it. Raises a
        `CollectionError` that names the first file that is damaged.
        """
        if isinstance(self.engine, OnDiskEngine):
            self.engine.check()

    def delete(self, ids: str | Iterable[str]) -> None:
        """Remove documents by their ids.

        Raises a `CollectionError` that is also a `KeyError` if an id belongs to no document; then
        nothing is removed.
        """
        wanted = [ids] if isinstance(ids, str) else check.listed("ids", ids)
        for id_ in wanted:
            self._check_id("ids", id_)
        self._words = None
        self.engine.delete(set(wanted))

    def _check_id(self, name: str, id: object) -> None:
        if id not in self:
            raise UnknownDocumentError(
                f"{name} must belong to a document of the collection, got {check.shown(id)}"
            )

    def search(
        self,
        query: str | TokenEmbeddings,
        k: int = 10,
        *,
        first_stage: FirstStage | None = None,
        candidates: int = 100,
        where: Where | None = None,
    ) -> Hits:
        """Find the documents with the highest MaxSim score for a query.

        Parameters
        ----------
        query
            Any text that is not blank, or its token vectors.
        k
            How many hits, at least 1; there are fewer if fewer documents are scored.
        first_stage
            How the documents to score are chosen: by ``"bm25"`` or ``"pooled"``; None scores all.
        candidates
            How many documents a first stage, or a compressed index, chooses.
        where
            Which metadata a document must have: name to a value, a list of values, or a range
            ``{"min": ..., "max": ...}``.

        Returns
        -------
        Hits
            A ranking, best first; every hit is scored with the encoder's own vectors.

        Raises
        ------
        ValueError
            If the query cannot be read, an argument is out of its range, no document passes
            ``where`` or the first stage, or the encoder is not that of the collection.
        """
        embedded = self._query(query)
        self._check_search(k, first_stage, candidates, where)
        found, n_scored = self._best(embedded, k, first_stage, candidates, where)
        if not found:
            raise ValueError(self._nothing_found(first_stage, where))
        encoded = self.engine.fetch([one.id for one, _ in found])
        return Hits(
            embedded,
            tuple(one.embeddings for one in encoded),
            tuple(one.id for one, _ in found),
            tuple(one.place for one, _ in found),
            documents=tuple(one.document for one in encoded),
            index_scores=np.array([one.score for one, _ in found], np.float32),
            first_stage=first_stage,
            n_scored=n_scored,
            n_searched=len(self),
        )

    def _best(
        self,
        query: TokenEmbeddings,
        k: int,
        first_stage: FirstStage | None,
        candidates: int,
        where: Where | None,
    ) -> tuple[list[tuple[Found, float]], int | None]:
        """Return the best documents with their exact scores, and how many were scored exactly.

        The number is None if all that pass the filter were scored.
        """
        engine, vectors = self.engine, query.vectors[query.tokens.scored_mask]
        candidates = max(k, candidates)
        among: list[str] | None = None
        if first_stage == "bm25":
            among = [id_ for id_, _ in self._word_index.best(query.tokens.text, candidates, where)]
        elif first_stage == "pooled":
            pooled = engine.search_pooled(pooled_vector(query), candidates, where=where)
            among = [one.id for one in pooled]
        if among is not None and not among:
            return [], 0
        if engine.is_exact:
            found = engine.search(vectors, k, among=among, where=where)
            n_scored = len(among) if among is not None else None if where else len(self)
            return [(one, one.score) for one in found], n_scored
        found = engine.search(vectors, candidates, among=among, where=where)
        found.sort(key=lambda one: one.place)
        scores = engine.exact_scores(vectors, [one.id for one in found])
        best = best_positions(scores, k, terms=len(vectors))
        return [(found[i], float(scores[i])) for i in best], len(found)

    @property
    def _word_index(self) -> WordIndex:
        if self._words is None:
            self._words = WordIndex(self.engine.documents())
        return self._words

    def _query(self, query: str | TokenEmbeddings) -> TokenEmbeddings:
        if not len(self):
            raise ValueError("the collection must be open and hold at least one document, got none")
        if not isinstance(query, TokenEmbeddings):
            query = self.encoder.embed_query(check.text("query", query))
        check_same_model("query", query.provenance, self.provenance)
        if not query.tokens.scored_mask.any():
            raise ValueError(nothing_scored("query", query.tokens, query.provenance))
        return query

    def _check_search(
        self, k: int, first_stage: FirstStage | None, candidates: int, where: Where | None
    ) -> None:
        for name, value in (("k", k), ("candidates", candidates)):
            if check.whole_number(name, value) < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if first_stage is not None:
            check.choice("first_stage", first_stage, FIRST_STAGES)
        check_where(where)

    def _nothing_found(self, first_stage: FirstStage | None, where: Where | None) -> str:
        among = count(len(self), "document")
        if where and first_stage != "bm25":
            return f"where must be true of some document, but none of {among} passes {dict(where)}"
        passes = f"passes {dict(where)} and " if where else ""
        return (
            f"none of {among} {passes}holds a word of the query that BM25 counts: search without "
            f"first_stage='{first_stage}'{' or with another where' if where else ''}"
        )

    def scores(
        self,
        query: str | TokenEmbeddings,
        k: int = 100,
        *,
        first_stage: FirstStage | None = None,
        candidates: int = 100,
        where: Where | None = None,
    ) -> list[tuple[str, float]]:
        """Return ids and exact scores of what `search` finds, best first, without vectors.

        There may be none. Arguments and errors as for `search`.
        """
        embedded = self._query(query)
        self._check_search(k, first_stage, candidates, where)
        found, _ = self._best(embedded, k, first_stage, candidates, where)
        return [(one.id, score) for one, score in found]

    def candidates(
        self,
        query: str | TokenEmbeddings,
        k: int = 100,
        *,
        first_stage: FirstStage | None = None,
        where: Where | None = None,
    ) -> list[tuple[str, float]]:
        """Return ids and scores of the ``k`` best documents by a first stage alone, best first.

        The scores are BM25's or cosines; without a first stage they are those of the index, which
        may be compressed. There may be none. Errors as for `search`.
        """
        embedded = self._query(query)
        self._check_search(k, first_stage, k, where)
        if first_stage == "bm25":
            return self._word_index.best(embedded.tokens.text, k, where)
        if first_stage == "pooled":
            found = self.engine.search_pooled(pooled_vector(embedded), k, where=where)
        else:
            vectors = embedded.vectors[embedded.tokens.scored_mask]
            found = self.engine.search(vectors, k, where=where)
        return [(one.id, one.score) for one in found]
