"""Token vectors as services send them: lists of numbers, or base64 of float32."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain.embeddings import unit_vectors
from colbert_explain.encoders.remote.remote_error import RemoteError

_FLOAT32 = np.dtype("<f4")


def received_vectors(
    host: str, value: Any, dim: int, *, normalize: bool
) -> Float[np.ndarray, "tokens dim"]:
    """Return the token vectors of one text as float32 of unit length.

    Parameters
    ----------
    host
        Who sent them, for errors.
    value
        A list of vectors, each a list of numbers or the base64 of float32, little-endian; or one
        base64 text of them all, which needs ``dim``.
    dim
        Numbers per vector, 0 if not known.
    normalize
        Divide each vector by its length.

    Raises
    ------
    RemoteError
        If they have another form or dim, are not finite, or are not of unit length.
    """
    table = _table(host, value, dim)
    if not len(table) or not table.shape[1]:
        raise RemoteError(f"{host} returned no vector for a text that is not blank")
    if dim and table.shape[1] != dim:
        raise RemoteError(
            f"{host} must return {dim} numbers per token, as requested or as in earlier answers, "
            f"got {table.shape[1]}"
        )
    if not np.isfinite(table).all():
        raise RemoteError(f"{host} must return finite numbers, got infinity or NaN")
    try:
        return unit_vectors(f"vectors from {host}", table, normalize=normalize)
    except ValueError as error:
        raise RemoteError(str(error)) from None


def _table(host: str, value: Any, dim: int) -> Float[np.ndarray, "tokens dim"]:
    rule = f"{host} must return a list of vectors for each text"
    if isinstance(value, str):
        if not dim:
            raise RemoteError(f"{rule}, got base64 without the length of a vector")
        numbers = _decoded(host, value)
        if numbers.size % dim:
            raise RemoteError(f"{rule} of {dim} numbers each, got {numbers.size} numbers")
        return numbers.reshape(-1, dim)
    if not isinstance(value, list):
        raise RemoteError(f"{rule}, got {type(value).__name__}")
    if value and all(isinstance(row, str) for row in value):
        rows = [_decoded(host, row) for row in value]
        if len({len(row) for row in rows}) != 1:
            raise RemoteError(f"{rule}, all of one length, got several lengths")
        return np.stack(rows)
    try:
        table = np.asarray(value)
    except (ValueError, TypeError, OverflowError):  # of several lengths
        table = np.empty(0, dtype=object)
    if table.ndim != 2 or table.dtype.kind not in "fiu":
        raise RemoteError(f"{rule}, each a list of equally many numbers, got something else")
    with np.errstate(over="ignore"):  # infinity is refused with a sentence
        return table.astype(np.float32)


def _decoded(host: str, value: str) -> Float[np.ndarray, " numbers"]:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b"?"
    if len(raw) % _FLOAT32.itemsize:
        raise RemoteError(f"{host} must return base64 of float32 numbers, got something else")
    return np.frombuffer(raw, dtype=_FLOAT32).astype(np.float32)
