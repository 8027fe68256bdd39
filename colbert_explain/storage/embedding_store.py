"""Token embeddings kept on disk, so that a text is encoded once.

An entry is one safetensors file. Its tensors are the vectors, ids and character spans of the
tokens. Its metadata has the rest and a sha256 of everything. Its name is the digest of all that
the vectors depend on. An entry has no text: the caller has the text, and the vocabulary turns ids
into pieces. The text of an entry that is damaged, cut or of another format is encoded again.
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
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from colbert_explain.embeddings import UNIT_TOLERANCE
from colbert_explain.storage.atomic_write import UNFINISHED, write_whole
from colbert_explain.storage.json_values import a_text, a_whole_number, an_object, shown
from colbert_explain.storage.private_folder import (
    NotPrivateError,
    check_own,
    check_private,
    make_private,
)
from colbert_explain.storage.token_columns import COLUMNS, read_tokens
from colbert_explain.text.wording import count
from colbert_explain.tokens import TokenSequence

#: To be increased with every change of the format; format 1 held the text.
FORMAT = 3
#: Old entries are removed above the first share of the size, down to the second: other processes
#: write too, and not every new entry should remove an old one.
FULL, CUT_BACK = 0.95, 0.9
#: Seconds after which an unfinished file belongs to a process that has died.
ABANDONED = 3600.0

#: Returns the vocabulary entries of ids, as a tokeniser's ``convert_ids_to_tokens`` does.
PiecesOf = Callable[[Sequence[int]], Sequence[str]]

#: The endings of entries of every format, and of this one.
_ENTRY = ".embeddings"
_SUFFIX = f".{FORMAT}{_ENTRY}"
_ABOUT = ("format", "address", "n_unread", "unread_start", "tokens")
#: Number type and number of dimensions of each tensor.
_TENSORS = {"vectors": (np.float32, 2), "ids": (np.int32, 1), "spans": (np.int32, 2)}
#: Columns of the tokens that are not in tensors; pieces follow from ids.
_IN_METADATA = tuple(name for name in COLUMNS if name not in ("id", "piece", "start", "end"))
#: The span of a token that has no text.
_NOWHERE = (-1, -1)
_UNSOUND = (SafetensorError, ValueError, TypeError, LookupError, OverflowError, RecursionError)
_log = logging.getLogger(__name__)
_refused: set[Path] = set()  # folders with a logged warning


class EmbeddingStore:
    """A folder of token embeddings, shared by any number of processes.

    Nothing is kept, and no error raised, if the folder cannot be written or the disk is full.
    A folder that belongs to another user, or cannot be closed to other users, is neither read nor
    written, and a warning is logged once.

    Parameters
    ----------
    folder
        Where entries lie; made when first needed, for this user alone.
    size
        Bytes of all entries in total; the entries unused for longest are removed first.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._unchecked: int | None = None  # bytes written since the folder was measured

    def get(
        self, address: str, text: str, pieces_of: PiecesOf
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]] | None:
        """Return the tokens and vectors of an entry; ``None`` if it is missing or damaged.

        Parameters
        ----------
        address
            Digest of all that the vectors depend on.
        text
            The text, which the entry does not hold.
        pieces_of
            Returns the vocabulary entries of ids.
        """
        path = self._path(address)
        try:
            check_private(self.folder)
            check_own(path)
            os.utime(path)  # many file systems keep no access time
            return _read(path, address, text, pieces_of)
        except NotPrivateError as error:
            self._refuse(error)
            return None
        except OSError:
            return None
        except _UNSOUND as error:
            _log.info("%s is encoded again: %s", path.name, error)
            return None

    def put(
        self, address: str, tokens: TokenSequence, vectors: Float[np.ndarray, "tokens dim"]
    ) -> None:
        """Keep tokens, each with an id, and their vectors."""
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
        """Remove the entries unused for longest if ``needed`` more bytes would be too many."""
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
    columns = tokens.to_columns()["tokens"]
    places = [_NOWHERE if token.start is None else (token.start, token.end) for token in tokens]
    tensors = {
        "vectors": np.ascontiguousarray(vectors, np.float32),
        "ids": np.array(columns["id"], np.int32),
        "spans": np.array(places, np.int32).reshape(-1, 2),
    }
    # Only tokens of the model itself, such as markers, are kept with their text.
    columns["text"] = [token.text if token.start is None else None for token in tokens]
    about = json.dumps(
        {
            "format": FORMAT,
            "address": address,
            "n_unread": tokens.n_unread,
            "unread_start": tokens.unread_start,
            "tokens": {name: columns[name] for name in _IN_METADATA},
        }
    )
    return save(tensors, {"about": about, "sha256": _digest(about, tensors)})


def _digest(about: str, tensors: Mapping[str, np.ndarray]) -> str:
    total = hashlib.sha256(about.encode("ascii"))
    for name in _TENSORS:
        total.update(f"{name} {tensors[name].dtype} {tensors[name].shape}".encode("ascii"))
        total.update(tensors[name].ravel().data)
    return total.hexdigest()


def _read(
    path: Path, address: str, text: str, pieces_of: PiecesOf
) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in _TENSORS}
    if metadata["sha256"] != _digest(metadata["about"], tensors):
        raise ValueError("its content does not match its digest")
    for name, (dtype, ndim) in _TENSORS.items():
        if tensors[name].dtype != dtype or tensors[name].ndim != ndim:
            raise ValueError(f"its {name} are {tensors[name].dtype} {tensors[name].shape}")
    about = an_object("it", json.loads(metadata["about"]), _ABOUT)
    if (about["format"], about["address"]) != (FORMAT, address):
        raise ValueError("it has another format or belongs to another text")
    tokens = _tokens(about, tensors["ids"].tolist(), tensors["spans"].tolist(), text, pieces_of)
    if not tokens.scored_mask.any():
        raise ValueError("none of its tokens is scored")
    vectors = tensors["vectors"]
    if len(vectors) != len(tokens):
        raise ValueError(
            f"it holds {count(len(vectors), 'vector')} for {count(len(tokens), 'token')}"
        )
    with np.errstate(all="ignore"):  # NaN or numbers that are too large
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not (np.abs(lengths - 1) <= UNIT_TOLERANCE).all():  # written so that NaN is refused too
        raise ValueError("its vectors are not of unit length")
    return tokens, vectors


def _tokens(
    about: Mapping[str, Any], ids: list[int], spans: list[list[int]], text: str, pieces_of: PiecesOf
) -> TokenSequence:
    """Make the tokens from an entry, its text and the vocabulary."""
    columns = an_object("tokens", about["tokens"], _IN_METADATA)
    places = [(None, None) if (start, end) == _NOWHERE else (start, end) for start, end in spans]
    texts = []
    for label, (start, end) in zip(columns["text"], places, strict=True):
        if (label is None) != (start is not None):
            raise ValueError(f"a token must have either a span or a text, got {shown(label)}")
        texts.append(text[start:end] if label is None else a_text("text", label))
    return read_tokens(
        "text",
        {
            "text": text,
            "n_unread": about["n_unread"],
            "unread_start": about["unread_start"],
            "tokens": {
                **columns,
                "id": ids,
                "piece": list(pieces_of([a_whole_number("id", id_) for id_ in ids])),
                "text": texts,
                "start": [start for start, _ in places],
                "end": [end for _, end in places],
            },
        },
    )
