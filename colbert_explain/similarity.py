"""Late interaction in NumPy: the similarity matrix, MaxSim and its alignment.

A late-interaction model keeps one vector per token. Three lines are the whole of it::

    similarity = query_vectors @ document_vectors.T  # (query, doc): every token pair
    contributions = similarity.max(axis=1)  # (query,): the best match of each query token
    score = contributions.sum()  # MaxSim

What follows is these three lines with masks, errors and a version for many documents.
Source: Khattab & Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized
Late Interaction over BERT", SIGIR 2020, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

#: Two similarities closer than this are equal as far as float32 arithmetic can tell.
TIE_TOLERANCE = 1e-5
#: How far from 1 the length of a "unit" vector may be; float16 storage rounds to about 5e-4.
UNIT_TOLERANCE = 2e-3


@dataclass(frozen=True, eq=False, slots=True)
class MaxSimResult:
    """A MaxSim score and the alignment that explains it.

    Attributes
    ----------
    score
        Sum of ``contributions``. Unitless. It grows with the number of query tokens: compare
        it between documents for one query, never between queries.
    contributions
        Shape ``(query,)``: each query token's largest cosine similarity, in ``[-1, 1]``; 0 for
        a query token that is not scored.
    alignment
        Shape ``(query,)``: the document token where that maximum lies, the first one if
        several are equal; -1 for a query token that is not scored.
    """

    score: float
    contributions: Float[np.ndarray, " query"]
    alignment: Int[np.ndarray, " query"]


def similarity_matrix(
    query_vectors: Float[np.ndarray, "query dim"],
    document_vectors: Float[np.ndarray, "doc dim"],
) -> Float[np.ndarray, "query doc"]:
    """Compare every query token with every document token.

    Parameters
    ----------
    query_vectors, document_vectors
        Token vectors of unit length, shapes ``(query, dim)`` and ``(doc, dim)``.

    Returns
    -------
    numpy.ndarray
        Cosine similarities, float32, shape ``(query, doc)``, in ``[-1, 1]`` up to rounding.

    Raises
    ------
    ValueError
        If the two sides differ in ``dim``, or a vector is not finite or not of unit length.

    Examples
    --------
    >>> similarity_matrix(np.array([[1.0, 0.0]]), np.array([[0.6, 0.8], [0.0, -1.0]])).round(1)
    array([[0.6, 0. ]], dtype=float32)
    """
    if query_vectors.shape[1] != document_vectors.shape[1]:
        raise ValueError(
            "query_vectors and document_vectors must have the same dim, "
            f"got {query_vectors.shape[1]} and {document_vectors.shape[1]}"
        )
    query = _unit_rows("query_vectors", query_vectors)
    document = _unit_rows("document_vectors", document_vectors)
    similarity: Float[np.ndarray, "query doc"] = query @ document.T
    return similarity


def maxsim(
    similarity: Float[np.ndarray, "query doc"],
    *,
    query_mask: Bool[np.ndarray, " query"] | None = None,
    document_mask: Bool[np.ndarray, " doc"] | None = None,
) -> MaxSimResult:
    """Score one document with MaxSim and keep the alignment that explains it.

    Each query token is matched to its most similar document token; the score is the sum of
    those maxima, ``sum_i max_j similarity[i, j]``, added up in float64.

    Parameters
    ----------
    similarity
        Token similarities, shape ``(query, doc)``.
    query_mask
        ``True`` where a query token is scored, shape ``(query,)``. By default all are.
    document_mask
        ``True`` where a document token may be matched, shape ``(doc,)``. By default all may.
        Masked tokens (padding, skiplisted punctuation) are excluded *before* the maximum:
        setting them to 0 instead would let padding beat a token with negative similarity.

    Returns
    -------
    MaxSimResult
        ``score``, and per query token its ``contributions`` and ``alignment``. Ties go to the
        first document token.

    Raises
    ------
    ValueError
        If nothing is left to match or to score, a mask has another length than its axis, or
        a similarity that counts is not finite.

    Examples
    --------
    >>> similarity = np.array([[0.9, 0.1], [0.2, -0.4]])
    >>> maxsim(similarity).alignment
    array([0, 0])
    >>> result = maxsim(similarity, document_mask=np.array([False, True]))
    >>> round(result.score, 3)  # 0.1 + (-0.4)
    -0.3
    """
    n_query, n_document = similarity.shape
    query_mask = _mask("query_mask", query_mask, n_query)
    document_mask = _mask("document_mask", document_mask, n_document)
    if not np.isfinite(similarity[np.ix_(query_mask, document_mask)]).all():
        raise ValueError("similarity must be finite wherever both masks are True, got NaN or inf")

    matchable = np.where(document_mask, similarity, -np.inf)
    alignment = matchable.argmax(axis=1)
    contributions = similarity[np.arange(n_query), alignment]

    return MaxSimResult(
        score=float(contributions.sum(where=query_mask, dtype=np.float64)),
        contributions=np.where(query_mask, contributions, np.float32(0)),
        alignment=np.where(query_mask, alignment, -1),
    )


def maxsim_scores(
    query_vectors: Float[np.ndarray, "query dim"],
    documents: Sequence[Float[np.ndarray, "_ dim"]],
    *,
    query_mask: Bool[np.ndarray, " query"] | None = None,
    document_masks: Sequence[Bool[np.ndarray, " _"]] | None = None,
    block: int = 4096,
) -> Float[np.ndarray, " documents"]:
    """Score many documents for one query; the same numbers as `maxsim` gives one by one.

    Documents are laid end to end, multiplied with the query in one product per block, and the
    maxima taken segment by segment: no padding, and extra memory that does not grow with the
    number of documents.

    Parameters
    ----------
    query_vectors
        Unit-length token vectors of the query, shape ``(query, dim)``.
    documents
        Unit-length token vectors of each document, shapes ``(n_tokens, dim)``.
    query_mask, document_masks
        As in `maxsim`; one mask per document.
    block
        About how many document tokens are multiplied at once. More is no faster.

    Returns
    -------
    numpy.ndarray
        Scores, float32, shape ``(n_documents,)``.

    Raises
    ------
    ValueError
        As `similarity_matrix` and `maxsim` do, naming the document.
    """
    if block < 1:
        raise ValueError(f"block must be at least 1, got {block}")
    if document_masks is not None and len(document_masks) != len(documents):
        raise ValueError(
            "document_masks must hold one mask per document, "
            f"got {len(document_masks)} for {len(documents)} documents"
        )
    query = _unit_rows("query_vectors", query_vectors)
    query = query[_mask("query_mask", query_mask, len(query))]
    scores = np.empty(len(documents), dtype=np.float32)
    for batch in _blocks([len(document) for document in documents], block):
        parts = []
        for i in range(batch.start, batch.stop):
            mask = None if document_masks is None else document_masks[i]
            document = _unit_rows(f"documents[{i}]", documents[i])
            if not len(document):
                raise ValueError(f"documents[{i}] must hold at least one token, got none")
            if document.shape[1] != query.shape[1]:
                raise ValueError(
                    f"documents[{i}] must have the query's dim {query.shape[1]}, "
                    f"got {document.shape[1]}"
                )
            parts.append(document[_mask(f"document_masks[{i}]", mask, len(document))])
        starts = np.cumsum([0] + [len(part) for part in parts[:-1]])
        similarity = query @ np.concatenate(parts).T
        maxima = np.maximum.reduceat(similarity, starts, axis=1)  # (query, documents of block)
        scores[batch] = maxima.sum(axis=0, dtype=np.float64)
    return scores


def _blocks(lengths: Sequence[int], size: int) -> Iterator[slice]:
    """Split documents into runs of about ``size`` tokens, at least one document each."""
    start, total = 0, 0
    for i, length in enumerate(lengths):
        if i > start and total + length > size:
            yield slice(start, i)
            start, total = i, 0
        total += length
    if lengths:
        yield slice(start, len(lengths))


def _mask(
    name: str, mask: Bool[np.ndarray, " _"] | None, length: int
) -> Bool[np.ndarray, " length"]:
    if mask is None:
        mask = np.ones(length, dtype=bool)
    if mask.dtype != bool:  # integers would be taken for positions
        raise ValueError(f"{name} must be Boolean, got {mask.dtype}")
    if mask.shape != (length,):
        raise ValueError(f"{name} must have one entry per token, {length}, got {mask.shape[0]}")
    if not mask.any():
        raise ValueError(f"{name} must leave at least one token, got none of {length}")
    return mask


def _unit_rows(name: str, vectors: Float[np.ndarray, "_ dim"]) -> Float[np.ndarray, "_ dim"]:
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    wrong = ~(np.abs(lengths - 1) <= UNIT_TOLERANCE)  # written so that NaN is wrong too
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{name} must be of unit length; row {row} has length {lengths[row]:.4g}")
    return vectors
