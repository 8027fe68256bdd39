"""`Collection`: documents that are encoded once, searched by MaxSim and explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

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
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Engine, Found
from colbert_explain.search.filters import Where, check_where
from colbert_explain.search.first_stage import FIRST_STAGES, FirstStage, WordIndex
from colbert_explain.search.hits import Hits
from colbert_explain.search.in_memory import InMemoryEngine
from colbert_explain.search.readers import documents_in
from colbert_explain.text.wording import count


class Collection(ShowsItself):
    """Documents with their token vectors; `Collection.build` and `open_collection` make one.

    Parameters
    ----------
    engine
        Where the documents lie.
    encoder
        What encodes queries and further documents; by default the bundled encoder.

    Attributes
    ----------
    left_out
        The documents that could not be read when the collection was built or added to.
    """

    def __init__(self, engine: Engine, encoder: Encoder | None = None) -> None:
        self.engine = engine
        self.left_out: tuple[UnreadableDocument, ...] = ()
        self._encoder = encoder
        self._words: WordIndex | None = None

    @classmethod
    def build(
        cls,
        documents: Any,
        encoder: Encoder | None = None,
        path: str | Path | None = None,
        *,
        on_unreadable: Literal["skip", "raise"] = "skip",
        progress: Progress | None = None,
    ) -> Collection:
        """Encode documents and keep them.

        Parameters
        ----------
        documents
            Strings, ``(id, text)`` pairs, mappings with ``id`` and ``text``, or a mapping from
            ids to texts, in any iterable, which is read once. Texts without an id are called by
            their position.
        encoder
            What turns texts into token vectors; by default the bundled one.
        path
            Where to keep them; by default in memory.
        on_unreadable
            What happens to a document that cannot be read, as in `rank`, or whose id another one
            has: ``"skip"`` lists it in ``left_out``, ``"raise"`` stops.
        progress
            Called as ``progress(done, total)``, in documents.
        """
        collection = cls(InMemoryEngine(), given_encoder(encoder))
        collection.add(documents, on_unreadable=on_unreadable, progress=progress)
        if not len(collection):
            raise ValueError(none_readable(collection.left_out))
        return collection

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
        """What encodes queries and further documents."""
        return given_encoder(self._encoder)

    @property
    def provenance(self) -> Provenance | None:
        """What encoded the documents; None while there is none."""
        return self.engine.provenance

    @property
    def where_it_lies(self) -> str:
        """Where the documents are: "memory", a folder or an address."""
        return self.engine.where_it_lies()

    def embeddings(self, id: str) -> EncodedDocument:
        """Return a document with its token vectors.

        Raises a `KeyError` if there is none of this id.
        """
        if id not in self:
            raise KeyError(id)
        return self.engine.fetch([id])[0]

    def add(
        self,
        documents: Any,
        *,
        on_unreadable: Literal["skip", "raise"] = "skip",
        progress: Progress | None = None,
    ) -> None:
        """Encode further documents; arguments as for `build`."""
        check.choice("on_unreadable", on_unreadable, ("skip", "raise"))
        check.function("progress", progress, "done, total")
        given = documents_in(documents)
        self._words = None
        unreadable: list[UnreadableDocument] = []
        self.engine.add(_encoded(given.items, given.n, self, unreadable, on_unreadable, progress))
        self.left_out += tuple(unreadable)

    def delete(self, ids: str | Iterable[str]) -> None:
        """Remove documents by their ids.

        Raises a `KeyError` if there is none of an id; then none is removed.
        """
        wanted = [ids] if isinstance(ids, str) else list(ids)
        for id_ in wanted:
            if id_ not in self:
                raise KeyError(id_)
        self._words = None
        self.engine.delete(set(wanted))

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
            What chooses the documents that are scored: ``"bm25"``, ``"pooled"``, or None for all.
        candidates
            How many documents a first stage, or a compressed index, chooses.
        where
            What the metadata must be: name to a value, a list of values, or a range
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
    ) -> tuple[list[tuple[Found, float]], int]:
        """Return the best documents with their exact scores, and how many were scored exactly."""
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
            n_scored = len(self) if among is None else len(among)
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
            raise ValueError("the collection must hold at least one document, got none")
        if not isinstance(query, TokenEmbeddings):
            query = self.encoder.embed_query(check.text("query", query))
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
        if where:
            return f"where must be true of some document, but none of {among} passes {dict(where)}"
        return (
            f"none of {among} holds a word of the query: search without first_stage='{first_stage}'"
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


def _encoded(
    items: Iterable[Document | UnreadableDocument],
    n: int | None,
    collection: Collection,
    unreadable: list[UnreadableDocument],
    on_unreadable: str,
    progress: Progress | None,
) -> Iterator[EncodedDocument]:
    """Encode documents one after the other; list those that cannot be read."""
    encoder, taken = collection.encoder, set[str]()
    done = 0
    for position, item in enumerate(items):
        if progress is not None:
            progress(position, max(n or 0, position + 1))
        name = item.name if isinstance(item, UnreadableDocument) else item.id
        try:
            if isinstance(item, UnreadableDocument):
                raise ValueError(item.reason)
            if item.id in taken or item.id in collection:
                raise ValueError(f"its id is that of another document, {item.id!r}")
            embedded = encoder.embed_document(item.text)
            if not embedded.tokens.scored_mask.any():
                raise ValueError(nothing_scored("document", embedded.tokens, embedded.provenance))
        except ValueError as error:
            if on_unreadable == "raise":
                raise ValueError(f"{name}: {error}") from error
            unreadable.append(UnreadableDocument(position, name, str(error)))
            continue
        taken.add(item.id)
        done += 1
        yield EncodedDocument(item, embedded)
    if progress is not None:
        progress(position + 1, position + 1)


def open_collection(path: str | Path, encoder: Encoder | None = None) -> Collection:
    """Open a collection that `Collection.build` wrote."""
    raise NotImplementedError
