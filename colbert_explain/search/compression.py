"""Compression: smaller copies of token vectors, from which a search chooses candidates.

A compressed copy decides only which documents are scored exactly. A token of the bundled encoder
takes 3,072 bytes as it is, 256 by ``"map"``, 772 by ``"int8"`` and 132 by ``"map+int8"``, which
finds as much as ``"map"`` in a third of its time. ``benchmarks/compression_map.py`` makes the map
and measures what each keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, get_args, runtime_checkable

import numpy as np
from jaxtyping import Float
from safetensors import safe_open

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Provenance

CompressionName = Literal["map", "int8", "map+int8"]
"""A linear map to fewer numbers, 8-bit numbers with a scale per token, or both."""
COMPRESSIONS: tuple[CompressionName, ...] = get_args(CompressionName)

MAP_PATH = Path(__file__).with_name("compression_map.safetensors")
#: The largest 8-bit number that is used: with -128 the two signs would differ.
_LARGEST = 127


@runtime_checkable
class Compression(Protocol):
    """A way to keep token vectors in less space.

    Attributes
    ----------
    name
        ``"map"``, ``"int8"`` or ``"map+int8"``.
    """

    @property
    def name(self) -> str:
        """What `compression_named` calls it."""
        ...

    def pack(self, vectors: Float[np.ndarray, "tokens dim"]) -> dict[str, np.ndarray]:
        """Return arrays by name; the first axis of each is that of the tokens."""
        ...

    def query(self, vectors: Float[np.ndarray, "query dim"]) -> Float[np.ndarray, "query small"]:
        """Return a query's vectors as `similarity` takes them, once per search."""
        ...

    def similarity(
        self, query: Float[np.ndarray, "query small"], arrays: Mapping[str, np.ndarray]
    ) -> Float[np.ndarray, "query tokens"]:
        """Estimate the cosines of query tokens and packed tokens, float32.

        Parameters
        ----------
        query
            What `query` returned.
        arrays
            What `pack` returned, or the same slice of each array.
        """
        ...


@dataclass(frozen=True, slots=True)
class CompressionMap:
    """A linear map of token vectors, and the encoder that it was made for.

    Attributes
    ----------
    matrix
        Float32, shape ``(dim, small)``; a vector is multiplied by it.
    model, sha256, layers
        The encoder, as its `Provenance` names it.
    about
        How the map was made and from which texts: name to text.
    """

    matrix: Float[np.ndarray, "dim small"]
    model: str
    sha256: str
    layers: tuple[int, ...]
    about: Mapping[str, str]

    def fits(self, provenance: Provenance) -> bool:
        """Return whether vectors of this provenance are those that the map was made for."""
        return (provenance.sha256, tuple(provenance.layers), provenance.dim) == (
            self.sha256,
            self.layers,
            len(self.matrix),
        )


def compression_named(name: str, provenance: Provenance) -> Compression:
    """Return a compression for the vectors of an encoder.

    Parameters
    ----------
    name
        ``"map"``, ``"int8"`` or ``"map+int8"``.
    provenance
        What encoded the vectors.

    Raises
    ------
    ValueError
        If the name is unknown, or needs a map and the packaged one was made for another encoder.

    Examples
    --------
    >>> vectors = np.array([[0.6, 0.8], [1.0, 0.0]], np.float32)
    >>> int8 = compression_named("int8", Provenance("an encoder", dim=2))
    >>> int8.similarity(int8.query(vectors), int8.pack(vectors)).round(2)
    array([[1. , 0.6],
           [0.6, 1. ]], dtype=float32)
    """
    check.choice("compression", name, COMPRESSIONS)
    if name == "int8":
        return _Int8()
    packaged = packaged_map()
    if not packaged.fits(provenance):
        raise ValueError(
            f'compression="{name}" needs vectors of {packaged.model}, layers '
            f"{' + '.join(map(str, packaged.layers))}, {len(packaged.matrix)} numbers per token, "
            f'got {_described(provenance)}; compression="int8" works for every encoder'
        )
    return _Map(packaged.matrix) if name == "map" else _MapInt8(packaged.matrix)


@cache
def packaged_map() -> CompressionMap:
    """Read the map that comes with the package."""
    with safe_open(MAP_PATH, framework="numpy") as file:
        about = json.loads(file.metadata()["about"])
        matrix = file.get_tensor("map").astype(np.float32)
    matrix.flags.writeable = False  # shared by all callers
    return CompressionMap(
        matrix, about.pop("model"), about.pop("sha256"), tuple(about.pop("layers")), about
    )


def _described(provenance: Provenance) -> str:
    """Return what decides whether a map fits, in words."""
    return replace(provenance, kind="", revision=None, scored="").sentence()


def _mapped(
    vectors: Float[np.ndarray, "tokens dim"], matrix: Float[np.ndarray, "dim small"]
) -> Float[np.ndarray, "tokens small"]:
    """Map vectors and divide them by their length.

    Much of a rare word's vector lies in directions that a map leaves out: it would be too short to
    match.
    """
    mapped = vectors @ matrix
    lengths = np.linalg.norm(mapped, axis=1, keepdims=True)
    return mapped / np.maximum(lengths, np.finfo(np.float32).tiny)


class _Map:
    """Fewer numbers per token, kept as float16."""

    name = "map"

    def __init__(self, matrix: Float[np.ndarray, "dim small"]) -> None:
        self._matrix = matrix

    def pack(self, vectors: Float[np.ndarray, "tokens dim"]) -> dict[str, np.ndarray]:
        return {"mapped": self.query(vectors).astype(np.float16)}

    def query(self, vectors: Float[np.ndarray, "query dim"]) -> Float[np.ndarray, "query small"]:
        return _mapped(vectors, self._matrix)

    def similarity(
        self, query: Float[np.ndarray, "query small"], arrays: Mapping[str, np.ndarray]
    ) -> Float[np.ndarray, "query tokens"]:
        return query @ arrays["mapped"].astype(np.float32).T


class _Int8:
    """One 8-bit number for each number, and one float32 scale per token."""

    name = "int8"

    def pack(self, vectors: Float[np.ndarray, "tokens dim"]) -> dict[str, np.ndarray]:
        scales = np.abs(vectors).max(axis=1, initial=np.finfo(np.float32).tiny) / _LARGEST
        return {
            "int8": np.rint(vectors / scales[:, None]).astype(np.int8),
            "scales": scales.astype(np.float32),
        }

    def query(self, vectors: Float[np.ndarray, "query dim"]) -> Float[np.ndarray, "query small"]:
        return vectors

    def similarity(
        self, query: Float[np.ndarray, "query small"], arrays: Mapping[str, np.ndarray]
    ) -> Float[np.ndarray, "query tokens"]:
        return (query @ arrays["int8"].astype(np.float32).T) * arrays["scales"]


class _MapInt8(_Int8):
    """Fewer numbers per token, as 8-bit numbers with a scale per token."""

    name = "map+int8"

    def __init__(self, matrix: Float[np.ndarray, "dim small"]) -> None:
        self._matrix = matrix

    def pack(self, vectors: Float[np.ndarray, "tokens dim"]) -> dict[str, np.ndarray]:
        return super().pack(self.query(vectors))

    def query(self, vectors: Float[np.ndarray, "query dim"]) -> Float[np.ndarray, "query small"]:
        return _mapped(vectors, self._matrix)
