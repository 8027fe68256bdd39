"""The line above the picture: the score, what it is made of, and that in a sentence."""

from __future__ import annotations

from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.text.printed_sums import rounded_to_sum
from colbert_explain.text.wording import capitalised, count, listed, number
from colbert_explain.views.page_data.shown_grid import KINDS

_LABELS = {
    "same": "same word",
    "stem": "same stem",
    "other": "other words",
    "structural": "structural tokens",  # markers, [CLS], query expansion: no spelling to compare
}
_NOUNS = {
    "same": ("exact match", "exact matches"),
    "stem": ("same-stem match", "same-stem matches"),
    "other": ("different word", "different words"),
    "structural": ("match of a token without text", "matches of tokens without text"),
}


def headline(x: Explanation) -> dict[str, Any]:
    """Return the score, the highest possible one, and the shares of each kind of match.

    Returns
    -------
    dict
        Ready for JSON: ``score``, ``possible``; ``shares``, one per kind of match that there is,
        each with ``kind``, ``share`` and ``label``, whose percentages sum to 100; ``sentence``.
        There are no shares where a kind adds nothing or less.
    """
    n_scored = int(x.query.scored_mask.sum())
    sums, matches = dict[str, float](), dict[str, int]()
    for match in x.word_matches:
        kind = KINDS[match.kind]
        sums[kind] = sums.get(kind, 0.0) + match.contribution
        matches[kind] = matches.get(kind, 0) + 1
    kinds = [kind for kind in _LABELS if kind in sums]
    found = [count(matches[kind], *_NOUNS[kind]) for kind in kinds]
    shares: list[dict[str, Any]] = []
    if x.score > 0 and all(sums[kind] > 0 for kind in kinds):
        parts = [sums[kind] / x.score for kind in kinds]
        percentages = whole_percentages(parts)
        shares = [
            {"kind": kind, "share": part, "label": f"{percentage}% {_LABELS[kind]}"}
            for kind, part, percentage in zip(kinds, parts, percentages, strict=True)
        ]
        told = [f"{p}% from {what}" for p, what in zip(percentages, found, strict=True)]
        told[0] = told[0].replace("% from", "% of the score comes from", 1)
        sentence = f"{', '.join(told)}."
    else:
        told = [
            f"{what} {'add' if matches[kind] > 1 else 'adds'} {number(sums[kind], 2)}"
            for kind, what in zip(kinds, found, strict=True)
        ]
        sentence = f"{capitalised(listed(told))}."
    return {
        "score": number(x.score, 2),
        "possible": number(n_scored, 2),
        "shares": shares,
        "sentence": sentence,
    }


def whole_percentages(parts: list[float]) -> list[int]:
    """Round fractions that sum to 1 to percentages that sum to 100.

    >>> whole_percentages([1 / 3, 1 / 3, 1 / 3])
    [34, 33, 33]
    """
    exact = [100 * part / sum(parts) for part in parts]
    return [int(value) for value in rounded_to_sum(exact, 100, 0)]
