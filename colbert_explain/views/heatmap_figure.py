"""The heatmap: every query token against every document token, winners framed in red."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from colbert_explain.explanation import Explanation
from colbert_explain.views.cell_outlines import frames, veil, winner_frames
from colbert_explain.views.figure_style import cosine_colorbar, cosine_colours
from colbert_explain.views.heatmap_grid import Grid, Rows, Sort, token_grid
from colbert_explain.views.heatmap_layout import OPEN_WHOLE, OPEN_WINDOW, heatmap_layout
from colbert_explain.views.palette import COSINE_TITLE, Theme, palette_of
from colbert_explain.views.pinned_pair import check_pinned


def heatmap(
    explanation: Explanation,
    *,
    pinned: tuple[int, int] | None = None,
    theme: Theme = "light",
    rows: Rows = "all",
    sort: Sort = "text",
) -> go.Figure:
    """Draw the similarity matrix: rows are query tokens, columns document tokens.

    The best match of every query token is framed in red, dashed where another document token
    is equal to it within numerical error. Tokens that are not scored lie under a grey veil.
    Hovering a cell names both tokens with their surroundings, positions, similarity and the
    best match of that query token. One colour scale, -1 to 1, in every figure. Long documents
    open on the window with the strongest evidence; drag to pan, scroll to zoom.

    Parameters
    ----------
    explanation
        What to draw.
    pinned
        Query and document position of a pair to frame in black (white in the dark theme).
    theme
        ``"light"`` or ``"dark"``.
    rows
        ``"all"`` query tokens, those that stand for ``"text"``, or the ``"scored"`` ones. The
        title says what share of the score the hidden ones hold.
    sort
        ``"text"`` order, or the largest ``"contribution"`` first.

    Raises
    ------
    ValueError
        If ``pinned`` lies outside the matrix, an option is none of its choices, or no row is
        left to show.

    Returns
    -------
    plotly.graph_objects.Figure
        Always the same traces in the same order, so that one figure widget can show one
        explanation after another: ``similarity``, ``not scored``, ``halo``, ``best match``,
        ``tie``, ``pinned``. ``layout.meta`` lists the query position of each row.
    """
    x, colours = explanation, palette_of(theme)
    check_pinned(x, pinned)
    whole = token_grid(x, colours)
    grid = whole.take(whole.order(rows, sort))
    drawn = None
    if pinned is not None and pinned[0] in grid.positions:
        drawn = (grid.positions.index(pinned[0]), pinned[1])
    n_document = len(x.document)
    opening = (0, n_document) if n_document <= OPEN_WHOLE else x.strongest_window(OPEN_WINDOW)
    layout = heatmap_layout(
        grid, _title(x, whole, grid), x.provenance_sentence(), colours, opening
    )
    return go.Figure(
        [
            similarity_trace(grid, theme),
            veil(grid, colours),
            *winner_frames(grid, colours),
            pinned_frame(drawn, theme),
        ],
        layout | {"meta": {"query_positions": list(grid.positions)}},
    )


def similarity_trace(grid: Grid, theme: Theme = "light") -> go.Heatmap:
    """Draw the values of a grid."""
    n_rows, n_columns = grid.similarity.shape
    return go.Heatmap(
        name="similarity",
        z=grid.similarity,
        colorbar=cosine_colorbar(),
        hovertemplate=(
            f"query: %{{y}}<br>document: %{{x}} ({grid.unit} %{{x:d}})<br>"
            f"{COSINE_TITLE}: <b>%{{z:.3f}}</b><extra></extra>"
        ),
        xgap=1 if n_columns <= OPEN_WHOLE else 0,
        ygap=1 if n_rows <= OPEN_WHOLE else 0,
        **cosine_colours(palette_of(theme)),
    )


def pinned_frame(pair: tuple[int, int] | None, theme: Theme = "light") -> go.Scatter:
    """Frame a pair (row, column) in black; the last trace of a heatmap."""
    line = {"color": palette_of(theme).pinned, "width": 2.5}
    return frames("pinned", [pair] if pair else [], line)


def _title(x: Explanation, whole: Grid, grid: Grid) -> str:
    n_framed, n_all = (int(np.count_nonzero(g.row_scored)) for g in (grid, whole))
    framed = f"red-framed similarities, one per scored query {grid.unit}"
    n_hidden = len(whole.winners) - len(grid.winners)
    if n_framed == n_all:
        title, hidden = f"<b>MaxSim score {x.score:.3f}</b> = sum of the {n_framed} {framed}", 0.0
    else:
        shown = float(grid.contributions.sum())
        title, hidden = f"<b>MaxSim score {x.score:.3f}</b>, {shown:.3f} of it in view", x.score - shown
        title += f" = sum of the {n_framed} {framed}"
    if not n_hidden:
        return title
    share = f"{100 * hidden / x.score:.0f} %" if x.score > 0 else f"{hidden:.3f}"
    rows, hold = ("rows", "hold") if n_hidden > 1 else ("row", "holds")
    return f"{title}<br>{n_hidden} {rows} hidden, which {hold} {share} of the score"
