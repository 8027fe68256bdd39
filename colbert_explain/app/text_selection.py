"""Which pair of tokens a picked word selects, and which listed sentence holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.similarity import ordered

Pair = tuple[int, int]


def picked_pair(
    explanation: Explanation, side: str, tokens: Sequence[int], pinned: Pair | None
) -> Pair | None:
    """Return the pair that a picked word of the query or the document selects.

    For a query word: its piece with the largest contribution, and the best match of that piece. For
    a document word: of the query tokens that match it, the one with the largest contribution. A
    word that is picked again gives its next pair.

    Returns
    -------
    tuple of int or None
        None if the word has no scored query token, or no query token has its best match there.
    """
    x = explanation
    if side == "query":
        rows = [i for i in tokens if 0 <= i < len(x.query) and x.query[i].scored]
        pairs = [(i, int(x.alignment[i])) for i in rows]
    else:
        here = set(tokens)
        pairs = [(i, int(j)) for i in range(len(x.query)) for j in x.winners(i) if int(j) in here]
    if not pairs:
        return None
    pairs = [pairs[k] for k in ordered(x.contributions[[i for i, _ in pairs]])]
    if pinned in pairs:
        return pairs[(pairs.index(pinned) + 1) % len(pairs)]
    return pairs[0]


def passage_at(passages: Sequence[dict[str, Any]], pair: Pair | None) -> int:
    """Return the first token of the listed sentence that holds a pair's match, -1 for none."""
    if pair is None:
        return -1
    holding = (p["first"] for p in passages if p["first"] <= pair[1] < p["stop"])
    return int(next(holding, -1))
