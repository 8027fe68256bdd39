"""The page's picture as Plotly draws it: a heatmap, and what each row adds on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from colbert_explain.text.wording import number
from colbert_explain.views.charts.heatmap.outlines import (
    frames,
    veil,
    winner_frames,
    winner_numbers,
)
from colbert_explain.views.charts.plotly_text import drawn_width
from colbert_explain.views.page_data.json_values import typed_array
from colbert_explain.views.page_data.shown_grid import ShownGrid
from colbert_explain.views.theme import COSINE_TITLE, Palette, ink_on

#: The page scrolls with the wheel; it has buttons of its own, and clicks mean something else.
CONFIG = {
    "displayModeBar": False,
    "doubleClick": False,
    "responsive": False,
    "scrollZoom": False,
    "showTips": False,
}
#: The width for which labels are chosen until the browser knows its own.
_WIDTH = 1000
#: Where the heatmap ends and the bars begin, as parts of the width between the margins.
_HEATMAP_ENDS, _BARS_BEGIN = 0.83, 0.845
#: Pixels of a row's height; a picture of many rows has the smallest one and scrolls.
_ROW_HEIGHTS = (32, 17)
#: Pixels that rows share, while the smallest row height allows it; and that they take at most.
_ROWS_HEIGHT, _MOST_HEIGHT = 272, 2200
#: Pixels of the right and the bottom margin, and the least of the others.
_RIGHT, _BELOW, _LEAST_ABOVE, _LEAST_LEFT = 8, 40, 40, 84
#: Least pixels between labels that lie, slant or stand.
_LYING_GAP, _SLANTED, _STANDING = 10, 20, 13
#: A number fits into a cell of so many pixels.
_NUMBER_WIDTH = 34
#: A negative similarity above this can't be told from 0 by its colour; the legend leaves it out.
_SEEN = -0.05
_AXES = {"xaxis": "x", "yaxis": "y"}


def page_figure(shown: ShownGrid, pinned: tuple[int, int] | None) -> dict[str, Any]:
    """Draw the grid as ``data``, ``layout`` and ``config``, with ``seen_from``, ready for JSON.

    ``seen_from`` is the largest negative similarity whose colour can be told from that of 0.

    The traces are ``similarity``, ``not scored``, ``halo``, ``best match``, ``tie``, ``numbers``
    (those in the framed cells), ``contribution`` and ``runner-up`` (on the axis ``x2``), ``adds``
    (the numbers beside the bars) and ``pinned``. The margins are fixed: what lies between them is
    divided by the domains of ``xaxis`` and ``xaxis2``. Nothing has a hover of its own.

    Parameters
    ----------
    shown
        What to draw.
    pinned
        Row and column of the pinned cell, if it is in view.
    """
    grid, colours = shown.grid, shown.colours
    similarity = grid.similarity
    scale = _scale(float(similarity.min()) if similarity.size else 0.0, colours)
    margin = _margin(shown)
    n_rows, n_columns = similarity.shape
    gap = 1 if n_columns <= 120 else 0
    heat = {
        "type": "heatmap",
        "name": "similarity",
        "z": typed_array(similarity),
        "hoverinfo": "none",
        # With gaps Plotly draws cell by cell, which is slow for a long document.
        "xgap": gap,
        "ygap": gap,
        "colorbar": _colorbar(scale),
        **scale,
        **_AXES,
    }
    unscored = veil(grid, colours, **_AXES)
    for axis in ("x", "y"):
        unscored[axis] = typed_array(unscored[axis])
    pinned_line = {"color": colours.pinned, "width": 2.5}
    data = [
        heat,
        unscored,
        *winner_frames(grid, colours, 2.0, **_AXES),
        winner_numbers(grid, lambda value: ink_on(colours.cosine_colour(value)), **_AXES)
        | {"visible": _column_width(shown) >= _NUMBER_WIDTH},
        *_bars(shown),
        frames("pinned", [pinned] if pinned else [], pinned_line, **_AXES),
    ]
    moves = shown.opening != (0, n_columns)
    for trace in data:
        trace["showlegend"] = False
        # Where nothing moves, frames at the edge are drawn whole.
        trace |= {} if moves or trace["type"] != "scatter" else {"cliponaxis": False}
    largest, least = _ROW_HEIGHTS
    height = min(max(least, min(largest, _ROWS_HEIGHT // n_rows)) * n_rows, _MOST_HEIGHT)
    layout = {
        "height": height + margin["t"] + margin["b"],
        "margin": margin,
        "showlegend": False,
        "dragmode": "pan" if moves else False,
        "hovermode": "closest",
        "hoverdistance": 1,
        "font": {"size": 12, "color": colours.ink, "family": "system-ui, sans-serif"},
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": colours.paper,
        "bargap": 0.42,
        "annotations": _annotations(shown),
        **_axes(shown, height, margin),
    }
    return {"data": data, "layout": layout, "config": CONFIG, "seen_from": _SEEN}


def _scale(least: float, colours: Palette) -> dict[str, Any]:
    """Return the one colour scale; of its lower half no more than can be seen.

    All of it from a similarity of `_SEEN` down, one step of it above that, none above 0. The
    colour of a similarity is always the same.
    """
    if least <= _SEEN:
        return {"zmin": -1, "zmax": 1, "colorscale": colours.cosine_scale}
    half = len(colours.steps) // 2
    first = half if least >= 0 else half - 1
    steps = colours.steps[first:]
    scale = [(k / (len(steps) - 1), colour) for k, colour in enumerate(steps)]
    return {"zmin": first / half - 1, "zmax": 1, "colorscale": scale}


def _colorbar(scale: dict[str, Any]) -> dict[str, Any]:
    ticks = [-1, -0.5, 0, 0.5, 1] if scale["zmin"] == -1 else [0, 0.25, 0.5, 0.75, 1]
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": 0,
        "yanchor": "top",
        "ypad": 10,
        "lenmode": "pixels",
        "len": 190,
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": [number(tick, 2).rstrip("0").rstrip(".") for tick in ticks],
        "tickfont": {"size": 11},
        "ticklabeloverflow": "allow",
    }


def _margin(shown: ShownGrid) -> dict[str, int]:
    left = 12 + max(map(drawn_width, shown.grid.row_labels))
    angle = _angle(shown)
    above = 24
    if angle:
        slant = {-55: 0.8, -90: 1.0}[angle]
        above = round(slant * shown.label_width) + 24
    return {
        "l": max(_LEAST_LEFT, left),
        "r": _RIGHT,
        "t": max(_LEAST_ABOVE, above),
        "b": _BELOW,
        "pad": 0,
    }


def _axes(shown: ShownGrid, height: int, margin: dict[str, int]) -> dict[str, Any]:
    grid, colours = shown.grid, shown.colours
    n_rows, n_columns = grid.similarity.shape
    first, stop = shown.opening
    plain = {"showgrid": False, "zeroline": False, "ticks": "", "automargin": False}
    columns = _labelled_columns(shown)
    every = max(1, int(np.ceil(11 * n_rows / height)))
    rows = range(0, n_rows, every)
    longest = max(1.0, float(grid.contributions.max(initial=0.0)))
    least = min(0.0, float(grid.contributions.min(initial=0.0)))
    return {
        "xaxis": {
            **plain,
            "domain": [0, _HEATMAP_ENDS],
            "range": [first - 0.5, stop - 0.5],
            "minallowed": -0.5,
            "maxallowed": n_columns - 0.5,
            "fixedrange": stop - first == n_columns,
            "side": "top",
            "tickangle": _angle(shown),
            "tickmode": "array",
            "tickvals": columns,
            "ticktext": [grid.column_labels[j] for j in columns],
            "ticklabeloverflow": "allow",
            "anchor": "y",
        },
        "xaxis2": {
            **plain,
            "domain": [_BARS_BEGIN, 1],
            # Beside the longest bar there is room for its number.
            "range": [least, least + 1.36 * (longest - least)],
            "fixedrange": True,
            "showticklabels": False,
            "anchor": "y",
            "zeroline": True,
            "zerolinecolor": colours.line,
            "zerolinewidth": 1,
        },
        "yaxis": {
            **plain,
            "range": [n_rows - 0.5, -0.5],
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": list(rows),
            "ticktext": [grid.row_labels[i] for i in rows],
            "ticklabeloverflow": "allow",
            "ticklabelstandoff": 4,
            "anchor": "x",
        },
    }


def _bars(shown: ShownGrid) -> list[dict[str, Any]]:
    """Draw what each scored row adds, its runner-up in another word, and the number."""
    grid, colours = shown.grid, shown.colours
    axes = {"xaxis": "x2", "yaxis": "y"}
    rows = np.flatnonzero(grid.row_scored).tolist()
    values = [float(grid.contributions[i]) for i in rows]
    # The pieces of a word add up; the colour is that of their mean.
    fills = [
        colours.cosine_colour(value / grid.row_pieces[i])
        for i, value in zip(rows, values, strict=True)
    ]
    runners_up = shown.runners_up()
    near = [runners_up.get(i) for i in rows]
    return [
        {
            "type": "bar",
            "name": "contribution",
            "orientation": "h",
            "x": values,
            "y": rows,
            "marker": {"color": fills, "line": {"width": 1, "color": colours.line}},
            "hoverinfo": "none",
            **axes,
        },
        {
            "type": "scatter",
            "name": "runner-up",
            "mode": "markers",
            "x": near,
            "y": rows,
            "marker": {
                "symbol": "line-ns",
                "size": 9,
                "line": {"width": 2.5, "color": [ink_on(fill) for fill in fills]},
            },
            "hoverinfo": "skip",
            **axes,
        },
        {
            "type": "scatter",
            "name": "adds",
            "mode": "text",
            "x": [max(value, 0.0) for value in values],
            "y": rows,
            "text": [f" {number(value, 2)}" for value in values],
            "textposition": "middle right",
            "cliponaxis": False,
            "hoverinfo": "skip",
            **axes,
        },
    ]


def _annotations(shown: ShownGrid) -> list[dict[str, Any]]:
    """Name the axes in the corner, and explain the signs below."""
    colours = shown.colours
    common = {
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 11, "color": colours.muted},
    }
    signs = ["red frame: best match"]
    if shown.grid.unit == "word" and max(shown.grid.row_pieces, default=1) > 1:
        signs = ["red frame: best match of the word's strongest token"]
    if any(shown.grid.row_tied):
        signs.append("dashed: tie")
    signs.append("tick on a bar: runner-up in another word")
    corner = {"x": 0, "xanchor": "right", "y": 1, "yanchor": "bottom", "xshift": -6, "yshift": 2}
    return [
        common | corner | {"text": "document →<br>query ↓", "align": "right"},
        common
        | {
            "text": "adds to score",
            "x": _BARS_BEGIN,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
        },
        common
        | {"text": COSINE_TITLE, "x": 0, "xanchor": "left", "xshift": 206}
        | {"y": 0, "yanchor": "top", "yshift": -6},
        common
        | {"text": " · ".join(signs), "x": 1, "xanchor": "right"}
        | {"y": 0, "yanchor": "top", "yshift": -6},
    ]


def _labelled_columns(shown: ShownGrid) -> list[int]:
    """Choose the columns in view that have a label: framed ones first, then evenly the others."""
    first, stop = shown.opening
    framed = {j for winners in shown.grid.winners for j in winners if first <= j < stop}
    apart = max(1, int(np.ceil(_STANDING / _column_width(shown))))
    chosen = sorted(framed)
    for j in range(first, stop, apart):
        if all(abs(j - other) >= apart for other in framed):
            chosen.append(j)
    return sorted(chosen)


def _column_width(shown: ShownGrid) -> float:
    first, stop = shown.opening
    return 0.9 * _HEATMAP_ENDS * _WIDTH / (stop - first)


def _angle(shown: ShownGrid) -> int:
    width = _column_width(shown)
    if shown.label_width + _LYING_GAP <= width:
        return 0
    return -55 if width >= _SLANTED else -90
