"""Write a segment: whole and synced under a temporary name, then moved to its place."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from colbert_explain.analysis._pooled_cosine import pooled_vector
from colbert_explain.embeddings import Provenance
from colbert_explain.search.compression import Compression
from colbert_explain.search.documents import EncodedDocument
from colbert_explain.search.on_disk.checked_file import digests_of
from colbert_explain.search.on_disk.manifest import SegmentEntry, sync_folder
from colbert_explain.search.on_disk.token_table import N_COLUMNS, Strings, packed, token_rows

#: A segment is full with so many token vectors (200 MB with 768 numbers each) or documents.
FULL_VECTORS, FULL_DOCUMENTS = 65_536, 8_192

#: The file of the sizes and digests of the others.
DIGESTS = "digests.json"
#: One JSON object a line: place, id, text and metadata. `rebuild_collection` reads it whatever
#: the format of the collection is.
DOCUMENTS = "documents.jsonl"
#: Whole numbers of each document: its place; the ends of its scored and unscored vectors, of its
#: tokens and of its line; how many tokens were not read, and the character where they begin.
POSITIONS = "positions.npy"
IDS = "ids.json"
SCORED, UNSCORED, POOLED = "scored.npy", "unscored.npy", "pooled.npy"
TOKENS, STRINGS = "tokens.npy", "strings.json"
COMPRESSED = "compressed-"
#: The ending of an unfinished segment's name.
UNFINISHED = ".part"


class SegmentWriter:
    """Appends documents to the files of a new segment; call `finish` or `abandon`.

    Vectors go to the disk as they come, so that memory does not grow with the segment.
    """

    def __init__(self, folder: Path, name: str, compression: Compression | None) -> None:
        self._folder = folder
        self._name = name
        self._path = folder / f"{name}{UNFINISHED}"
        self._compression = compression
        self._path.parent.mkdir(exist_ok=True)
        self._path.mkdir()
        self._arrays: dict[str, _GrowingArray] = {}
        self._documents = (self._path / DOCUMENTS).open("xb")
        self._positions: list[tuple[int, ...]] = []
        self._strings = Strings()
        self._rows: list[np.ndarray] = []
        self._end = 0
        self._n_tokens = 0
        self.ids: list[str] = []
        self.provenance: Provenance | None = None
        #: Whether every document is in all files.
        self.is_whole = True

    @property
    def places(self) -> list[int]:
        """The places of the documents."""
        return [position[0] for position in self._positions]

    @property
    def is_full(self) -> bool:
        """Whether the segment should have no further document."""
        return self._n_tokens >= FULL_VECTORS or len(self.ids) >= FULL_DOCUMENTS

    def add(self, place: int, encoded: EncodedDocument) -> None:
        """Append a document."""
        self.is_whole = False
        self.provenance = encoded.embeddings.provenance
        document, embedded = encoded.document, encoded.embeddings
        tokens, mask = embedded.tokens, embedded.tokens.scored_mask
        scored = embedded.vectors[mask]
        n_scored = self._append(SCORED, scored)
        n_unscored = self._append(UNSCORED, embedded.vectors[~mask])
        self._append(POOLED, pooled_vector(embedded)[None].astype(np.float32))
        if self._compression is not None:
            for name, array in self._compression.pack(scored).items():
                self._append(f"{COMPRESSED}{name}.npy", array)
        self._rows.append(packed(list(token_rows(tokens, self._strings))))
        line = {"place": place, "id": document.id, "text": document.text}
        line["metadata"] = dict(document.metadata)
        written = json.dumps(line).encode("ascii") + b"\n"
        self._documents.write(written)
        self._end += len(written)
        self._n_tokens += len(tokens)
        unread_start = -1 if tokens.unread_start is None else tokens.unread_start
        ends = (n_scored, n_unscored, self._n_tokens, self._end)
        self._positions.append((place, *ends, tokens.n_unread, unread_start))
        self.ids.append(document.id)
        self.is_whole = True

    def finish(self) -> SegmentEntry:
        """Wait until the disk has the files, and move the segment to its place."""
        for array in self._arrays.values():
            array.close()
        _close(self._documents)
        for name, table in (
            (POSITIONS, np.array(self._positions, np.int64)),
            (TOKENS, np.concatenate(self._rows)),  # of 64 bits a number if one document needs them
        ):
            with (self._path / name).open("xb") as file:
                np.save(file, table)
                _close(file)
        self._write_json(IDS, self.ids)
        self._write_json(STRINGS, list(self._strings.numbers))
        names = sorted(path.name for path in self._path.iterdir())
        written = self._write_json(
            DIGESTS, {name: asdict(digests_of(self._path / name)) for name in names}
        )
        sync_folder(self._path)
        self._path.rename(self._folder / self._name)
        sync_folder(self._path.parent)
        return SegmentEntry(
            self._name,
            self._positions[0][0],
            len(self.ids),
            self._n_tokens,
            hashlib.sha256(written).hexdigest(),
        )

    def abandon(self) -> None:
        """Remove what was written."""
        for file in (*(array.file for array in self._arrays.values()), self._documents):
            with suppress(OSError):  # a full disk has no room for what is still to be written
                file.close()
        for path in (self._path, self._folder / self._name):
            shutil.rmtree(path, ignore_errors=True)

    def _append(self, name: str, rows: np.ndarray) -> int:
        if name not in self._arrays:
            self._arrays[name] = _GrowingArray(self._path / name, rows)
        return self._arrays[name].append(rows)

    def _write_json(self, name: str, content: Any) -> bytes:
        data = json.dumps(content).encode("ascii")
        with (self._path / name).open("xb") as file:
            file.write(data)
            _close(file)
        return data


def bytes_of(encoded: EncodedDocument, compression: Compression | None) -> int:
    """Estimate the bytes that a document needs in a segment."""
    vectors = encoded.embeddings.vectors
    n_bytes = vectors.nbytes + vectors[:1].nbytes + 4 * N_COLUMNS * len(vectors)
    if compression is not None:
        n_bytes += sum(array.nbytes for array in compression.pack(vectors).values())
    return n_bytes + 8 * N_COLUMNS + len(encoded.document.text)


class _GrowingArray:
    """A ``.npy`` file that rows are appended to."""

    def __init__(self, path: Path, like: np.ndarray) -> None:
        self.file: IO[bytes] = path.open("xb")
        self._n_rows = 0
        self._like = like[:0]
        self._begin = self._write_header()

    def append(self, rows: np.ndarray) -> int:
        """Append rows; return how many there are."""
        self.file.write(np.ascontiguousarray(rows, self._like.dtype).data)
        self._n_rows += len(rows)
        return self._n_rows

    def close(self) -> None:
        self.file.seek(0)
        if self._write_header() != self._begin:  # NumPy leaves room for a longer number of rows
            raise RuntimeError(f"the header of {self.file.name} has a different length than before")
        _close(self.file)

    def _write_header(self) -> int:
        np.lib.format.write_array_header_1_0(
            self.file,
            {
                "descr": np.lib.format.dtype_to_descr(self._like.dtype),
                "fortran_order": False,
                "shape": (self._n_rows, *self._like.shape[1:]),
            },
        )
        return self.file.tell()


def _close(file: IO[bytes]) -> None:
    """Close a file when the disk has its content."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
