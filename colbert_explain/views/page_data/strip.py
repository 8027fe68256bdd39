"""What the strip above a long heatmap shows: a document map as plain numbers and texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import visible
from colbert_explain.views.charts.bins import binned_profile, sentence_places
from colbert_explain.views.charts.document_map import MOST_BINS
from colbert_explain.views.charts.heatmap.outlines import TIES_DRAWN
from colbert_explain.views.theme import Theme, palette_of
from colbert_explain.views.token_labels import short_name, token_names


def strip_contents(explanation: Explanation, *, theme: Theme = "light") -> dict[str, Any]:
    """Write a document as a strip, for a page that draws it by itself.

    The numbers are those of `document_map`: of several tokens that share a bin, the best shows.

    Parameters
    ----------
    explanation
        What to draw.
    theme
        ``"light"`` or ``"dark"``.

    Raises
    ------
    ValueError
        If there is no such theme.

    Returns
    -------
    dict
        Ready for JSON. ``n_tokens``; ``bins``, in order, each with its first token ``start``, the
        ``stop`` after its last, the best ``token``, its ``text`` with what stands to the
        ``left`` and ``right``, the ``query`` token that it matches, the similarity as ``value``
        (None where nothing is scored) and the ``colour`` of that; ``marks``, by position, each
        with the ``token``, the ``query`` token that chose it, ``value``, whether it is ``tied``,
        and its surroundings; ``sentences``, the first token of each; ``frame``, the marks'
        colour. No text is escaped: show it as text, never as markup.
    """
    x, colours = explanation, palette_of(theme)
    queries = [short_name(name) for name in token_names(x.query)]
    names = token_names(x.document)

    def surroundings(j: int) -> dict[str, Any]:
        left, right = x.document.context(j)
        shown = {"left": left, "text": names[j], "right": right}
        return {"token": j, **{side: visible(text) for side, text in shown.items()}}

    binned = binned_profile(x, MOST_BINS)
    bins = []
    for start, stop, j, i, value in zip(
        binned.starts, binned.stops, binned.best, binned.rows, binned.values, strict=True
    ):
        known = bool(np.isfinite(value))
        bins.append(
            {
                "start": int(start),
                "stop": int(stop),
                "query": queries[i],
                "value": round(float(value), 3) if known else None,
                "colour": colours.cosine_colour(float(value)) if known else None,
                **surroundings(int(j)),
            }
        )
    marks = [
        {
            "query": queries[i],
            "value": round(float(x.contributions[i]), 3),
            "tied": bool(x.tied[i]),
            **surroundings(j),
        }
        for i in range(len(x.query))
        for j in x.winners(i)[:TIES_DRAWN].tolist()
    ]
    return {
        "n_tokens": len(x.document),
        "bins": bins,
        "marks": sorted(marks, key=lambda mark: mark["token"]),
        "sentences": [first for _, first, _ in sentence_places(x.document)],
        "frame": colours.frame,
    }
