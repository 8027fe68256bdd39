"""Read a segment: documents, tokens and vectors, each checked before its first use."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search.compression import Compression
from colbert_explain.search.documents import Document, EncodedDocument, MetadataValue
from colbert_explain.search.error import CollectionError
from colbert_explain.search.filters import Where, matches
from colbert_explain.search.on_disk import segment_writer as names
from colbert_explain.search.on_disk.checked_file import CheckedArray, CheckedFile, Digests
from colbert_explain.search.on_disk.manifest import SegmentEntry, how_to_rebuild
from colbert_explain.search.on_disk.token_table import tokens_from
from colbert_explain.search.packed_vectors import PackedVectors, packed_scores, scores_in_blocks


class Segment:
    """Some documents of a collection, by their number in the segment.

    Methods raise a `CollectionError` that names the file if one is not as it was written.

    Attributes
    ----------
    entry
        What the manifest says about it.
    is_there
        False for documents that were deleted, shape ``(n_documents,)``.
    """

    def __init__(
        self, collection: Path, entry: SegmentEntry, deleted: Int[np.ndarray, " _"]
    ) -> None:
        folder = collection / entry.name
        advice = how_to_rebuild(collection)
        self.entry = entry
        self._folder = folder
        path = folder / names.DIGESTS
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CollectionError(
                f"{path} cannot be read ({error.strerror or error}): {advice}"
            ) from error
        if hashlib.sha256(data).hexdigest() != entry.digests:
            raise CollectionError(
                f"{path} is damaged (its content does not match its digest): {advice}"
            )
        self._files = {
            name: CheckedFile(folder / name, Digests(found["size"], tuple(found["chunks"])), advice)
            for name, found in json.loads(data).items()
        }
        self._arrays: dict[str, CheckedArray] = {}
        self.ids: list[str] = self._json(names.IDS)
        self.is_there = np.ones(len(self.ids), bool)
        if len(deleted):
            self.is_there = ~np.isin(self.places, deleted)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(file.size for file in self._files.values())

    @cached_property
    def places(self) -> Int[np.ndarray, " documents"]:
        """The place of each document in the collection, in ascending order."""
        return self._positions[:, 0]

    def number_of(self, place: int) -> int:
        """Return the number of the document at a place."""
        return int(np.searchsorted(self.places, place))

    def document(self, number: int) -> Document:
        """Return id, text and metadata of a document."""
        begin, end = self._from_to(4, number)
        found = json.loads(self._files[names.DOCUMENTS].read(begin, end).tobytes())
        return Document(found["id"], found["text"], found["metadata"])

    def encoded(self, number: int, provenance: Provenance) -> EncodedDocument:
        """Return a document with its vectors, which are copied."""
        document = self.document(number)
        begin, end = self._from_to(3, number)
        n_unread, unread_start = self._positions[number, 5:].tolist()
        tokens = tokens_from(
            document.text,
            self._rows(names.TOKENS, begin, end),
            self._strings,
            n_unread,
            unread_start if n_unread else None,
        )
        scored, unscored = self._scored(number), self._vectors(names.UNSCORED, 2, number)
        starts = (np.array([0, len(scored)]), np.array([0, len(unscored)]))
        vectors = PackedVectors(scored, starts[0], unscored, starts[1]).vectors_of(0, tokens)
        vectors.flags.writeable = False  # so that they are not copied again
        return EncodedDocument(document, TokenEmbeddings(tokens, vectors, provenance))

    def passes(self, where: Where) -> Bool[np.ndarray, " documents"]:
        """Return which documents are there and pass a filter; metadata stays in memory then."""
        passing = [matches(metadata, where) for metadata in self._metadata]
        return self.is_there & np.array(passing, bool)

    def scores(
        self, query: Float[np.ndarray, "query numbers"], compression: Compression | None = None
    ) -> Float[np.ndarray, " documents"]:
        """Score all documents, including those that were deleted.

        With a compression, its vectors are scored, and ``query`` is what it made of the query.
        """
        if compression is None:
            return packed_scores(query, self._rows(names.SCORED), self._starts)
        arrays = self._compressed(0, None)
        return scores_in_blocks(
            lambda begin, end: compression.similarity(
                query, {name: array[begin:end] for name, array in arrays.items()}
            ),
            self._starts,
        )

    def score_of(
        self,
        number: int,
        query: Float[np.ndarray, "query numbers"],
        compression: Compression | None = None,
    ) -> float:
        """Score one document, as `scores` does."""
        if compression is None:
            similarity = query @ self._scored(number).T
        else:
            arrays = self._compressed(*self._from_to(1, number))
            similarity = compression.similarity(query, arrays)
        return float(similarity.max(axis=1).sum(dtype=np.float64))

    def pooled(self) -> Float[np.ndarray, "documents dim"]:
        """Return the pooled vector of each document."""
        return self._rows(names.POOLED)

    def check(self) -> None:
        """Check every file, whatever was checked before."""
        for file in self._files.values():
            file.check()

    @cached_property
    def _positions(self) -> Int[np.ndarray, "documents 7"]:
        return self._rows(names.POSITIONS)

    @cached_property
    def _starts(self) -> Int[np.ndarray, " documents_and_1"]:
        return np.concatenate([[0], self._positions[:, 1]])

    @cached_property
    def _strings(self) -> list[str]:
        return list(self._json(names.STRINGS))

    @cached_property
    def _metadata(self) -> list[dict[str, MetadataValue]]:
        lines = self._files[names.DOCUMENTS].read().tobytes().splitlines()
        return [json.loads(line)["metadata"] for line in lines]

    def _compressed(self, begin: int, end: int | None) -> dict[str, np.ndarray]:
        """Return rows of the compressed arrays, by the names that the compression gave them."""
        return {
            file.removeprefix(names.COMPRESSED).removesuffix(".npy"): self._rows(file, begin, end)
            for file in self._files
            if file.startswith(names.COMPRESSED)
        }

    def _from_to(self, column: int, number: int) -> tuple[int, int]:
        """Return begin and end of a document, from the column of ends."""
        begin = self._positions[number - 1, column] if number else 0
        return int(begin), int(self._positions[number, column])

    def _scored(self, number: int) -> Float[np.ndarray, "tokens dim"]:
        return self._vectors(names.SCORED, 1, number)

    def _vectors(self, file: str, column: int, number: int) -> Float[np.ndarray, "tokens dim"]:
        return self._rows(file, *self._from_to(column, number))

    def _rows(self, name: str, begin: int = 0, end: int | None = None) -> np.ndarray:
        if name not in self._arrays:
            self._arrays[name] = CheckedArray(self._files[name])
        return self._arrays[name].rows(begin, end)

    def _json(self, name: str) -> Any:
        return json.loads(self._files[name].read().tobytes())
