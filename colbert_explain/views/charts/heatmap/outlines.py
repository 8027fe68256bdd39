"""What is drawn over a heatmap: frames and numbers of winners, veils over what is not scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from jaxtyping import Bool

from colbert_explain.text.wording import number
from colbert_explain.views.charts.heatmap.grid import Grid
from colbert_explain.views.theme import Palette

#: Most tied cells framed in a row; the hover says how many there are.
TIES_DRAWN = 12
_AXES = {"xaxis": "x2", "yaxis": "y2"}
_Rectangle = tuple[float, float, float, float]


def winner_frames(
    grid: Grid, colours: Palette, width: float = 2.5, **axes: Any
) -> list[dict[str, Any]]:
    """Frame the winners of every row: a halo below, clear winners solid, ties dashed."""
    clear: list[tuple[int, int]] = []
    tied: list[tuple[int, int]] = []
    for i, (found, is_tied) in enumerate(zip(grid.winners, grid.row_tied, strict=True)):
        (tied if is_tied else clear).extend((i, j) for j in found[:TIES_DRAWN])
    line = {"color": colours.frame, "width": width}
    return [
        frames("halo", clear + tied, {"color": colours.halo, "width": 2 * width}, **axes),
        frames("best match", clear, line, **axes),
        frames("tie", tied, line | {"dash": "4px,3px"}, **axes),
    ]


def winner_numbers(grid: Grid, ink: Callable[[float], str], **axes: Any) -> dict[str, Any]:
    """Write the similarity into the framed cell of every row, the first where several are tied.

    Parameters
    ----------
    grid
        What is drawn.
    ink
        Returns the colour of the number on the colour of a similarity.
    axes
        Where the heatmap lies.
    """
    cells = [(i, j) for i, found in enumerate(grid.winners) for j in found[:1]]
    values = [float(grid.similarity[cell]) for cell in cells]
    return _trace(
        name="numbers",
        mode="text",
        # Without a point the trace would take its axes down with it.
        x=[j for _, j in cells] or [None],
        y=[i for i, _ in cells] or [None],
        text=[number(value, 2) for value in values],
        textfont={"size": 12, "color": [ink(value) for value in values]},
        showlegend=False,
        **axes,
    )


def frames(
    name: str, cells: Iterable[tuple[int, int]], line: dict[str, Any], **axes: Any
) -> dict[str, Any]:
    """Outline cells (row, column) as one path, which scales with the zoom."""
    rectangles = [(j - 0.5, i - 0.5, j + 0.5, i + 0.5) for i, j in cells]
    return _path(
        name,
        rectangles,
        mode="lines",
        line=line,
        showlegend=bool(rectangles) and name != "halo",
        **axes,
    )


def veil(grid: Grid, colours: Palette, **axes: Any) -> dict[str, Any]:
    """Cover the rows and columns of tokens that are not scored."""
    n_rows, n_columns = grid.similarity.shape
    top, bottom = -0.5, n_rows - 0.5
    rectangles = [
        (-0.5, first - 0.5, n_columns - 0.5, stop - 0.5)
        for first, stop in _unscored(grid.row_scored)
    ]
    # All columns are one polygon, a comb whose back has no height: a thousand polygons would make
    # every zoom slower.
    corners = [
        corner
        for first, stop in _unscored(grid.column_scored)
        for corner in (
            (first - 0.5, bottom),
            (first - 0.5, top),
            (stop - 0.5, top),
            (stop - 0.5, bottom),
        )
    ]
    gap = (np.nan, np.nan)
    for left, upper, right, lower in rectangles:
        corners += [gap, (left, upper), (right, upper), (right, lower), (left, lower)]
    points = np.array(corners or [gap], dtype=np.float32)
    return _trace(
        name="not scored",
        x=points[:, 0],
        y=points[:, 1],
        mode="none",
        fill="toself",
        fillcolor=colours.veil,
        showlegend=bool(corners),
        **axes,
    )


def hatched_veil(grid: Grid, colours: Palette, **axes: Any) -> dict[str, Any]:
    """Cover the same and hatch it, where no text beside the figure says what a pale cell is."""
    hatching = {"shape": "/", "size": 7, "solidity": 0.12}
    own = {"bgcolor": colours.veil, "fgcolor": colours.line}
    return veil(grid, colours, **axes) | {"fillpattern": hatching | own}


def _unscored(scored: Bool[np.ndarray, " tokens"]) -> list[tuple[int, int]]:
    """List runs of tokens that are not scored: first, and one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], scored, [True]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _path(name: str, rectangles: Iterable[_Rectangle], **style: Any) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for left, top, right, bottom in rectangles:
        xs += [left, right, right, left, left, None]
        ys += [top, top, bottom, bottom, top, None]
    # Without a point the trace would take its axes down with it.
    return _trace(name=name, x=xs or [None], y=ys or [None], **style)


def _trace(**properties: Any) -> dict[str, Any]:
    """Write a trace as its properties; as an object it would be built and checked twice."""
    return {"type": "scatter", "hoverinfo": "skip", **_AXES, **properties}
