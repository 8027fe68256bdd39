"""Token vectors of many documents, packed so that one matrix product scores many of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.tokens import TokenSequence

#: Vectors per matrix product: their similarities stay in the processor's cache.
_BLOCK = 4096


@dataclass(frozen=True, eq=False, slots=True)
class PackedVectors:
    """The vectors of some documents; those that are scored are kept apart from the others.

    Attributes
    ----------
    scored, unscored
        The vectors of all documents one after another, unit length, each of shape ``(tokens,
        dim)``.
    scored_starts, unscored_starts
        Where each document begins, and behind them the end of the last: shape
        ``(n_documents + 1,)``. Every document has at least one scored vector.
    """

    scored: Float[np.ndarray, "scored dim"]
    scored_starts: Int[np.ndarray, " documents_and_1"]
    unscored: Float[np.ndarray, "unscored dim"]
    unscored_starts: Int[np.ndarray, " documents_and_1"]

    @classmethod
    def pack(cls, documents: Sequence[TokenEmbeddings]) -> PackedVectors:
        """Copy the vectors of at least one document."""
        masks = [document.tokens.scored_mask for document in documents]
        return cls(
            np.concatenate([d.vectors[m] for d, m in zip(documents, masks, strict=True)]),
            _starts([int(mask.sum()) for mask in masks]),
            np.concatenate([d.vectors[~m] for d, m in zip(documents, masks, strict=True)]),
            _starts([int((~mask).sum()) for mask in masks]),
        )

    def __len__(self) -> int:
        return len(self.scored_starts) - 1

    def vectors_of(self, number: int, tokens: TokenSequence) -> Float[np.ndarray, "tokens dim"]:
        """Return the vectors of one document in the order of its tokens, as a copy."""
        mask = tokens.scored_mask
        vectors = np.empty((len(tokens), self.scored.shape[1]), np.float32)
        vectors[mask] = self._slice("scored", number)
        vectors[~mask] = self._slice("unscored", number)
        return vectors

    def scores(self, query: Float[np.ndarray, "query dim"]) -> Float[np.ndarray, " documents"]:
        """Score all documents by MaxSim with the scored vectors of a query; float32."""
        return packed_scores(query, self.scored, self.scored_starts)

    def score_of(self, number: int, query: Float[np.ndarray, "query dim"]) -> float:
        """Score one document."""
        similarity = query @ self._slice("scored", number).T
        return float(similarity.max(axis=1).sum(dtype=np.float64))

    def _slice(self, kind: str, number: int) -> Float[np.ndarray, "tokens dim"]:
        starts = getattr(self, f"{kind}_starts")
        return getattr(self, kind)[starts[number] : starts[number + 1]]


def packed_scores(
    query: Float[np.ndarray, "query dim"],
    vectors: Float[np.ndarray, "tokens dim"],
    starts: Int[np.ndarray, " documents_and_1"],
) -> Float[np.ndarray, " documents"]:
    """Score by MaxSim documents whose scored vectors lie one after another.

    Examples
    --------
    >>> two = np.eye(2, dtype=np.float32)
    >>> packed_scores(two[:1], two, np.array([0, 1, 2]))
    array([1., 0.], dtype=float32)
    """
    return scores_in_blocks(lambda begin, end: query @ vectors[begin:end].T, starts)


def scores_in_blocks(
    similarity: Callable[[int, int], Float[np.ndarray, "query tokens"]],
    starts: Int[np.ndarray, " documents_and_1"],
) -> Float[np.ndarray, " documents"]:
    """Score documents by MaxSim, a block of them at a time; float32.

    Parameters
    ----------
    similarity
        Returns the similarities of all query tokens and the tokens from one number to another.
    starts
        Where each document begins, and behind them the end of the last. None is empty.
    """
    n_documents = len(starts) - 1
    scores = np.empty(n_documents, dtype=np.float32)
    first = 0
    while first < n_documents:
        # As many whole documents as fit into a block, and one at least.
        last = int(np.searchsorted(starts, starts[first] + _BLOCK, side="right")) - 1
        last = min(max(last, first + 1), n_documents)
        begin, end = int(starts[first]), int(starts[last])
        maxima = np.maximum.reduceat(similarity(begin, end), starts[first:last] - begin, axis=1)
        scores[first:last] = maxima.sum(axis=0, dtype=np.float64)
        first = last
    return scores


def _starts(lengths: Sequence[int]) -> Int[np.ndarray, " documents_and_1"]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
