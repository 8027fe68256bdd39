"""A contrast as rows of a table: each query token's match in both documents, and the difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from colbert_explain.analysis import Contrast
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import visible
from colbert_explain.views.token_labels import short_name, token_names


def contrast_rows(contrast: Contrast) -> dict[str, Any]:
    """Write a contrast for a page that draws its bars.

    Returns
    -------
    dict
        Ready for JSON: ``sentence``, and as ``sentence_parts``, each a text and whether it is
        emphasised; ``names`` and ``scores`` of the two; ``difference`` of the scores; ``scale``,
        the largest difference of a token; ``rows``, one per scored query token, each with
        ``place`` (0 for the largest difference), ``name``, ``difference`` and, for ``first`` and
        ``second``, the ``match`` and its ``value``. No text is escaped: show it as text, never as
        markup.
    """
    query = contrast.first.query
    names = token_names(query)
    sides = {"first": contrast.first, "second": contrast.second}
    matches = {side: _matches(x) for side, x in sides.items()}
    place = {int(i): k for k, i in enumerate(contrast.largest_first())}
    rows: list[dict[str, Any]] = [
        {
            "place": place[i],
            "name": short_name(names[i]),
            "difference": float(contrast.difference[i]),
            **{side: matches[side][i] for side in sides},
        }
        for i in np.flatnonzero(query.scored_mask).tolist()
    ]
    return {
        "sentence": contrast.sentence(),
        "sentence_parts": [list(part) for part in contrast.sentence_parts()],
        "names": [visible(name) for name in contrast.names],
        "scores": [contrast.first.score, contrast.second.score],
        "difference": contrast.score_difference,
        "scale": max([0.1, *(abs(row["difference"]) for row in rows)]),
        "rows": rows,
    }


def _matches(x: Explanation) -> dict[int, dict[str, Any]]:
    names = token_names(x.document)
    return {
        i: {"match": short_name(names[int(x.alignment[i])]), "value": float(x.contributions[i])}
        for i in np.flatnonzero(x.query.scored_mask).tolist()
    }
