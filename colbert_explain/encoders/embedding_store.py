"""Token embeddings kept on disk, so that a text that was encoded once is shown without a model.

An entry is one file: the sha256 of the rest, one line of JSON with the tokens, the vectors as
float32. Its name is the digest of what made it. An entry that is damaged, cut or of another
format is as good as none: its text is encoded again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain.tokens import TokenSequence

#: To be raised when entries are written in another way.
FORMAT = 1
#: At which share of the size old entries go, and down to which: other processes write, too, and
#: not every new entry shall cost an old one.
FULL, CUT_BACK = 0.95, 0.9
#: Seconds after which an unfinished file belongs to a process that has died.
ABANDONED = 3600.0

_SUFFIX = ".embeddings"
_DIGEST_SIZE = hashlib.sha256().digest_size
_log = logging.getLogger(__name__)


def digest_of(content: Any) -> str:
    """Compute the sha256 of anything that JSON can hold."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


class EmbeddingStore:
    """A folder of token embeddings, shared by any number of processes.

    A folder that cannot be written, or a disk that is full, is no error: nothing is kept then.

    Parameters
    ----------
    folder
        Where entries lie; made when first needed, readable by this user alone.
    size
        Bytes of all entries together; those that were not used for longest go first.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._unchecked: int | None = None  # bytes written since the folder was measured

    def get(self, address: str) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]] | None:
        """Return the tokens and vectors of an address; ``None`` unless all of it is sound."""
        path = self._path(address)
        try:
            content = path.read_bytes()
            os.utime(path)  # the access time is seldom kept
        except OSError:
            return None
        try:
            return _unpacked(content, address)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            _log.info("%s is encoded again: %s", path.name, error)
            return None

    def put(
        self, address: str, tokens: TokenSequence, vectors: Float[np.ndarray, "tokens dim"]
    ) -> None:
        """Keep tokens and vectors, all of it or nothing."""
        content = _packed(tokens, vectors, address)
        if len(content) > self.size * CUT_BACK:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(len(content))
            self._write(self._path(address), content)
        except OSError as error:
            _log.info("token embeddings cannot be kept in %s: %s", self.folder, error)

    def _path(self, address: str) -> Path:
        return self.folder / f"{address}{_SUFFIX}"

    def _write(self, path: Path, content: bytes) -> None:
        # Only this user may read it: it holds what somebody typed.
        number, unfinished = tempfile.mkstemp(suffix=".part", dir=self.folder)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _make_room(self, needed: int) -> None:
        """Remove what was not used for longest, if what is written would be too much."""
        if self._unchecked is not None and self._unchecked + needed <= self.size // 100:
            self._unchecked += needed
            return
        entries, now = [], time.time()
        for place in os.scandir(self.folder):
            with suppress(FileNotFoundError):  # another process was quicker
                found = place.stat()
                if place.name.endswith(_SUFFIX):
                    entries.append((found.st_mtime, found.st_size, Path(place.path)))
                elif place.name.endswith(".part") and now - found.st_mtime > ABANDONED:
                    Path(place.path).unlink()
        total = sum(size for _, size, _ in entries) + needed
        if total > self.size * FULL:
            for _, size, path in sorted(entries):
                if total <= self.size * CUT_BACK:
                    break
                path.unlink(missing_ok=True)
                total -= size
        self._unchecked = needed


def _packed(tokens: TokenSequence, vectors: Float[np.ndarray, "tokens dim"], address: str) -> bytes:
    about: Mapping[str, Any] = {
        "format": FORMAT,
        "address": address,
        "shape": list(vectors.shape),
        "tokens": tokens.to_columns(),
    }
    body = json.dumps(about).encode("ascii") + b"\n" + vectors.astype("<f4").tobytes()
    return hashlib.sha256(body).digest() + body


def _unpacked(
    content: bytes, address: str
) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
    # Views, because a long text's vectors are tens of megabytes.
    if hashlib.sha256(memoryview(content)[_DIGEST_SIZE:]).digest() != content[:_DIGEST_SIZE]:
        raise ValueError("its content does not match its digest")
    end = content.index(b"\n", _DIGEST_SIZE)
    about = json.loads(content[_DIGEST_SIZE:end])
    if (about["format"], about["address"]) != (FORMAT, address):
        raise ValueError("it is of another format or belongs to another text")
    tokens = TokenSequence.from_columns(about["tokens"])
    numbers = np.frombuffer(content, dtype="<f4", offset=end + 1)
    vectors = numbers.reshape(about["shape"]).astype(np.float32)
    if len(vectors) != len(tokens):
        raise ValueError(f"it holds {len(vectors)} vectors for {len(tokens)} tokens")
    return tokens, vectors
