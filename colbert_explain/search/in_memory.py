"""Encoded documents in memory: searched exactly, and lost when the process ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from colbert_explain.analysis._pooled_cosine import pooled_vector
from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search.best import best_in_parts
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Found
from colbert_explain.search.filters import Where, matches
from colbert_explain.search.packed_vectors import PackedVectors
from colbert_explain.tokens import TokenSequence

#: Vectors of a full block: 200 MB with 768 numbers each.
_FULL = 65_536


@dataclass(frozen=True, eq=False, slots=True)
class _Block:
    """Documents that were added one after the other, with places from ``first`` on."""

    first: int
    documents: tuple[Document, ...]
    tokens: tuple[TokenSequence, ...]
    vectors: PackedVectors
    pooled: Float[np.ndarray, "documents dim"]

    @classmethod
    def pack(cls, first: int, encoded: Sequence[EncodedDocument]) -> _Block:
        return cls(
            first,
            tuple(one.document for one in encoded),
            tuple(one.embeddings.tokens for one in encoded),
            PackedVectors.pack([one.embeddings for one in encoded]),
            np.stack([pooled_vector(one.embeddings) for one in encoded]),
        )

    @property
    def size(self) -> int:
        return len(self.vectors.scored) + len(self.vectors.unscored)

    def encoded(self, number: int, provenance: Provenance) -> EncodedDocument:
        tokens = self.tokens[number]
        vectors = self.vectors.vectors_of(number, tokens)
        return EncodedDocument(self.documents[number], TokenEmbeddings(tokens, vectors, provenance))


class InMemoryEngine:
    """Keep vectors packed in blocks of documents; see `Engine`."""

    is_exact = True

    def __init__(self) -> None:
        self.provenance: Provenance | None = None
        self._blocks: list[_Block] = []
        self._place_of: dict[str, int] = {}  # without documents that were deleted
        self._n_added = 0

    def __len__(self) -> int:
        return len(self._place_of)

    def __contains__(self, id: str) -> bool:
        return id in self._place_of

    def where_it_lies(self) -> str:
        """Return "memory"."""
        return "memory"

    def add(self, documents: Iterable[EncodedDocument]) -> None:
        """Store documents with new ids, in order."""
        waiting: list[EncodedDocument] = []
        size = 0
        for encoded in documents:
            waiting.append(encoded)
            size += len(encoded.embeddings.tokens)
            if size >= _FULL:
                self._append(waiting)
                waiting, size = [], 0
        if waiting:
            self._append(waiting)

    def _append(self, encoded: list[EncodedDocument]) -> None:
        self.provenance = self.provenance or encoded[0].embeddings.provenance
        for number, one in enumerate(encoded):
            self._place_of[one.document.id] = self._n_added + number
        block = _Block.pack(self._n_added, encoded)
        self._n_added += len(encoded)
        # Small blocks are joined when they are of like size, so that no vector is copied often.
        while self._blocks and block.size >= self._blocks[-1].size / 2:
            last = self._blocks[-1]
            follows = last.first + len(last.documents) == block.first
            if not follows or last.size + block.size > _FULL:
                break
            both = [
                part.encoded(number, self.provenance)
                for part in (last, block)
                for number in range(len(part.documents))
            ]
            block = _Block.pack(last.first, both)
            self._blocks.pop()
        self._blocks.append(block)

    def delete(self, ids: Ids[str]) -> None:
        """Remove documents; the memory of a block is free when its last document is removed."""
        for id_ in ids:
            del self._place_of[id_]
        self._blocks = [
            block
            for block in self._blocks
            if any(self._is_there(block, number) for number in range(len(block.documents)))
        ]

    def documents(self) -> Iterator[Document]:
        """Return all documents in the order in which they were added."""
        for block in self._blocks:
            for number, document in enumerate(block.documents):
                if self._is_there(block, number):
                    yield document

    def fetch(self, ids: Sequence[str]) -> list[EncodedDocument]:
        """Return documents with their vectors, in the order of ``ids``."""
        if self.provenance is None:
            return []
        positions = [self._position(self._place_of[id_]) for id_ in ids]
        return [self._blocks[i].encoded(number, self.provenance) for i, number in positions]

    def search(
        self,
        query: Float[np.ndarray, "query dim"],
        n: int,
        *,
        among: Ids[str] | None = None,
        where: Where | None = None,
    ) -> list[Found]:
        """Return the ``n`` best documents by MaxSim, best first."""
        if among is None:
            scores = [block.vectors.scores(query) for block in self._blocks]
            return self._best(scores, n, where, terms=len(query))
        scores = [np.full(len(block.documents), -np.inf, np.float32) for block in self._blocks]
        for id_ in among:
            i, number = self._position(self._place_of[id_])
            scores[i][number] = self._blocks[i].vectors.score_of(number, query)
        return self._best(scores, n, where, terms=len(query))

    def exact_scores(
        self, query: Float[np.ndarray, "query dim"], ids: Sequence[str]
    ) -> Float[np.ndarray, " documents"]:
        """Score documents, in the order of ``ids``."""
        positions = [self._position(self._place_of[id_]) for id_ in ids]
        scores = [self._blocks[i].vectors.score_of(number, query) for i, number in positions]
        return np.array(scores, np.float32)

    def search_pooled(
        self, query: Float[np.ndarray, " dim"], n: int, *, where: Where | None = None
    ) -> list[Found]:
        """Return the ``n`` documents whose pooled vector has the largest cosine, best first."""
        return self._best([block.pooled @ query for block in self._blocks], n, where)

    def close(self) -> None:
        """Do nothing: the memory is free when the engine is."""

    def _best(
        self,
        scores: list[Float[np.ndarray, " _"]],
        n: int,
        where: Where | None,
        *,
        terms: int = 1,
    ) -> list[Found]:
        """Choose from the scores of all blocks; documents that were deleted are left out."""
        if not self._blocks:
            return []
        for block, of_block in zip(self._blocks, scores, strict=True):
            kept = np.flatnonzero(np.isfinite(of_block)).tolist() if self._is_choosy(where) else []
            for number in kept:
                document = block.documents[number]
                if not (self._is_there(block, number) and matches(document.metadata, where)):
                    of_block[number] = -np.inf
        found = []
        for i, number, score in best_in_parts(scores, n, terms=terms):
            block = self._blocks[i]
            found.append(Found(block.first + number, block.documents[number].id, score))
        return found

    def _is_choosy(self, where: Where | None) -> bool:
        """Return whether some document of a block must not be found."""
        return bool(where) or len(self) < sum(len(block.documents) for block in self._blocks)

    def _is_there(self, block: _Block, number: int) -> bool:
        # An id may have been deleted and added again, with another place.
        return self._place_of.get(block.documents[number].id) == block.first + number

    def _position(self, place: int) -> tuple[int, int]:
        """Return the position of a document's block, and its number in the block."""
        i = bisect_right(self._blocks, place, key=lambda block: block.first) - 1
        return i, place - self._blocks[i].first
