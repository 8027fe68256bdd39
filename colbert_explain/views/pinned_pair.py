"""The pair of tokens that a reader has pinned, as every view takes it."""

from __future__ import annotations

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import number, quoted
from colbert_explain.views.theme import COSINE_TITLE


def check_pinned(explanation: Explanation, pinned: tuple[int, int] | None) -> None:
    """Refuse a pair (query, document) that lies outside the matrix.

    Raises
    ------
    ValueError
        Naming the size of the matrix and the pair.
    """
    if pinned is None:
        return
    check.pair("pinned", pinned, "the positions of a query and a document token")
    shape = explanation.similarity.shape
    if not all(0 <= p < n for p, n in zip(pinned, shape, strict=True)):
        raise ValueError(f"pinned must lie within {shape[0]} x {shape[1]} tokens, got {pinned}")


def pinned_sentence(explanation: Explanation, pinned: tuple[int, int] | None) -> str:
    """Return how similar a pinned pair is and whether it counts; nothing without one."""
    if pinned is None:
        return ""
    x, (i, j) = explanation, pinned
    query, document = x.query[i], x.document[j]
    sentence = (
        f"Pinned: query token {i} {quoted(query.text)} and document token {j} "
        f"{quoted(document.text)}, "
        f"{COSINE_TITLE} {number(x.similarity[i, j])}."
    )
    if not query.scored:
        return f"{sentence} This query token is not scored."
    best = int(x.alignment[i])
    if j in x.winners(i):
        return f"{sentence} This is the query token's best match and counts towards the score."
    return (
        f"{sentence} It does not count: the query token's best match is token {best} "
        f"{quoted(x.document[best].text)}, {number(x.contributions[i])}."
    )
