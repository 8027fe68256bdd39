"""The heatmap as an HTML table: for pages without scripts and for saved notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.grid import Grid
from colbert_explain.views.charts.heatmap.layout import opening
from colbert_explain.views.charts.heatmap.levels import token_grid
from colbert_explain.views.charts.plotly_text import unmarked
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.theme import (
    COSINE_TITLE,
    LIGHT,
    PageTheme,
    css_cosine,
    drawn_theme,
    inline_cosine,
    palette_of,
)

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
    return grid_table(explanation, token_grid(explanation, LIGHT), theme=theme)


def grid_table(
    explanation: Explanation,
    grid: Grid,
    *,
    theme: PageTheme = "auto",
    title: str = "",
    sentences: Sequence[str] = (),
    source: str = "",
    most_columns: int = MOST_COLUMNS,
) -> str:
    """Write what a heatmap shows, its rows in its order, as an HTML table.

    ``title`` and ``sentences`` stand above it, ``source`` below. Of many columns those with the
    strongest evidence are there, of many rows the first; the caption says so.
    """
    first, stop = opening(explanation, grid, most_columns, most_columns)
    rows = []
    for i, label in enumerate(grid.row_labels[:MOST_ROWS]):
        cells = [
            (
                float(grid.similarity[i, j]),
                j in grid.winners[i],
                bool(grid.row_scored[i] and grid.column_scored[j]),
            )
            for j in range(first, stop)
        ]
        rows.append((unmarked(label), bool(grid.row_scored[i]), cells))

    def step(value: float) -> int:
        return round(_STEPS * min(1.0, max(-1.0, value))) + _STEPS

    levels = [k / _STEPS for k in range(-_STEPS, _STEPS + 1)]
    return render(
        "heatmap_table.html.j2",
        title=title,
        sentences=sentences,
        source=source,
        columns=[
            (unmarked(grid.column_labels[j]), bool(grid.column_scored[j]))
            for j in range(first, stop)
        ],
        rows=rows,
        step=step,
        colours=[css_cosine(level, theme) for level in levels],
        inline=[inline_cosine(level, theme) for level in levels],
        frame=palette_of(drawn_theme(theme)).frame,
        caption=_caption(grid, first, stop),
        theme_class=theme_class(theme),
    )


def _caption(grid: Grid, first: int, stop: int) -> str:
    unit, (n_rows, n_columns) = grid.unit, grid.similarity.shape
    caption = f"Every query {unit} (rows) against every document {unit} (columns), {COSINE_TITLE}"
    if stop - first < n_columns:
        caption = (
            f"Query {unit}s (rows) against document {unit}s {first:,} to {stop - 1:,} of "
            f"{n_columns:,} (columns), where the evidence is strongest, {COSINE_TITLE}"
        )
    if n_rows > MOST_ROWS:
        caption += f"; the first {MOST_ROWS} of {n_rows:,} query {unit}s"
    return f"{caption}. Framed and bold: the best match of its row. Grey and slanted: not scored."
