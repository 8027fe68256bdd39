"""The segments of a collection, searched as one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from colbert_explain.embeddings import Provenance
from colbert_explain.search.best import best_in_parts
from colbert_explain.search.compression import Compression
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Found
from colbert_explain.search.filters import Where
from colbert_explain.search.on_disk.segment import Segment


class SegmentList:
    """Segments in the order of their places; documents are known by their place.

    It never changes, so that one thread may search it while another adds documents.
    """

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self.segments = tuple(segments)

    def documents(self) -> Iterator[Document]:
        """Return all documents that were not deleted; their texts are read one by one."""
        for segment in self.segments:
            for number in np.flatnonzero(segment.is_there).tolist():
                yield segment.document(number)

    def document(self, place: int) -> Document:
        """Return a document without its vectors."""
        segment, number = self._at(place)
        return segment.document(number)

    def encoded(self, place: int, provenance: Provenance) -> EncodedDocument:
        """Return a document with its vectors."""
        segment, number = self._at(place)
        return segment.encoded(number, provenance)

    def search(
        self,
        query: Float[np.ndarray, "query dim"],
        n: int,
        compression: Compression | None,
        places: Sequence[int] | None,
        where: Where | None,
    ) -> list[Found]:
        """Return the ``n`` best documents by MaxSim, of all or of those at some places."""
        asked = query if compression is None else compression.query(query)
        if places is None:
            scores = [one.scores(asked, compression) for one in self.segments]
            return self._best(scores, n, where, terms=len(query))
        scores = [np.full(len(one), -np.inf, np.float32) for one in self.segments]
        number_of = {segment: i for i, segment in enumerate(self.segments)}
        for place in places:
            segment, number = self._at(place)
            scores[number_of[segment]][number] = segment.score_of(number, asked, compression)
        return self._best(scores, n, where, terms=len(query))

    def score_of(self, place: int, query: Float[np.ndarray, "query dim"]) -> float:
        """Score one document exactly."""
        segment, number = self._at(place)
        return segment.score_of(number, query)

    def search_pooled(
        self, query: Float[np.ndarray, " dim"], n: int, where: Where | None
    ) -> list[Found]:
        """Return the ``n`` documents whose pooled vector has the largest cosine, best first."""
        return self._best([one.pooled() @ query for one in self.segments], n, where)

    def _at(self, place: int) -> tuple[Segment, int]:
        """Return the segment of a document, and its number in the segment."""
        i = bisect_right(self.segments, place, key=lambda one: one.entry.first) - 1
        return self.segments[i], self.segments[i].number_of(place)

    def _best(
        self,
        scores: Sequence[Float[np.ndarray, " _"]],
        n: int,
        where: Where | None,
        *,
        terms: int = 1,
    ) -> list[Found]:
        """Choose from the scores of all segments; documents that were deleted are left out."""
        if not self.segments:
            return []
        for segment, of_segment in zip(self.segments, scores, strict=True):
            of_segment[~(segment.passes(where) if where else segment.is_there)] = -np.inf
        found = []
        for i, number, score in best_in_parts(scores, n, terms=terms):
            segment = self.segments[i]
            found.append(Found(int(segment.places[number]), segment.ids[number], score))
        return found
