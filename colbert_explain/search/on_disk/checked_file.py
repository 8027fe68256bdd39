"""Files whose every part is checked against its digest before it is used for the first time.

A collection has gigabytes, and most uses need little of them. So each file has one sha256 per
megabyte, and a process checks a megabyte when it first reads from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colbert_explain.search.error import CollectionError

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """The size of a file in bytes, and the sha256 of every megabyte."""

    size: int
    chunks: tuple[str, ...]


def digests_of(path: Path) -> Digests:
    """Compute the digests of a file."""
    chunks = []
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            chunks.append(hashlib.sha256(chunk).hexdigest())
    return Digests(path.stat().st_size, tuple(chunks))


class CheckedFile:
    """A file that is mapped into memory and read only.

    Its size, in bytes, is checked at once. Every method raises a `CollectionError` that names the
    file and ends with ``advice`` if the file is not as it was written.
    """

    def __init__(self, path: Path, digests: Digests, advice: str) -> None:
        self.path = path
        self.size = digests.size
        self._digests = digests
        self._advice = advice
        self._is_sound = np.zeros(len(digests.chunks), bool)
        self._mapped: np.ndarray | None = None
        try:
            size = path.stat().st_size
        except OSError as error:
            raise self._error(
                f"cannot be read ({error.strerror or error}); if another process has changed the "
                "collection, open it again; otherwise"
            ) from error
        if size != digests.size:
            raise self._error(
                f"is damaged: it has {size:,} bytes and was written with {digests.size:,};"
            )

    def read(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """Return bytes of the file, unsigned, without a copy."""
        end = self.size if end is None else end
        mapped = self._map()
        first, last = begin // CHUNK, -(-end // CHUNK)
        if not self._is_sound[first:last].all():
            for i in first + np.flatnonzero(~self._is_sound[first:last]):
                chunk = mapped[i * CHUNK : (i + 1) * CHUNK]
                if hashlib.sha256(chunk.data).hexdigest() != self._digests.chunks[i]:
                    raise self._error("is damaged: its content does not match its digest;")
                self._is_sound[i] = True
        return mapped[begin:end]

    def check(self) -> None:
        """Check the whole file, whatever was checked before."""
        self._is_sound[:] = False
        self.read()

    def _map(self) -> np.ndarray:
        if self._mapped is None:
            if not self.size:
                self._mapped = np.zeros(0, np.uint8)
            else:
                try:
                    self._mapped = np.asarray(np.memmap(self.path, np.uint8, "r"))
                except OSError as error:
                    raise self._error(
                        f"cannot be read ({error.strerror or error}); if another process has "
                        "changed the collection, open it again; otherwise"
                    ) from error
                if len(self._mapped) != self.size:
                    raise self._error("is damaged: its size has changed;")
        return self._mapped

    def _error(self, what: str) -> CollectionError:
        return CollectionError(f"{self.path} {what} {self._advice}")


class CheckedArray:
    """An array in a ``.npy`` file, checked where it is read."""

    def __init__(self, file: CheckedFile) -> None:
        self._file = file
        file.read(0, min(CHUNK, file.size))  # the header
        # asarray: a slice of a memmap is slower than one of an array.
        self._array = np.asarray(np.load(file.path, mmap_mode="r", allow_pickle=False))
        self._row = self._array[:1].nbytes if len(self._array) else 0
        self._begin = file.size - self._array.nbytes

    def rows(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """Return rows, without a copy."""
        end = len(self._array) if end is None else end
        self._file.read(self._begin + begin * self._row, self._begin + end * self._row)
        return self._array[begin:end]
