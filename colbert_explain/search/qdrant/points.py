"""Documents as the points of a Qdrant server, and back.

A document is one point with these vectors and this payload:

- ``tokens``: the scored token vectors, compressed by ``"map"`` if the collection is;
- ``pooled``: their mean, unit length;
- ``own``, only in a compressed collection: the scored vectors as the encoder gave them;
- ``kind`` ("document"), ``id``, ``place``, ``text``, ``metadata``, ``tokens`` (the columns of
  `TokenSequence.to_columns` without the text), ``unscored`` (the vectors of the other tokens,
  float32, base64) and ``n_parts``.

A server takes fewer than 1,048,576 numbers per multivector. A document of a compressed collection
with more numbers in its own vectors has no ``own``: all its vectors are in the payload of
``n_parts`` further points of the kind "part", float32 in base64, which takes 4,096 bytes per token
of 768 numbers. They are fetched whenever the document is scored exactly. One point of the kind
"about" has the provenance.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import numpy as np
from jaxtyping import Float

from colbert_explain.analysis._pooled_cosine import pooled_vector
from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search.compression import Compression
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.error import CollectionError
from colbert_explain.storage.token_columns import read_tokens
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    from qdrant_client import models

#: A multivector has fewer numbers than this; a server cannot be told otherwise.
MULTIVECTOR_LIMIT = 1_048_576
#: Bytes of a request, in JSON: a server takes 33,554,432, and a document up to 29 million.
LARGEST_REQUEST = 16_000_000
#: Characters of a float32 in JSON, its comma included; and those of a token's columns.
_PER_NUMBER, _PER_TOKEN = 22, 160
#: The largest whole number in a payload.
_LARGEST = 2**63 - 1
#: Bytes of vectors in a part.
_PART = 6_000_000
_DOCUMENTS, _PARTS = (
    UUID("5a3ad0a5-2a2e-4f0b-9a4e-6d0e3a1c7b01"),
    UUID("5a3ad0a5-2a2e-4f0b-9a4e-6d0e3a1c7b02"),
)


@dataclass(frozen=True, slots=True)
class SizedPoint:
    """A point, and about how many bytes it takes in a request."""

    point: models.PointStruct
    size: int


def point_id(id: str) -> str:
    """Return the id of a document's point."""
    return str(uuid5(_DOCUMENTS, id))


def part_ids(id: str, n_parts: int) -> list[str]:
    """Return the ids of the points with the vectors of a long document."""
    return [str(uuid5(_PARTS, f"{part} {id}")) for part in range(n_parts)]


def check_document(encoded: EncodedDocument, compression: Compression | None) -> None:
    """Raise a `ValueError` if a server cannot take a document as it is."""
    for name, value in encoded.document.metadata.items():
        # JSON has no infinity and no NaN, and a server reads whole numbers of 64 bits.
        if (isinstance(value, float) and not math.isfinite(value)) or (
            isinstance(value, int) and not -_LARGEST <= value <= _LARGEST
        ):
            raise ValueError(
                f"{encoded.document.id}: a number in metadata {name!r} must be finite on a "
                f"Qdrant server, and from {-_LARGEST:,} to {_LARGEST:,} if it is a whole number, "
                f"got {value!r}"
            )
    n, dim = int(encoded.embeddings.tokens.scored_mask.sum()), encoded.embeddings.vectors.shape[1]
    if compression is not None:
        dim = compression.query(encoded.embeddings.vectors[:1]).shape[1]
    if n * dim < MULTIVECTOR_LIMIT:
        return
    most = (MULTIVECTOR_LIMIT - 1) // dim
    otherwise = "" if compression is not None else 'build with compression="map", or '
    raise ValueError(
        f"{encoded.document.id}: {n:,} scored tokens of {dim} numbers are {n * dim:,}, and a "
        f"Qdrant server takes fewer than {MULTIVECTOR_LIMIT:,} per document: {otherwise}encode "
        f"documents with a document_length of at most {most:,}"
    )


def points(
    encoded: EncodedDocument, place: int, compression: Compression | None
) -> tuple[SizedPoint, list[SizedPoint]]:
    """Return the point of a document, and the points of its parts."""
    from qdrant_client import models

    document, embeddings = encoded.document, encoded.embeddings
    mask = embeddings.tokens.scored_mask
    scored, unscored = embeddings.vectors[mask], embeddings.vectors[~mask]
    vectors: dict[str, Any] = {"pooled": pooled_vector(embeddings)}
    parts: list[bytes] = []
    if compression is None:
        vectors["tokens"] = scored
    else:
        vectors["tokens"] = compressed(scored, compression)
        if scored.size < MULTIVECTOR_LIMIT:
            vectors["own"] = scored
        else:
            whole = _bytes(embeddings.vectors)
            parts = [whole[i : i + _PART] for i in range(0, len(whole), _PART)]
            unscored = unscored[:0]
    columns = embeddings.tokens.to_columns()
    del columns["text"]
    payload: dict[str, Any] = {
        "kind": "document",
        "id": document.id,
        "place": place,
        "text": document.text,
        "metadata": dict(document.metadata),
        "tokens": columns,
        "unscored": _base64(_bytes(unscored)),
        "n_parts": len(parts),
    }
    size = (
        _PER_NUMBER * sum(array.size for array in vectors.values())
        + _PER_TOKEN * len(embeddings.tokens)
        + 4 * len(document.text)
        + len(payload["unscored"])
    )
    lists = {name: array.tolist() for name, array in vectors.items()}
    point = models.PointStruct(id=point_id(document.id), vector=lists, payload=payload)
    further = []
    for id_, part in zip(part_ids(document.id, len(parts)), map(_base64, parts), strict=True):
        payload = {"kind": "part", "vectors": part}
        one = models.PointStruct(id=id_, vector={}, payload=payload)
        further.append(SizedPoint(one, len(part)))
    return SizedPoint(point, size), further


def compressed(
    vectors: Float[np.ndarray, "tokens dim"], compression: Compression
) -> Float[np.ndarray, "tokens small"]:
    """Return the only array of a compression without scales, as float32."""
    [array] = compression.pack(vectors).values()
    return array.astype(np.float32)


def requests(found: Iterable[SizedPoint]) -> Iterator[list[models.PointStruct]]:
    """Divide points into requests of at most `LARGEST_REQUEST` bytes, or of one point."""
    waiting: list[models.PointStruct] = []
    size = 0
    for one in found:
        if waiting and size + one.size > LARGEST_REQUEST:
            yield waiting
            waiting, size = [], 0
        waiting.append(one.point)
        size += one.size
    if waiting:
        yield waiting


def document_of(record: models.Record) -> Document:
    """Return the document of a point."""
    payload = record.payload or {}
    return Document(payload["id"], payload["text"], payload["metadata"])


def encoded_of(
    record: models.Record,
    own: str,
    parts: Sequence[models.Record],
    provenance: Provenance,
    dim: int,
) -> EncodedDocument:
    """Return a document with the encoder's own vectors.

    Parameters
    ----------
    record
        Its point, with the vector ``own``.
    own
        The name of the vector that has the encoder's own vectors.
    parts
        Its parts, in order.
    provenance, dim
        What encoded it, and the numbers of a vector.
    """
    payload = record.payload or {}
    document = document_of(record)
    try:
        tokens = read_tokens("document", {**payload["tokens"], "text": document.text})
        vectors = _vectors(record, own, parts, tokens, dim)
        return EncodedDocument(document, TokenEmbeddings(tokens, vectors, provenance))
    except (KeyError, TypeError, ValueError) as error:
        raise CollectionError(
            f"the document {document.id!r} on the Qdrant server is damaged: {error}; delete it "
            "and add it again"
        ) from error


def _vectors(
    record: models.Record,
    own: str,
    parts: Sequence[models.Record],
    tokens: TokenSequence,
    dim: int,
) -> Float[np.ndarray, "tokens dim"]:
    payload: dict[str, Any] = record.payload or {}
    if payload["n_parts"]:
        if len(parts) != payload["n_parts"]:
            raise ValueError(f"it has {len(parts)} of {payload['n_parts']} parts")
        return _array([(part.payload or {})["vectors"] for part in parts], dim)
    stored: Any = record.vector
    mask = tokens.scored_mask
    vectors = np.empty((len(tokens), dim), np.float32)
    vectors[mask] = np.asarray(stored[own], np.float32)
    vectors[~mask] = _array([payload["unscored"]], dim)
    return vectors


def _array(texts: Iterable[str], dim: int) -> Float[np.ndarray, "tokens dim"]:
    content = b"".join(base64.b64decode(text, validate=True) for text in texts)
    return np.frombuffer(content, "<f4").reshape(-1, dim).astype(np.float32)


def _bytes(vectors: Float[np.ndarray, "tokens dim"]) -> bytes:
    return vectors.astype("<f4").tobytes()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
