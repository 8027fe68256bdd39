"""Late interaction in NumPy: the similarity matrix, MaxSim and its alignment.

A late-interaction model keeps one vector per token. Three lines are the whole of it::

    similarity = query_vectors @ document_vectors.T  # (query, doc): every token pair
    contributions = similarity.max(axis=1)  # (query,): the best match of each query token
    score = contributions.sum()  # MaxSim

This module adds masks, errors, a version for many documents, and one rule for all choices: the
last bits of a matrix product differ between processors, so similarities that differ by no more
than `TIE_TOLERANCE` count as equal, and the first of them is chosen.
Source: Khattab & Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized
Late Interaction over BERT", SIGIR 2020, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike

from colbert_explain.embeddings import TokenEmbeddings, as_array, as_table, unit_vectors

TIE_TOLERANCE = 1e-5
"""Similarities no further apart than this are equal within the accuracy of float32: a tie."""


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
        Shape ``(query,)``: the first document token within ``TIE_TOLERANCE`` of that maximum,
        so that ``0 <= contributions[i] - similarity[i, alignment[i]] <= TIE_TOLERANCE``; -1 for
        a query token that is not scored.
    """

    score: float
    contributions: Float[np.ndarray, " query"]
    alignment: Int[np.ndarray, " query"]


def first_best(values: Float[np.ndarray, "*axes"]) -> Int[np.ndarray, "*others"]:
    """Return the position of the first value within the tolerance of the largest, by last axis.

    In Python, what chooses one of several similarities calls this, what puts them in order calls
    `ranks` or `ordered`, and what lists or counts equals compares with `TIE_TOLERANCE`: so the
    result is the same on every machine. The scores of a reranker are no similarities.

    Parameters
    ----------
    values
        Similarities, shape ``(..., n)``; ``-inf`` where there is nothing to choose.

    Returns
    -------
    numpy.ndarray
        Positions along the last axis, shape ``(...)``.

    Examples
    --------
    >>> first_best(np.array([0.2, 0.799999, 0.8]))
    array(1)
    """
    # In float64, where the difference of two float32 numbers is exact.
    best = values.max(axis=-1, keepdims=True).astype(np.float64)
    return np.asarray((values >= best - TIE_TOLERANCE).argmax(axis=-1))


def ranks(values: Float[np.ndarray, " n"], *, terms: int = 1) -> Int[np.ndarray, " n"]:
    """Rank values from 1, the largest first; equal values share a rank.

    A value joins a group if it lies within the tolerance of the group's first value, so a group
    never grows along a chain of near values.

    Parameters
    ----------
    values
        Similarities or sums of them, shape ``(n,)``.
    terms
        How many similarities each value is the sum of; the tolerance is ``terms`` times
        ``TIE_TOLERANCE``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``; after a group of two that shares rank 1 comes rank 3.

    Examples
    --------
    >>> ranks(np.array([0.5, 0.9, 0.500001]))
    array([2, 1, 2])
    """
    result = np.empty(len(values), dtype=np.int64)
    first, rank = np.inf, 0
    for place, position in enumerate(np.argsort(-values, kind="stable"), start=1):
        if first - values[position] > terms * TIE_TOLERANCE:
            first, rank = values[position], place
        result[position] = rank
    return result


def ordered(values: Float[np.ndarray, " n"], *, terms: int = 1) -> Int[np.ndarray, " n"]:
    """Return the positions of values from the largest to the smallest; equal values keep order.

    Examples
    --------
    >>> ordered(np.array([0.5, 0.9, 0.500001]))
    array([1, 0, 2])
    """
    return np.argsort(ranks(values, terms=terms), kind="stable")


def similarity_matrix(
    query_vectors: TokenEmbeddings | ArrayLike,
    document_vectors: TokenEmbeddings | ArrayLike,
    *,
    normalize: bool = False,
) -> Float[np.ndarray, "query doc"]:
    """Compare every query token with every document token.

    Parameters
    ----------
    query_vectors, document_vectors
        Token vectors of unit length, shapes ``(query, dim)`` and ``(doc, dim)``: arrays, tensors
        or lists; or `TokenEmbeddings`, which were checked when they were made.
    normalize
        Divide each vector by its length first.

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
    >>> similarity_matrix([[1.0, 0.0]], [[0.6, 0.8], [0.0, -1.0]]).round(1)
    array([[0.6, 0. ]], dtype=float32)
    """
    query = _vectors("query_vectors", query_vectors, normalize)
    document = _vectors("document_vectors", document_vectors, normalize)
    if query.shape[1] != document.shape[1]:
        raise ValueError(
            "query_vectors and document_vectors must have the same dim, "
            f"got {query.shape[1]} and {document.shape[1]}"
        )
    return query @ document.T


def maxsim(
    similarity: ArrayLike,
    *,
    query_mask: ArrayLike | None = None,
    document_mask: ArrayLike | None = None,
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
        If nothing is left to match or to score, a mask has a different length from its axis, or
        a similarity that counts is not finite.

    Examples
    --------
    >>> similarity = [[0.9, 0.1], [0.2, -0.4]]
    >>> maxsim(similarity).alignment
    array([0, 0])
    >>> result = maxsim(similarity, document_mask=[False, True])
    >>> round(result.score, 3)  # 0.1 + (-0.4)
    -0.3
    """
    similarity = as_table("similarity", similarity, "query, doc")
    n_query, n_document = similarity.shape
    query_mask = _mask("query_mask", query_mask, n_query)
    document_mask = _mask("document_mask", document_mask, n_document)
    if not np.isfinite(similarity[np.ix_(query_mask, document_mask)]).all():
        raise ValueError("similarity must be finite wherever both masks are True, got NaN or inf")

    matchable = np.where(document_mask, similarity, -np.inf)
    contributions = np.where(query_mask, matchable.max(axis=1), 0).astype(similarity.dtype)
    alignment = np.where(query_mask, first_best(matchable), -1)

    score = float(contributions.sum(dtype=np.float64))
    return MaxSimResult(score, contributions, alignment)


def maxsim_scores(
    query_vectors: TokenEmbeddings | ArrayLike,
    documents: Iterable[TokenEmbeddings | ArrayLike],
    *,
    query_mask: ArrayLike | None = None,
    document_masks: Iterable[ArrayLike | None] | None = None,
    normalize: bool = False,
) -> Float[np.ndarray, " documents"]:
    """Score many documents for one query, with the same numbers as `maxsim` gives one by one.

    No document is copied or padded. Memory is needed for one number per document and query token.

    Parameters
    ----------
    query_vectors
        Unit-length token vectors of the query, shape ``(query, dim)``, or its `TokenEmbeddings`.
    documents
        Unit-length token vectors of each document, shapes ``(n_tokens, dim)``, or their
        `TokenEmbeddings`, which were checked when they were made and are not checked again.
    query_mask, document_masks
        As in `maxsim`; one mask per document. By default every vector counts, and every scored
        token of `TokenEmbeddings`. An excluded vector may hold anything, such as the zeros or NaN
        of padding.
    normalize
        Divide each vector by its length first.

    Returns
    -------
    numpy.ndarray
        Scores, float32, shape ``(n_documents,)``.

    Raises
    ------
    ValueError
        As `similarity_matrix` and `maxsim` do, naming the document.
    """
    documents = _several("documents", documents)
    masks = [None] * len(documents)
    if document_masks is not None:
        masks = _several("document_masks", document_masks)
    if len(masks) != len(documents):
        raise ValueError(
            "document_masks must hold one mask per document, "
            f"got {len(masks)} for {len(documents)} documents"
        )
    query, scored = _side("query_vectors", query_vectors, "query_mask", query_mask, normalize)
    query = query if scored is None else query[scored]
    maxima = np.empty((len(documents), len(query)), dtype=np.float32)
    for i, (given, mask) in enumerate(zip(documents, masks, strict=True)):
        document, matchable = _side(
            f"documents[{i}]", given, f"document_masks[{i}]", mask, normalize
        )
        if document.shape[1] != query.shape[1]:
            raise ValueError(
                f"documents[{i}] must have the query's dim {query.shape[1]}, "
                f"got {document.shape[1]}"
            )
        similarity = query @ document.T
        if matchable is not None:
            similarity[:, ~matchable] = -np.inf
        np.maximum.reduce(similarity, axis=1, out=maxima[i])
    return maxima.sum(axis=1, dtype=np.float64).astype(np.float32)


def _vectors(
    name: str, given: TokenEmbeddings | ArrayLike, normalize: bool
) -> Float[np.ndarray, "tokens dim"]:
    if isinstance(given, TokenEmbeddings):
        return given.vectors
    return unit_vectors(name, given, normalize=normalize)


def _side(
    name: str,
    given: TokenEmbeddings | ArrayLike,
    mask_name: str,
    mask: ArrayLike | None,
    normalize: bool,
) -> tuple[Float[np.ndarray, "tokens dim"], Bool[np.ndarray, " tokens"] | None]:
    """Return the vectors of one text, and which of them count; None where all do."""
    if isinstance(given, TokenEmbeddings):
        counted = given.tokens.scored_mask
        if mask is not None:
            counted = _mask(mask_name, mask, len(counted))
        n_counted = np.count_nonzero(counted)
        if not n_counted:
            raise ValueError(f"{name} must hold at least one token that is scored, got none")
        return given.vectors, None if n_counted == len(counted) else counted
    if mask is None:
        vectors = unit_vectors(name, given, normalize=normalize)
    else:
        table = as_table(name, given, "tokens, dim")
        counted = _mask(mask_name, mask, len(table))
        vectors = unit_vectors(name, table, normalize=normalize, counted=counted)
    if not len(vectors):
        raise ValueError(f"{name} must hold at least one token, got none")
    return vectors, None


def _several(name: str, given: Iterable[Any]) -> list[Any]:
    try:
        if isinstance(given, str | bytes):
            raise TypeError
        return list(given)
    except (TypeError, NotImplementedError) as error:
        raise ValueError(
            f"{name} must hold one entry per document, got {type(given).__name__}"
        ) from error


def _mask(name: str, mask: ArrayLike | None, length: int) -> Bool[np.ndarray, " length"]:
    mask = np.ones(length, dtype=bool) if mask is None else as_array(name, mask)
    if mask.dtype != bool:  # integers would be read as positions
        raise ValueError(f"{name} must be Boolean, got {mask.dtype}")
    if mask.shape != (length,):
        raise ValueError(f"{name} must have one entry per token, {length}, got shape {mask.shape}")
    if not mask.any():
        raise ValueError(f"{name} must leave at least one token, got none of {length}")
    return mask
