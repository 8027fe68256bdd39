"""Which pair of tokens a reader means who points at a word, and where that pair can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.similarity import ordered

Pair = tuple[int, int]


def picked_pair(
    explanation: Explanation, side: str, tokens: Sequence[int], pinned: Pair | None
) -> Pair | None:
    """Return the pair that a word of the query or the document stands for.

    Of a query word, that of its piece with the largest contribution and its best match; of a
    document word, that of the query token with the largest contribution that found its match
    here. Picked again, a word gives its next pair.

    Returns
    -------
    tuple of int or None
        None where no query token is scored or has its best match there.
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
