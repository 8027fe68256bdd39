"""Token embeddings kept on disk, so that a text that was encoded once is shown without a model.

An entry is one file: the sha256 of the rest, one line of JSON with the tokens, the vectors as
float32. Its name is the digest of what made it. It holds no text and no spelling of a token, but
ids and places: who looks a text up has the text, and the vocabulary spells the ids. An entry that
is damaged, cut or of another format is as good as none: its text is encoded again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain.embeddings import UNIT_TOLERANCE
from colbert_explain.storage.atomic_write import UNFINISHED, write_whole
from colbert_explain.storage.json_values import a_list, a_text, a_whole_number, an_object, shown
from colbert_explain.storage.private_folder import (
    NotPrivateError,
    check_private,
    make_private,
    read_own,
)
from colbert_explain.storage.token_columns import COLUMNS, read_tokens
from colbert_explain.tokens import TokenSequence

#: To be raised when entries are written in another way; those of format 1 held the text.
FORMAT = 2
#: At which share of the size old entries go, and down to which: other processes write, too, and
#: not every new entry shall cost an old one.
FULL, CUT_BACK = 0.95, 0.9
#: Seconds after which an unfinished file belongs to a process that has died.
ABANDONED = 3600.0

#: Spells vocabulary ids, as a tokeniser's ``convert_ids_to_tokens``.
Spelling = Callable[[Sequence[int]], Sequence[str]]

#: Of entries of every format, and of this one.
_ENTRY = ".embeddings"
_SUFFIX = f".{FORMAT}{_ENTRY}"
_DIGEST_SIZE = hashlib.sha256().digest_size
_log = logging.getLogger(__name__)
_refused: set[Path] = set()  # folders that the user was told about


class EmbeddingStore:
    """A folder of token embeddings, shared by any number of processes.

    A folder that cannot be written, or a disk that is full, is no error: nothing is kept then. Nor
    is a folder that is another user's, or that others can write and that cannot be closed to
    them: a warning is logged, once, and nothing is read or kept.

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

    def get(
        self, address: str, text: str, spelling: Spelling
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]] | None:
        """Return the tokens and vectors of an address; ``None`` unless all of it is sound.

        Parameters
        ----------
        address
            Digest of what made the entry, the text among it.
        text
            The text, which the entry does not hold.
        spelling
            Spells the tokens' ids, which is all that the entry holds of them.
        """
        path = self._path(address)
        try:
            check_private(self.folder)
            content = read_own(path)
            os.utime(path)  # the access time is seldom kept
        except NotPrivateError as error:
            self._refuse(error)
            return None
        except OSError:
            return None
        try:
            return _unpacked(content, address, text, spelling)
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
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
            make_private(self.folder)
            self._make_room(len(content))
            write_whole(self._path(address), content, private=True, durable=False)
        except NotPrivateError as error:
            self._refuse(error)
        except OSError as error:
            _log.info("token embeddings cannot be kept in %s: %s", self.folder, error)

    def _refuse(self, error: NotPrivateError) -> None:
        if self.folder not in _refused:
            _refused.add(self.folder)
            _log.warning("token embeddings are not kept: %s", error)

    def _path(self, address: str) -> Path:
        return self.folder / f"{address}{_SUFFIX}"

    def _make_room(self, needed: int) -> None:
        """Remove what was not used for longest, if what is written would be too much."""
        if self._unchecked is not None and self._unchecked + needed <= self.size // 100:
            self._unchecked += needed
            return
        entries, now = [], time.time()
        for place in os.scandir(self.folder):
            with suppress(FileNotFoundError):  # another process was quicker
                found = place.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    continue
                if place.name.endswith(_SUFFIX):
                    entries.append((found.st_mtime, found.st_size, Path(place.path)))
                elif place.name.endswith(_ENTRY) or (
                    place.name.endswith(UNFINISHED) and now - found.st_mtime > ABANDONED
                ):
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
    columns: dict[str, Any] = {**tokens.to_columns()["tokens"]}
    del columns["piece"]
    # What stands for no text is the model's: a marker, a prompt.
    columns["text"] = [token.text if token.start is None else None for token in tokens]
    about: Mapping[str, Any] = {
        "format": FORMAT,
        "address": address,
        "shape": list(vectors.shape),
        "n_unread": tokens.n_unread,
        "unread_start": tokens.unread_start,
        "tokens": columns,
    }
    body = json.dumps(about).encode("ascii") + b"\n" + vectors.astype("<f4").tobytes()
    return hashlib.sha256(body).digest() + body


def _unpacked(
    content: bytes, address: str, text: str, spelling: Spelling
) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
    # Views, because a long text's vectors are tens of megabytes.
    if hashlib.sha256(memoryview(content)[_DIGEST_SIZE:]).digest() != content[:_DIGEST_SIZE]:
        raise ValueError("its content does not match its digest")
    end = content.index(b"\n", _DIGEST_SIZE)
    about = an_object("it", json.loads(content[_DIGEST_SIZE:end]), _ABOUT)
    if (about["format"], about["address"]) != (FORMAT, address):
        raise ValueError("it is of another format or belongs to another text")
    tokens = _tokens(about, text, spelling)
    if not tokens.scored_mask.any():
        raise ValueError("none of its tokens is scored")
    n_vectors, dim = (a_whole_number("shape", size) for size in a_list("shape", about["shape"], 2))
    numbers = np.frombuffer(content, dtype="<f4", offset=end + 1)
    vectors = numbers.reshape((n_vectors, dim)).astype(np.float32)
    if n_vectors != len(tokens):
        raise ValueError(f"it holds {n_vectors} vectors for {len(tokens)} tokens")
    with np.errstate(all="ignore"):  # numbers that are none, or too large
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not (np.abs(lengths - 1) <= UNIT_TOLERANCE).all():  # written so that NaN is wrong too
        raise ValueError("its vectors are not of unit length")
    return tokens, vectors


_ABOUT = ("format", "address", "shape", "n_unread", "unread_start", "tokens")


def _tokens(about: Mapping[str, Any], text: str, spelling: Spelling) -> TokenSequence:
    """Put together what the entry holds, what it was looked up by, and the vocabulary."""
    kept = [name for name in COLUMNS if name != "piece"]
    columns = an_object("tokens", about["tokens"], kept)
    ids = [a_whole_number("id", id_) for id_ in a_list("ids", columns["id"])]
    labels, starts, ends = (
        a_list(name, columns[name], len(ids)) for name in ("text", "start", "end")
    )
    pieces = list(spelling(ids))
    texts = []
    for label, start, stop in zip(labels, starts, ends, strict=True):
        if start is None:
            texts.append(a_text("text", label))
        elif label is None:
            texts.append(text[start:stop])
        else:
            raise ValueError(f"a token with a place must have no other text, got {shown(label)}")
    return read_tokens(
        "text",
        {
            "text": text,
            "n_unread": about["n_unread"],
            "unread_start": about["unread_start"],
            "tokens": {**columns, "piece": pieces, "text": texts},
        },
    )
