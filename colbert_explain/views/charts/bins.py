"""Thousands of positions in a few hundred bins, each shown by the best match that it holds."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest_tokens import highest_similarities
from colbert_explain.similarity import first_best
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.tokens import TokenSequence


def bin_maxima(
    values: Float[np.ndarray, " positions"], most: int
) -> tuple[Int[np.ndarray, " bins"], Int[np.ndarray, " bins"]]:
    """Divide positions into at most ``most`` bins of nearly equal width; keep each one's maximum.

    Parameters
    ----------
    values
        One per position; ``-inf`` where there is none.
    most
        Most bins; fewer positions have a bin each.

    Returns
    -------
    starts, best
        First position of each bin, and the position of its maximum, the first of equals.

    Raises
    ------
    ValueError
        If ``most`` is below 1.
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    n_bins = min(most, len(values))
    starts = (np.arange(n_bins) * len(values)) // n_bins
    stops = np.append(starts[1:], len(values))
    best = np.array(
        [start + first_best(values[start:stop]) for start, stop in zip(starts, stops, strict=True)],
        dtype=np.int64,
    )
    return starts, best


@dataclass(frozen=True, eq=False, slots=True)
class BinnedProfile:
    """Runs of document tokens, each shown by the token that matches best.

    Attributes
    ----------
    starts, stops
        First position of each bin, and the one after its last.
    best
        The position with the largest similarity in each bin, the first of equals.
    values
        That similarity; ``-inf`` where nothing in the bin is scored.
    rows
        The scored query token it belongs to, the first of equals.
    """

    starts: Int[np.ndarray, " bins"]
    stops: Int[np.ndarray, " bins"]
    best: Int[np.ndarray, " bins"]
    values: Float[np.ndarray, " bins"]
    rows: Int[np.ndarray, " bins"]


def binned_profile(explanation: Explanation, most: int) -> BinnedProfile:
    """Find for at most ``most`` bins the best similarity with a scored query token.

    Raises
    ------
    ValueError
        If ``most`` is below 1.
    """
    x = explanation
    scored = np.flatnonzero(x.query.scored_mask)
    per_position = highest_similarities(x)
    starts, best = bin_maxima(per_position, most)
    stops = np.append(starts[1:], len(x.document))
    found = np.where(x.document.scored_mask[best], x.similarity[np.ix_(scored, best)], -np.inf)
    rows = scored[first_best(found.T)]
    return BinnedProfile(starts, stops, best, per_position[best], rows)


def sentence_places(document: TokenSequence) -> list[tuple[int, int, int]]:
    """List the sentences that were read: number from 0, first token, last token."""
    begins = [start for start, _ in sentence_spans(document.text)]
    held: dict[int, list[int]] = {}
    for j, token in enumerate(document):
        if token.start is not None and (number := bisect_right(begins, token.start) - 1) >= 0:
            held.setdefault(number, []).append(j)
    return [(number, members[0], members[-1]) for number, members in held.items()]
