"""The heatmap: every query token against every document token, winners framed in red."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np
import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.scores import share_of
from colbert_explain.text.wording import number, percent
from colbert_explain.views.charts.heatmap.grid import Grid, Level, Rows, Sort, token_grid, word_grid
from colbert_explain.views.charts.heatmap.layout import (
    OPEN_WHOLE,
    OPEN_WINDOW,
    heatmap_layout,
    opening,
)
from colbert_explain.views.charts.heatmap.outlines import (
    frames,
    hatched_veil,
    winner_frames,
    winner_numbers,
)
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import unmarked
from colbert_explain.views.charts.style import cosine_colorbar, cosine_colours
from colbert_explain.views.html.result_tables import word_table
from colbert_explain.views.html.tables import grid_table
from colbert_explain.views.pinned_pair import check_pinned, pinned_sentence
from colbert_explain.views.text.plain_text import plain_text
from colbert_explain.views.theme import (
    COSINE_TITLE,
    PageTheme,
    Theme,
    drawn_theme,
    ink_in_either_theme,
    palette_of,
)


class DrawnHeatmap(NamedTuple):
    """A heatmap with what a page around it must know.

    Attributes
    ----------
    figure
        As `heatmap` returns it.
    places
        Which tokens stand where in it.
    hidden
        What share of the score the hidden rows hold; empty where none is hidden.
    """

    figure: go.Figure
    places: HeatmapPlaces
    hidden: str


#: In so many columns on a page of 900 pixels a number fits into a cell.
_NUMBERED = 16
_WORD_FRAMES = "; framed: match of the strongest piece"


def heatmap(
    explanation: Explanation,
    *,
    pinned: tuple[int, int] | None = None,
    theme: PageTheme = "auto",
    level: Level = "token",
    rows: Rows = "all",
    sort: Sort = "text",
) -> go.Figure:
    """Draw the similarity matrix: rows are query tokens, columns document tokens.

    The best match of every query token is framed in red, dashed where another document token is
    equal to it within numerical error. Tokens that are not scored are hatched.
    Hovering over a cell shows both tokens with their surroundings, positions and similarity, and
    the best match of that query token. One colour scale, -1 to 1, in every figure. Long documents
    open on the window with the strongest evidence; drag to pan.

    Parameters
    ----------
    explanation
        What to draw.
    pinned
        Query and document position of a pair to frame in black (white in the dark theme).
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.
    level
        A row and a column per ``"token"``, or per ``"word"``: then a cell is the mean over the
        query word's pieces, and the frame marks where its strongest piece found its match.
    rows
        ``"all"`` query tokens, those that have ``"text"``, or the ``"scored"`` ones. The title says
        what share of the score the hidden ones hold.
    sort
        ``"text"`` order, or the largest ``"contribution"`` first.

    Raises
    ------
    ValueError
        If ``pinned`` lies outside the matrix, an option has a value that is not allowed, or no row
        is left to show.

    Returns
    -------
    plotly.graph_objects.Figure
        Always the same traces in the same order, so that one figure widget can show one
        explanation after another: ``similarity``, ``not scored``, ``halo``, ``best match``,
        ``tie``, ``pinned``, ``numbers`` (of the framed cells, where they have room).
    """
    return draw_heatmap(
        explanation, pinned=pinned, theme=theme, level=level, rows=rows, sort=sort
    ).figure


def draw_heatmap(
    explanation: Explanation,
    *,
    pinned: tuple[int, int] | None = None,
    theme: PageTheme = "auto",
    level: Level = "token",
    rows: Rows = "all",
    sort: Sort = "text",
) -> DrawnHeatmap:
    """Draw what `heatmap` draws, and tell which tokens stand where and what is hidden."""
    x = check.instance("explanation", explanation, Explanation, "explain makes one")
    drawn_in = drawn_theme(theme)
    colours = palette_of(drawn_in)
    check_pinned(x, pinned)
    check.choice("level", level, get_args(Level))
    whole = (token_grid if level == "token" else word_grid)(x, colours)
    grid = whole.take(whole.order(rows, sort))
    places = HeatmapPlaces(x, grid.row_tokens, grid.column_tokens)
    hidden = _hidden(x, whole, grid)
    title = _title(x, whole, grid, hidden)
    columns = opening(x, grid, OPEN_WHOLE, OPEN_WINDOW)
    layout = heatmap_layout(grid, title, x.provenance_sentence(), colours, columns)
    ink = partial(ink_in_either_theme, palette=colours)
    has_room = columns[1] - columns[0] <= _NUMBERED
    # Plotly copies a layout entry by entry, but takes a property as it is.
    written = {axis: layout[axis].pop("labelalias") for axis in layout if "axis" in axis}
    figure = NotebookFigure(
        [
            similarity_trace(grid, drawn_in),
            hatched_veil(grid, colours),
            *winner_frames(grid, colours),
            pinned_frame(None if pinned is None else places.cell(pinned), drawn_in),
            winner_numbers(grid, ink) | {"visible": has_room},
        ],
        layout,
    )
    for axis, aliases in written.items():
        figure.layout[axis].labelalias = aliases
    figure.with_static_form(
        partial(_static_form, x, grid, unmarked(title), pinned_sentence(x, pinned), theme),
        follows_page=theme == "auto",
    )
    return DrawnHeatmap(figure, places, hidden)


def _static_form(
    x: Explanation, grid: Grid, title: str, pinned: str, theme: PageTheme
) -> dict[str, str]:
    source = x.provenance_sentence()
    sentences = [pinned] if pinned else []
    table = grid_table(x, grid, theme=theme, title=title, sentences=sentences, source=source)
    written = plain_text(x) if grid.unit == "token" else word_table(x.words()).text()
    return {"text/html": table, "text/plain": "\n".join([*sentences, written])}


def similarity_trace(grid: Grid, theme: Theme = "light") -> dict[str, Any]:
    """Draw the values of a grid: the properties of a trace."""
    gap = 1 if max(grid.similarity.shape) <= OPEN_WHOLE else 0
    return {
        "type": "heatmap",
        "name": "similarity",
        "z": grid.similarity,
        "colorbar": cosine_colorbar(),
        "hovertemplate": (
            f"query: %{{y}}<br>document: %{{x}} ({grid.unit} %{{x:d}})<br>"
            f"{COSINE_TITLE}: <b>%{{z:.3f}}</b><extra></extra>"
        ),
        # With a gap on either side Plotly draws cell by cell: too slow for a long document.
        "xgap": gap,
        "ygap": gap,
        **cosine_colours(palette_of(theme)),
    }


def pinned_frame(pair: tuple[int, int] | None, theme: Theme = "light") -> dict[str, Any]:
    """Frame a pair (row, column) in black: the properties of a heatmap's last trace."""
    line = {"color": palette_of(theme).pinned, "width": 2.5}
    return frames("pinned", [pair] if pair else [], line)


def _title(x: Explanation, whole: Grid, grid: Grid, hidden: str) -> str:
    n_framed, n_all = (int(np.count_nonzero(g.row_scored)) for g in (grid, whole))
    is_one = n_framed == 1
    framed = "the red-framed similarity" if is_one else f"the {n_framed} red-framed similarities"
    if grid.unit == "word":
        framed = "what the scored word adds" if is_one else f"what the {n_framed} scored words add"
    if n_framed == n_all and not is_one:
        framed += ", one per scored query token" if grid.unit == "token" else _WORD_FRAMES
    title = f"<b>MaxSim score {number(x.score)}</b>"
    equals = f"= {framed}" if is_one else f"= sum of {framed}"
    if not hidden:
        return f"{title} {equals}"
    if n_framed < n_all:
        title += f", of which {number(float(grid.contributions.sum()))} in view"
    return f"{title} {equals}<br>{hidden}"


def _hidden(x: Explanation, whole: Grid, grid: Grid) -> str:
    n_hidden = len(whole.row_tokens) - len(grid.row_tokens)
    if not n_hidden:
        return ""
    scored_hidden = np.count_nonzero(grid.row_scored) < np.count_nonzero(whole.row_scored)
    hidden = x.score - float(grid.contributions.sum()) if scored_hidden else 0.0
    share = percent(share_of(hidden, x.score)) or number(hidden)
    rows, hold = ("rows", "hold") if n_hidden > 1 else ("row", "holds")
    return f"{n_hidden} {rows} hidden, which {hold} {share} of the score"
