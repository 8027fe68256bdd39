"""The axes of a heatmap: where it opens, which labels it draws, what hovering looks up."""

from __future__ import annotations

from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.grid import Grid
from colbert_explain.views.charts.plotly_text import aliases, drawn_width, n_lines
from colbert_explain.views.charts.style import common_layout, legend_below
from colbert_explain.views.theme import Palette

#: A document of more tokens opens on the window with the strongest evidence.
OPEN_WHOLE = 120
#: Document tokens in that window: their labels fit side by side on a page of 900 pixels.
OPEN_WINDOW = 36
#: Most tick labels that rows and columns have room for.
MOST_TICKS = {"rows": 64, "columns": 46}
#: Labels of more columns than these stand upright.
_MOST_SLANTED = 38

#: Pixels that the key of the colours needs.
_LEAST_HEIGHT = 130

# Zoomed in on a dozen tokens of a long text, Plotly draws ticks between them as well, whose
# labels are bare numbers. Between prefix and suffix such a number is an empty element, and so
# is not seen, while a position is replaced by its alias altogether.
_PREFIX, _SUFFIX = "<b ", ">"
_PLAIN = {"exponentformat": "none", "showgrid": False, "zeroline": False}


def opening(x: Explanation, grid: Grid, whole: int, window: int) -> tuple[int, int]:
    """Choose the columns to open on: first, and one after the last.

    Parameters
    ----------
    x, grid
        The explanation and how it is laid out.
    whole
        A document of up to so many columns is shown whole.
    window
        Tokens of a longer one to open on, those with the strongest evidence.
    """
    n_columns = len(grid.column_tokens)
    if n_columns <= whole:
        return 0, n_columns
    first, stop = x.strongest_window(window)
    held = [k for k, tokens in enumerate(grid.column_tokens) if first <= tokens[0] < stop]
    return held[0], held[-1] + 1


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
        **_PLAIN,
        **_ticks(n_columns, "columns"),
    }
    rows: dict[str, Any] = {
        "range": [n_rows - 0.5, -0.5],
        "fixedrange": n_rows <= MOST_TICKS["rows"],
        **_PLAIN,
        **_ticks(n_rows, "rows"),
    }
    # As a line of the title: Plotly draws titles of axes and annotations again at every zoom.
    title += (
        f'<br><span style="font-size:12px;color:{colours.muted}">rows: query {grid.unit}s, '
        f"columns: document {grid.unit}s</span>"
    )
    hidden = {"showticklabels": False, "ticks": "", "automargin": False}
    n_shown = opening[1] - opening[0]
    angle = 0 if n_columns <= 6 else -55 if n_shown <= _MOST_SLANTED else -90
    slant = {0: 0.0, -55: 0.8, -90: 1.0}[angle]
    above = round(slant * max(map(drawn_width, grid.column_labels))) + 14
    layout = common_layout(
        title,
        provenance,
        colours,
        content=max(_LEAST_HEIGHT, min(cell * n_rows, 900)),
        top=40 + 18 * n_lines(title) + above,
        below=34,
    )
    layout["margin"]["l"] = 16 + max(map(drawn_width, grid.row_labels))
    return layout | {
        "showlegend": True,
        "legend": legend_below(),
        "dragmode": "pan",
        # Context in the hover without a string per cell: the heatmap lies on axes whose labels
        # are the tokens with their surroundings, hidden; a second pair shows the bare tokens.
        # Ticks that nobody sees take as long to place as others.
        "xaxis": columns
        | hidden
        | _ticks(n_columns, "columns", 2)
        | {"labelalias": aliases(grid.column_hovers)},
        "yaxis": rows | hidden | {"labelalias": aliases(grid.row_hovers)},
        "xaxis2": columns
        # The margin has room for the longest label, so no label need be measured at a zoom.
        | {"automargin": False, "ticklabeloverflow": "allow"}
        | label_aliases(grid.column_labels, MOST_TICKS["columns"])
        | {
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "tickangle": angle,
        },
        "yaxis2": rows
        | label_aliases(grid.row_labels, MOST_TICKS["rows"])
        | {
            "overlaying": "y",
            "matches": "y",
            "side": "left",
            "ticklabeloverflow": "allow",
            "ticklabelstandoff": 4,
        },
    }


def _ticks(n_tokens: int, axis: str, most: int = OPEN_WINDOW + 2) -> dict[str, Any]:
    """Label every token of a short text; let Plotly thin the labels of a long one."""
    # Of a window a little larger than this, rounding takes every other label.
    return {"dtick": 1} if n_tokens <= MOST_TICKS[axis] else {"nticks": most, "tickmode": "auto"}


def label_aliases(written: tuple[str, ...], most: int) -> dict[str, Any]:
    """Label positions; those between two tokens not at all.

    Parameters
    ----------
    written
        The labels, in order.
    most
        Up to so many tokens each has its tick, and there are none between them.
    """
    if len(written) <= most:
        return {"labelalias": aliases(written)}
    return {
        "tickprefix": _PREFIX,
        "ticksuffix": _SUFFIX,
        "labelalias": {f"{_PREFIX}{i}{_SUFFIX}": text for i, text in enumerate(written)},
    }
