"""The axes of a heatmap: where it opens, which labels it draws, what hovering looks up."""

from __future__ import annotations

from typing import Any

from colbert_explain.views.figure_style import common_layout, legend_below
from colbert_explain.views.heatmap_grid import Grid
from colbert_explain.views.palette import Palette
from colbert_explain.views.plotly_text import aliases, drawn_length, n_lines

#: A document of more tokens opens on the window with the strongest evidence.
OPEN_WHOLE = 120
#: Document tokens in that window: their labels fit side by side on a page of 900 pixels.
OPEN_WINDOW = 50
#: Most tick labels on an axis of a long text.
MOST_TICKS = 64

# Zoomed in on a dozen tokens of a long text, Plotly draws ticks between them as well, whose
# labels are bare numbers. It puts the prefix before every label, so a label without an alias
# stays invisible, and an alias ends the prefix's element first.
_INVISIBLE, _VISIBLE = '<i style="color:rgba(0,0,0,0)">', "</i>"


def heatmap_layout(
    grid: Grid, title: str, provenance: str, colours: Palette, opening: tuple[int, int]
) -> dict[str, Any]:
    """Lay out a heatmap that opens on some columns, first and one after the last."""
    n_rows, n_columns = grid.similarity.shape
    cell = 30 if n_rows <= 16 else 20 if n_rows <= 40 else 14
    columns: dict[str, Any] = {
        "range": [opening[0] - 0.5, opening[1] - 0.5],
        "minallowed": -0.5,
        "maxallowed": n_columns - 0.5,
        # What is shown whole stays put, so that scrolling over it scrolls the page.
        "fixedrange": n_columns <= OPEN_WHOLE,
        **_plain(n_columns),
    }
    rows: dict[str, Any] = {
        "range": [n_rows - 0.5, -0.5],
        "fixedrange": n_rows <= MOST_TICKS,
        **_plain(n_rows),
    }
    hidden = {"showticklabels": False, "ticks": ""}
    longest = max(drawn_length(text) for text in grid.column_labels)
    return common_layout(
        title,
        provenance,
        colours,
        content=min(cell * n_rows, 900),
        top=58 + 18 * n_lines(title) + round(longest * 5.2),
        below=34,
    ) | {
        "showlegend": True,
        "legend": legend_below(),
        "dragmode": "pan",
        # Context in the hover without a string per cell: the heatmap lies on axes whose labels
        # are the tokens with their surroundings, hidden; a second pair shows the bare tokens.
        "xaxis": columns | hidden | {"labelalias": aliases(grid.column_hovers)},
        "yaxis": rows | hidden | {"labelalias": aliases(grid.row_hovers)},
        "xaxis2": columns
        | _labels(grid.column_labels)
        | {
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "tickangle": -55 if n_columns > 6 else 0,
            "title": {"text": f"document {grid.unit}s", "font": {"color": colours.muted}},
        },
        "yaxis2": rows
        | _labels(grid.row_labels)
        | {
            "overlaying": "y",
            "matches": "y",
            "side": "left",
            "automargin": True,
            "ticklabelstandoff": 4,
            "title": {"text": f"query {grid.unit}s", "font": {"color": colours.muted}},
        },
    }


def _plain(n_tokens: int) -> dict[str, Any]:
    """Label every token of a short text; let Plotly thin the labels of a long one."""
    ticks = {"dtick": 1} if n_tokens <= MOST_TICKS else {"nticks": MOST_TICKS}
    return {"exponentformat": "none", "showgrid": False, "zeroline": False, **ticks}


def _labels(written: tuple[str, ...]) -> dict[str, Any]:
    if len(written) <= MOST_TICKS:  # as `_plain`: no ticks between tokens
        return {"labelalias": aliases(written)}
    return {
        "tickprefix": _INVISIBLE,
        "labelalias": aliases([_VISIBLE + text for text in written]),
    }
