"""The document map as a table: where each query token found its match, as a line of marks."""

from __future__ import annotations

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import isolated, number
from colbert_explain.views.charts.binned_profile import binned_profile
from colbert_explain.views.html.static_table import Cell, StaticTable
from colbert_explain.views.token_labels import short_name, token_names

#: Characters of a line, of which each stands for as many tokens as it must.
_WIDTH = 40
#: Heights from 0 to 1; what stands where no token is scored, nothing was matched, and one was.
_HEIGHTS, _UNSCORED, _EMPTY, _MATCH = "▁▂▃▄▅▆▇█", " ", "·", "█"


def document_map_table(
    explanation: Explanation, window: tuple[int, int] | None = None
) -> StaticTable:
    """Write a document map as a table: a line per scored query token.

    ``window`` is the part that the figure points out: first token, and the one after the last.
    """
    x = explanation
    binned = binned_profile(x, _WIDTH)
    names, found = token_names(x.query), token_names(x.document)
    heights = "".join(_height(float(value)) for value in binned.values)
    rows = [(Cell("best similarity", muted=True), Cell(heights, mono=True), *[Cell("")] * 3)]
    scored = np.flatnonzero(x.query.scored_mask).tolist()
    for i in scored:
        line = [_EMPTY] * len(binned.starts)
        for j in x.winners(i).tolist():
            line[int(np.searchsorted(binned.starts, j, side="right")) - 1] = _MATCH
        j, value = int(x.alignment[i]), float(x.contributions[i])
        tie = " (tie)" if x.tied[i] else ""
        rows.append(
            (
                Cell(short_name(names[i])),
                Cell("".join(line), mono=True),
                Cell(isolated(short_name(found[j])) + tie, strong=True),
                Cell(f"{j:,}", number=True),
                Cell(number(value), value, number=True),
            )
        )
    sentences = []
    if window is not None:
        sentences.append(f"Pointed out: tokens {window[0]:,} to {window[1] - 1:,}.")
    if x.document.n_unread:
        sentences.append(f"{x.document.n_unread:,} more tokens of the document were not read.")
    n_unscored = len(x.query) - len(scored)
    aside = f"; {n_unscored} more not scored" if n_unscored else ""
    return StaticTable(
        title=f"MaxSim score {number(x.score)}",
        sentences=tuple(sentences),
        caption=f"Where the {len(scored)} query token{'s' * (len(scored) > 1)} match{aside}; "
        f"each line is the document, {len(x.document):,} tokens from the first to the last",
        head=("query token", "place", "best match", "at token", "similarity"),
        rows=tuple(rows),
        source=x.provenance_sentence(),
    )


def _height(value: float) -> str:
    if not np.isfinite(value):
        return _UNSCORED
    return _HEIGHTS[round(min(1.0, max(0.0, value)) * (len(_HEIGHTS) - 1))]
