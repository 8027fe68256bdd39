"""`OnDiskEngine`: encoded documents in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import compress
from pathlib import Path

import numpy as np
from jaxtyping import Float

from colbert_explain.embeddings import Provenance
from colbert_explain.search.compression import Compression, compression_named
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Found
from colbert_explain.search.error import CollectionError
from colbert_explain.search.filters import Where
from colbert_explain.search.on_disk.folder import (
    SEGMENTS,
    check_usable,
    remove_unnamed,
    writing_refused,
)
from colbert_explain.search.on_disk.lock import WriterLock
from colbert_explain.search.on_disk.manifest import (
    Manifest,
    SegmentEntry,
    is_collection,
    read_manifest,
    write_manifest,
)
from colbert_explain.search.on_disk.segment import Segment
from colbert_explain.search.on_disk.segment_list import SegmentList
from colbert_explain.search.on_disk.segment_writer import FULL_VECTORS, SegmentWriter, bytes_of
from colbert_explain.storage.provenance_values import provenance_as_json, read_provenance
from colbert_explain.text.wording import count

#: How often a folder is read again that another process changes meanwhile.
_TRIES = 10


class OnDiskEngine:
    """Segments in a folder; see `Engine`. `open` and `building` make one.

    Any number of processes may read; each sees the collection as it was when the process opened it.
    One may write: `add` and `delete` refuse the others.

    Attributes
    ----------
    folder
        Where the documents are kept.
    """

    def __init__(self, folder: Path, manifest: Manifest, segments: Sequence[Segment]) -> None:
        self.folder = folder
        self.provenance: Provenance | None = manifest.provenance
        self.is_exact = manifest.compression is None
        self._manifest = manifest
        self._stored = SegmentList(segments)
        self._lock = WriterLock(folder)
        self._writers = 0
        self._is_closed = False
        self._compression: Compression | None = None
        self._place_of: dict[str, int] = {}  # without documents that were deleted
        for segment in segments:
            self._take_ids(segment)

    @classmethod
    def open(cls, folder: Path) -> OnDiskEngine:
        """Open a complete collection.

        Raises a `CollectionError` if there is none, or it is damaged, unfinished or of another
        format.
        """
        engine = cls.read(folder)
        if not engine._manifest.is_complete:
            raise CollectionError(
                f"{folder} holds a collection that is not finished: "
                f"{count(len(engine), 'document')} so far. To continue, call Collection.build "
                "with the same documents and path, or run colbert-explain index"
            )
        return engine

    @classmethod
    @contextmanager
    def building(cls, folder: Path, compression: str | None) -> Iterator[OnDiskEngine]:
        """Hold the lock of a new collection, or of one whose build was interrupted.

        Raises a `CollectionError` if the folder has something else, or another process writes it.
        """
        check_usable(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_refused(folder, error) from error
        with WriterLock(folder).held():
            if not is_collection(folder) or _is_only_begun(read_manifest(folder)):
                try:
                    write_manifest(folder, Manifest(compression=compression))
                except OSError as error:
                    raise writing_refused(folder, error) from error
            engine = cls.read(folder)
        with engine.writing():
            manifest = engine._manifest
            if manifest.is_complete:
                raise CollectionError(
                    f"{folder} holds a complete collection of {count(len(engine), 'document')}: "
                    "open it with ce.open_collection and add documents, or name another folder"
                )
            if manifest.compression != compression:
                raise CollectionError(
                    f"{folder} holds an unfinished collection with compression "
                    f"{manifest.compression}, got {compression}: pass the same compression, or "
                    "name another folder"
                )
            yield engine

    @classmethod
    def read(cls, folder: Path) -> OnDiskEngine:
        """Open a collection, complete or not; errors as for `open` otherwise."""
        manifest = read_manifest(folder)
        for _ in range(_TRIES):
            try:
                deleted = np.array(manifest.deleted, np.int64)
                segments = [Segment(folder, entry, deleted) for entry in manifest.segments]
                return cls(folder, manifest, segments)
            except CollectionError:
                # A writer may have replaced segments since the manifest was read.
                before, manifest = manifest, read_manifest(folder)
                if manifest == before:
                    raise
        raise CollectionError(f"{folder} is being changed by another process: open it again")

    @property
    def compression(self) -> str | None:
        """The name of the compression; None for none."""
        return self._manifest.compression

    @property
    def size(self) -> int:
        """The bytes of all segments."""
        return sum(segment.size for segment in self._stored.segments)

    def size_of(self, encoded: EncodedDocument) -> int:
        """Estimate the bytes that a document needs."""
        return bytes_of(encoded, self._compression_for(encoded.embeddings.provenance))

    def __len__(self) -> int:
        return len(self._place_of)

    def __contains__(self, id: str) -> bool:
        return id in self._place_of

    def where_it_lies(self) -> str:
        """Return the folder."""
        return str(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock, and remove what an unfinished write has left.

        Raises a `CollectionError` if another process holds it, or has changed the collection
        since it was opened, or the folder cannot be written to, or the engine is closed.
        """
        if self._is_closed:
            raise CollectionError(
                f"the collection in {self.folder} is closed: open it again with ce.open_collection"
            )
        with self._lock.held():
            if not self._writers:
                if read_manifest(self.folder) != self._manifest:
                    raise CollectionError(
                        f"{self.folder} was changed by another process since it was opened: "
                        "open it again"
                    )
                remove_unnamed(self.folder, self._manifest)
            self._writers += 1
            try:
                yield
            finally:
                self._writers -= 1

    def complete(self) -> None:
        """Record that the build is finished."""
        with self._guarded():
            self._save(replace(self._manifest, is_complete=True))

    def add(self, documents: Iterable[EncodedDocument]) -> None:
        """Store documents with new ids, in order.

        If reading the documents fails, those read before are kept. Raises a `CollectionError` if
        they cannot be written; then the segment that was being written is lost.
        """
        with self.writing():
            writer: SegmentWriter | None = None
            try:
                for encoded in documents:
                    with self._guarded():
                        writer = writer or self._new_writer(encoded.embeddings.provenance)
                        writer.add(self._manifest.next_place + len(writer.ids), encoded)
                        if writer.is_full:
                            full, writer = writer, None
                            self._append(full)
            except BaseException:
                if writer is not None and writer.ids and writer.is_whole:
                    self._append(writer)
                elif writer is not None:
                    writer.abandon()
                raise
            if writer is not None:
                self._append(writer)
            self._join()

    def delete(self, ids: Ids[str]) -> None:
        """Remove documents; their disk space is free when their segment has no other document."""
        places = {self._place_of[id_] for id_ in ids}
        with self.writing(), self._guarded():
            gone = np.array(sorted(places), np.int64)
            segments = self._stored.segments
            there = [one.is_there & ~np.isin(one.places, gone) for one in segments]
            kept = [one for one, mask in zip(segments, there, strict=True) if mask.any()]
            dropped = [one for one in segments if one not in kept]
            self._save(
                replace(
                    self._manifest,
                    segments=tuple(one.entry for one in kept),
                    deleted=_without(places.union(self._manifest.deleted), dropped),
                )
            )
            for segment, mask in zip(segments, there, strict=True):
                segment.is_there = mask
            for id_ in ids:
                del self._place_of[id_]
            self._stored = SegmentList(kept)
            self._remove(dropped)

    def documents(self) -> Iterator[Document]:
        """Return all documents in the order in which they were added; texts are read one by one."""
        return self._stored.documents()

    def document(self, id: str) -> Document:
        """Return a document without its vectors."""
        return self._stored.document(self._place_of[id])

    def fetch(self, ids: Sequence[str]) -> list[EncodedDocument]:
        """Return documents with their vectors, in the order of ``ids``."""
        if self.provenance is None:
            return []
        return [self._stored.encoded(self._place_of[id_], self.provenance) for id_ in ids]

    def search(
        self,
        query: Float[np.ndarray, "query dim"],
        n: int,
        *,
        among: Ids[str] | None = None,
        where: Where | None = None,
    ) -> list[Found]:
        """Return the ``n`` best documents by MaxSim, best first."""
        if self.provenance is None:
            return []
        places = None if among is None else [self._place_of[id_] for id_ in among]
        return self._stored.search(query, n, self._compression_for(self.provenance), places, where)

    def exact_scores(
        self, query: Float[np.ndarray, "query dim"], ids: Sequence[str]
    ) -> Float[np.ndarray, " documents"]:
        """Score documents with the encoder's own vectors, in the order of ``ids``."""
        scores = [self._stored.score_of(self._place_of[id_], query) for id_ in ids]
        return np.array(scores, np.float32)

    def search_pooled(
        self, query: Float[np.ndarray, " dim"], n: int, *, where: Where | None = None
    ) -> list[Found]:
        """Return the ``n`` documents whose pooled vector has the largest cosine, best first."""
        return self._stored.search_pooled(query, n, where)

    def check(self) -> None:
        """Read every file and compare it with its digest.

        Raises a `CollectionError` that names the first file that is damaged.
        """
        read_manifest(self.folder)
        for segment in self._stored.segments:
            segment.check()

    def close(self) -> None:
        """Release the files; the engine is empty after this, and writes nothing."""
        self._is_closed = True
        self._stored, self._place_of = SegmentList(), {}

    def _compression_for(self, provenance: Provenance) -> Compression | None:
        if self._compression is None and self._manifest.compression is not None:
            self._compression = compression_named(self._manifest.compression, provenance)
        return self._compression

    def _new_writer(self, provenance: Provenance) -> SegmentWriter:
        read_provenance(provenance_as_json(provenance))  # before much is encoded in vain
        return SegmentWriter(
            self.folder,
            f"{SEGMENTS}/{self._manifest.next_segment:06d}",
            self._compression_for(provenance),
        )

    def _append(self, writer: SegmentWriter) -> None:
        """Add a finished segment to the manifest."""
        self._commit(writer, self._manifest.segments)

    def _commit(self, writer: SegmentWriter, before: tuple[SegmentEntry, ...]) -> None:
        """Write a manifest with some of the present segments and a finished one after them."""
        manifest = self._manifest
        dropped = self._stored.segments[len(before) :]
        try:
            with self._guarded():
                entry = writer.finish()
                segment = Segment(self.folder, entry, np.zeros(0, np.int64))
                self._save(
                    replace(
                        manifest,
                        provenance=manifest.provenance or writer.provenance,
                        segments=(*before, entry),
                        deleted=_without(manifest.deleted, dropped),
                        next_place=max(manifest.next_place, writer.places[-1] + 1),
                        next_segment=manifest.next_segment + 1,
                    )
                )
        except CollectionError:
            # After an interruption the manifest may name the segment already.
            writer.abandon()
            raise
        self._stored = SegmentList([*self._stored.segments[: len(before)], segment])
        self._take_ids(segment)
        self._remove(dropped)

    def _join(self) -> None:
        """Join the last segments while they are of similar size: many small ones are slow."""
        while len(self._stored.segments) > 1 and self.provenance is not None:
            two = self._stored.segments[-2:]
            sizes = [one.entry.n_vectors for one in two]
            if sum(sizes) > FULL_VECTORS or sizes[1] < sizes[0] / 2:
                return
            with self._guarded():
                writer = self._new_writer(self.provenance)
                try:
                    for segment in two:
                        for number in np.flatnonzero(segment.is_there).tolist():
                            place = int(segment.places[number])
                            writer.add(place, segment.encoded(number, self.provenance))
                except BaseException:
                    writer.abandon()
                    raise
                self._commit(writer, self._manifest.segments[:-2])

    def _take_ids(self, segment: Segment) -> None:
        ids = compress(segment.ids, segment.is_there.tolist())
        self._place_of.update(zip(ids, segment.places[segment.is_there].tolist(), strict=True))

    def _save(self, manifest: Manifest) -> None:
        write_manifest(self.folder, manifest)
        self._manifest = manifest
        self.provenance = manifest.provenance

    def _remove(self, segments: Iterable[Segment]) -> None:
        for segment in segments:
            shutil.rmtree(self.folder / segment.entry.name, ignore_errors=True)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn an error of the disk into a sentence."""
        try:
            yield
        except OSError as error:
            raise writing_refused(self.folder, error, len(self)) from error


def _is_only_begun(manifest: Manifest) -> bool:
    """Return whether a build was interrupted before its first document was kept."""
    return not manifest.is_complete and not manifest.segments


def _without(places: Iterable[int], dropped: Iterable[Segment]) -> tuple[int, ...]:
    """Return the places of deleted documents, without those in segments that are dropped."""
    return tuple(sorted(set(places).difference(*(one.places.tolist() for one in dropped))))
