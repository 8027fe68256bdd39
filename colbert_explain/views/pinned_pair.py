"""The pair of tokens that a reader has pinned, as every view takes it."""

from __future__ import annotations

from colbert_explain.explanation import Explanation


def check_pinned(explanation: Explanation, pinned: tuple[int, int] | None) -> None:
    """Refuse a pair (query, document) that lies outside the matrix.

    Raises
    ------
    ValueError
        Naming the size of the matrix and the pair.
    """
    shape = explanation.similarity.shape
    if pinned is not None and not all(0 <= p < n for p, n in zip(pinned, shape, strict=True)):
        raise ValueError(f"pinned must lie within {shape[0]} x {shape[1]} tokens, got {pinned}")
