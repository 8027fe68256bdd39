"""The heatmap as an HTML table: for pages without scripts and for saved notebooks."""

from __future__ import annotations

from colbert_explain.explanation import Explanation
from colbert_explain.views.html_parts import render, theme_class
from colbert_explain.views.palette import COSINE_TITLE, PageTheme, css_cosine
from colbert_explain.views.plotly_text import shorten
from colbert_explain.views.token_names import token_names

#: Query and document tokens that a table shows at most.
MOST_ROWS, MOST_COLUMNS = 64, 36
#: Colours between a similarity of -1 and one of 1 are told apart in this many steps per unit.
_STEPS = 20


def heatmap_table(explanation: Explanation, *, theme: PageTheme = "auto") -> str:
    """Write the similarity matrix as an HTML table without a script.

    The colours, rounded to steps of 0.05, and the red frames are those of the heatmap. A long
    document shows the 36 tokens with the strongest evidence; the caption says so.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    x = explanation
    first, stop = x.strongest_window(min(MOST_COLUMNS, len(x.document)))
    row_names, column_names = token_names(x.query), token_names(x.document)
    rows = []
    for i, token in enumerate(x.query.tokens[:MOST_ROWS]):
        winners = set(x.winners(i).tolist())
        cells = [
            (float(x.similarity[i, j]), j in winners, token.scored and x.document[j].scored)
            for j in range(first, stop)
        ]
        rows.append((shorten(row_names[i]) or "␣", token.scored, cells))
    steps = range(-_STEPS, _STEPS + 1)
    return render(
        "heatmap_table.html.j2",
        columns=[
            (shorten(column_names[j]) or "␣", x.document[j].scored) for j in range(first, stop)
        ],
        rows=rows,
        step=lambda value: round(_STEPS * min(1.0, max(-1.0, value))) + _STEPS,
        colours=[css_cosine(step / _STEPS, theme) for step in steps],
        caption=_caption(x, first, stop),
        theme_class=theme_class(theme),
    )


def _caption(x: Explanation, first: int, stop: int) -> str:
    caption = f"Every query token (rows) against every document token (columns), {COSINE_TITLE}"
    if stop - first < len(x.document):
        caption = (
            f"Query tokens (rows) against document tokens {first:,} to {stop - 1:,} of "
            f"{len(x.document):,} (columns), where the evidence is strongest, {COSINE_TITLE}"
        )
    if len(x.query) > MOST_ROWS:
        caption += f"; the first {MOST_ROWS} of {len(x.query):,} query tokens"
    return f"{caption}. Framed: the best match of its row. Grey: not scored."
