"""Replace the segments of a collection with new ones made from its texts.

The new segments are a collection in a folder inside the old one. Writing one manifest replaces the
old segments with them, so that a program that is killed leaves either the old or the new ones.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from colbert_explain.embeddings import Provenance
from colbert_explain.search.compression import CompressionName
from colbert_explain.search.documents import Document
from colbert_explain.search.engine import Engine
from colbert_explain.search.error import CollectionError
from colbert_explain.search.on_disk.checked_file import CheckedFile, Digests
from colbert_explain.search.on_disk.engine import OnDiskEngine
from colbert_explain.search.on_disk.folder import REBUILT, remove_unnamed, writing_refused
from colbert_explain.search.on_disk.lock import LOCK, WriterLock
from colbert_explain.search.on_disk.manifest import (
    FORMAT,
    NAME,
    is_collection,
    read_content,
    read_manifest,
    write_manifest,
)
from colbert_explain.search.on_disk.segment_writer import DIGESTS, DOCUMENTS
from colbert_explain.storage.provenance_values import read_provenance


class StoredDocuments:
    """The documents of a collection of any format, read from their texts alone."""

    def __init__(self, folder: Path, stored: dict[str, Any]) -> None:
        self._folder = folder
        self._stored = stored["content"]
        self._is_checked = stored["format"] == FORMAT

    def __len__(self) -> int:
        n = sum(segment["n_documents"] for segment in self._stored["segments"])
        return int(n - len(self._stored["deleted"]))

    def __iter__(self) -> Iterator[Document]:
        deleted = set(self._stored["deleted"])
        for segment in self._stored["segments"]:
            for line in self._lines(segment):
                found = json.loads(line)
                if found["place"] not in deleted:
                    yield Document(found["id"], found["text"], found["metadata"])

    def _lines(self, segment: dict[str, Any]) -> list[bytes]:
        folder = self._folder / segment["name"]
        advice = "build the collection again from its documents"
        try:
            if not self._is_checked:
                return (folder / DOCUMENTS).read_bytes().splitlines()
            digests = (folder / DIGESTS).read_bytes()
        except OSError as error:
            raise CollectionError(
                f"{folder} cannot be read ({error.strerror or error}): {advice}"
            ) from error
        if hashlib.sha256(digests).hexdigest() != segment["digests"]:
            raise CollectionError(f"{folder / DIGESTS} is damaged: {advice}")
        found = json.loads(digests)[DOCUMENTS]
        file = CheckedFile(
            folder / DOCUMENTS, Digests(found["size"], tuple(found["chunks"])), advice
        )
        return file.read().tobytes().splitlines()


class Rebuilding:
    """A collection that is being made anew; `of` makes one.

    Attributes
    ----------
    folder
        Where to build the new collection from ``documents``.
    provenance
        What encoded the old vectors; None if there are none.
    compression
        That of the old collection.
    """

    def __init__(self, collection: Path, stored: dict[str, Any]) -> None:
        content = stored["content"]
        self._collection = collection
        self._next_segment = int(content["next_segment"])
        self.documents = StoredDocuments(collection, stored)
        self.folder = collection / f"{REBUILT}{self._next_segment:06d}"
        provenance = content["provenance"]
        self.provenance: Provenance | None = provenance and read_provenance(provenance)
        self.compression: CompressionName | None = content["compression"]
        if not content["is_complete"]:
            raise CollectionError(
                f"{collection} holds a collection that is not finished: to continue, call "
                "Collection.build with the same documents; to start over, remove the folder"
            )

    @classmethod
    @contextmanager
    def of(cls, collection: Path) -> Iterator[Rebuilding]:
        """Hold the lock of a collection of any format.

        Raises a `CollectionError` if there is none, or it cannot be written.
        """
        read_content(collection)
        with WriterLock(collection).held():
            stored = read_content(collection)
            try:
                rebuilding = cls(collection, stored)
            except (LookupError, TypeError) as error:
                raise CollectionError(
                    f"{collection} has format {stored['format']}, written by colbert_explain "
                    f"{stored['version']}, whose texts this version cannot read: use that "
                    "version, or build the collection again from its documents"
                ) from error
            yield rebuilding

    def discard_unless(self, check: Callable[[Engine], None]) -> None:
        """Remove what an earlier call has left, unless it can be continued.

        It cannot if it is damaged or complete, if a document in it was deleted since, or if
        ``check`` raises.
        """
        if not self.folder.exists():
            return
        try:
            if is_collection(self.folder) and not read_manifest(self.folder).is_complete:
                engine = OnDiskEngine.read(self.folder)
                check(engine)
                ids = {document.id for document in self.documents}
                if all(document.id in ids for document in engine.documents()):
                    return
        except CollectionError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def replace(self) -> None:
        """Make the new segments those of the collection, and remove the old ones."""
        new = read_manifest(self.folder)
        manifest = replace(
            new,
            segments=tuple(
                replace(entry, name=f"{self.folder.name}/{entry.name}") for entry in new.segments
            ),
            next_segment=self._next_segment + 1,
        )
        try:
            write_manifest(self._collection, manifest)
        except OSError as error:
            raise writing_refused(self._collection, error) from error
        for name in (NAME, LOCK):
            (self.folder / name).unlink(missing_ok=True)
        remove_unnamed(self._collection, manifest)
