"""Files of which each part is checked against its digest before it is first used.

A collection may have gigabytes, and most uses read a small part. So each file has one sha256 per
megabyte, and a process checks a megabyte when it first reads from it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from colbert_explain.search.error import CollectionError

CHUNK = 1 << 20
#: More than the header of a `.npy` file has.
_HEADER = 4096


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

    It is mapped at once, so that it can still be read after a writer has removed it. Its size, in
    bytes, is checked at once too. Every method raises a `CollectionError` that names the file and
    ends with ``advice`` if the file is not as it was written.
    """

    def __init__(self, path: Path, digests: Digests, advice: str) -> None:
        self.path = path
        self.size = digests.size
        self._digests = digests
        self._advice = advice
        self._is_sound = np.zeros(len(digests.chunks), bool)
        try:
            # asarray: a slice of a memmap is slower than one of an array.
            empty = not path.stat().st_size
            self._mapped = (
                np.zeros(0, np.uint8) if empty else np.asarray(np.memmap(path, np.uint8, "r"))
            )
        except OSError as error:
            raise CollectionError(
                f"{path} cannot be read ({error.strerror or error}): {advice}"
            ) from error
        if len(self._mapped) != digests.size:
            raise CollectionError(
                f"{path} is damaged (it has {len(self._mapped):,} bytes, but {digests.size:,} were "
                f"written): {advice}"
            )

    def read(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """Return bytes of the file, unsigned, without a copy."""
        end = self.size if end is None else end
        first, last = begin // CHUNK, -(-end // CHUNK)
        if not self._is_sound[first:last].all():
            for i in first + np.flatnonzero(~self._is_sound[first:last]):
                chunk = self._mapped[i * CHUNK : (i + 1) * CHUNK]
                if hashlib.sha256(chunk.data).hexdigest() != self._digests.chunks[i]:
                    raise CollectionError(
                        f"{self.path} is damaged (its content does not match its digest): "
                        f"{self._advice}"
                    )
                self._is_sound[i] = True
        return self._mapped[begin:end]

    def check(self) -> None:
        """Check the whole file, whatever was checked before."""
        self._is_sound[:] = False
        self.read()


class CheckedArray:
    """An array in a ``.npy`` file, checked where it is read."""

    def __init__(self, file: CheckedFile) -> None:
        header = BytesIO(file.read(0, min(_HEADER, file.size)).tobytes())
        np.lib.format.read_magic(header)
        shape, _, dtype = np.lib.format.read_array_header_1_0(header)
        self._begin = header.tell()
        self._file = file
        self._n_rows = shape[0]
        self._like = np.empty((0, *shape[1:]), dtype)
        self._row = dtype.itemsize * math.prod(shape[1:])

    def rows(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """Return rows, without a copy."""
        end = self._n_rows if end is None else end
        data = self._file.read(self._begin + begin * self._row, self._begin + end * self._row)
        return data.view(self._like.dtype).reshape(end - begin, *self._like.shape[1:])
