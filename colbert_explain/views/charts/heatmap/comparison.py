"""Small heatmaps side by side on one colour scale: several documents, or several models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.analysis.model_comparison import model_names
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import count, named, number, shorten, visible
from colbert_explain.views.charts.heatmap.figure import similarity_trace
from colbert_explain.views.charts.heatmap.grid import Grid, token_grid
from colbert_explain.views.charts.heatmap.layout import label_aliases, opening
from colbert_explain.views.charts.heatmap.outlines import hatched_veil, winner_frames
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import aliases, name_in_text
from colbert_explain.views.charts.style import common_layout, cosine_colorbar, legend_below
from colbert_explain.views.html.tables import grid_table
from colbert_explain.views.text.plain_text import plain_text
from colbert_explain.views.theme import COSINE_RANGE, PageTheme, drawn_theme, palette_of

#: Heatmaps beside one another on a page of 900 pixels, and columns that one opens on.
_ACROSS, _OPEN_WINDOW = 3, 16
#: Labels of more columns than these stand upright.
_MOST_SLANTED = 8
#: Characters of a name above a heatmap.
_NAME_LENGTH = 24
#: Pixels of a cell's height, and of the labels and title above a heatmap.
_CELL, _ABOVE = 20, 128
#: Heatmaps that a saved notebook keeps as tables.
_TABLES = 6


def compare_heatmaps(
    explanations: Sequence[Explanation],
    *,
    names: Sequence[str] | None = None,
    theme: PageTheme = "auto",
) -> go.Figure:
    """Draw heatmaps side by side, on one colour scale, each with its score.

    Long documents open on the window with the strongest evidence; drag to pan.

    Parameters
    ----------
    explanations
        What to draw, in this order, three in a row.
    names
        What to call them; by default their documents' beginnings, or the names of the models if
        these explain one document.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.

    Raises
    ------
    ValueError
        If there is nothing to draw, or not one name for each.

    Returns
    -------
    plotly.graph_objects.Figure
        Five traces for each explanation: those of a heatmap except ``pinned``.
    """
    drawn_in = drawn_theme(theme)
    colours = palette_of(drawn_in)
    explanations = check.several("explanations", explanations, Explanation)
    if not explanations:
        raise ValueError("explanations must hold at least one, got none")
    of_models = _is_one_pair(explanations)
    called = (
        model_names([x.provenance for x in explanations])
        if of_models
        else tuple(_name(x) for x in explanations)
    )
    if names is not None:
        called = check.several("names", names, str)
    if len(called) != len(explanations):
        raise ValueError(
            f"names must hold one name for each of the {len(explanations)} explanations, "
            f"got {len(called)}"
        )
    places = _Places([len(x.query) for x in explanations], _same_query(explanations))
    figure = NotebookFigure()
    grids = []
    layout: dict[str, Any] = {}
    titles = []
    for k, (x, name) in enumerate(zip(explanations, called, strict=True)):
        grid = token_grid(x, colours)
        grids.append(grid)
        own, drawn = f"{2 * k + 1}" if k else "", f"{2 * k + 2}"
        heat = similarity_trace(grid, drawn_in)
        for shared in ("zmin", "zmid", "zmax", "colorscale", "colorbar"):
            del heat[shared]
        heat.update(coloraxis="coloraxis", xaxis=f"x{own}", yaxis=f"y{own}")
        over = {"xaxis": f"x{drawn}", "yaxis": f"y{drawn}"}
        figure.add_traces(
            [heat, hatched_veil(grid, colours, **over), *winner_frames(grid, colours, 2.0, **over)]
        )
        layout |= _axes(x, grid, own, drawn, places.of(k), places.labelled(k))
        titles.append(_heading(name, x, places.of(k)))
    for trace in figure.data[5:]:
        trace.showlegend = False
    compared = count(len(explanations), "model" if of_models else "document")
    sources = dict.fromkeys(x.provenance.sentence() for x in explanations)
    figure.update_layout(
        common_layout(
            f"<b>{compared}</b> on one scale; red frames: best matches",
            " · ".join(sources),
            colours,
            content=places.height,
            top=40,
            below=34,
        )
    )
    figure.update_layout(layout)
    figure.update_layout(
        annotations=[*figure.layout.annotations, *titles],
        showlegend=True,
        legend=legend_below(),
        dragmode="pan",
        coloraxis={
            "cmin": COSINE_RANGE[0],
            "cmid": 0,
            "cmax": COSINE_RANGE[1],
            "colorscale": colours.cosine_scale,
            "colorbar": cosine_colorbar() | {"len": 1, "y": 0.5, "lenmode": "fraction"},
        },
    )
    return figure.with_static_form(
        partial(_static_form, explanations, tuple(grids), called, theme),
        follows_page=theme == "auto",
    )


def _is_one_pair(explanations: Sequence[Explanation]) -> bool:
    """Return whether several models explain one pair of texts."""
    pairs = {(x.query.text, x.document.text) for x in explanations}
    first = explanations[0].provenance
    return len(pairs) == 1 and not all(x.provenance.same_model(first) for x in explanations)


def _static_form(
    explanations: Sequence[Explanation],
    grids: Sequence[Grid],
    names: Sequence[str],
    theme: PageTheme,
) -> dict[str, str]:
    """Write the first heatmaps as tables; the last one says how many are left out."""
    tables, texts = [], []
    n_more = len(explanations) - _TABLES
    for k, (x, grid, name) in enumerate(
        zip(explanations[:_TABLES], grids, map(visible, names), strict=False)
    ):
        more = f"In the figure and not in these tables: {count(n_more, 'more heatmap')}."
        left_out = [more] if k == _TABLES - 1 and n_more > 0 else []
        title = f"{named(shorten(name, 80))}: MaxSim score {number(x.score)}"
        source = " ".join([x.provenance_sentence(), *left_out])
        tables.append(
            grid_table(x, grid, theme=theme, title=title, source=source, most_columns=_OPEN_WINDOW)
        )
        texts.append("\n".join([f"{named(shorten(name, 80))}:", plain_text(x), *left_out]))
    return {"text/html": "".join(tables), "text/plain": "\n\n".join(texts)}


class _Places:
    """Where each heatmap lies, in parts of the drawing."""

    def __init__(self, n_rows: list[int], shared_rows: bool) -> None:
        self._across = min(_ACROSS, len(n_rows))
        self._shared = shared_rows
        bands = [n_rows[i : i + self._across] for i in range(0, len(n_rows), self._across)]
        self._heights = [max(60, min(_CELL * max(band), 640)) for band in bands]
        self.height = sum(self._heights) + _ABOVE * len(bands)

    def of(self, k: int) -> tuple[float, float, float, float]:
        """Left, right, bottom, top of heatmap number ``k``."""
        band, column = divmod(k, self._across)
        gap = 0.02 if self._shared else 0.11
        width = (1 - gap * (self._across - 1)) / self._across
        left = column * (width + gap)
        top = self.height - sum(self._heights[:band]) - _ABOVE * (band + 1)
        return left, left + width, (top - self._heights[band]) / self.height, top / self.height

    def labelled(self, k: int) -> bool:
        """Whether its rows need labels: those of its left neighbour may do."""
        return k % self._across == 0 or not self._shared


def _axes(
    x: Explanation,
    grid: Grid,
    own: str,
    drawn: str,
    place: tuple[float, float, float, float],
    labelled: bool,
) -> dict[str, Any]:
    left, right, bottom, top = place
    n_rows, n_columns = grid.similarity.shape
    first, stop = opening(x, grid, _OPEN_WINDOW + 8, _OPEN_WINDOW)
    plain = {"exponentformat": "none", "showgrid": False, "zeroline": False}
    hidden = {"showticklabels": False, "ticks": ""}
    columns = plain | {
        "domain": [left, right],
        "range": [first - 0.5, stop - 0.5],
        "minallowed": -0.5,
        "maxallowed": n_columns - 0.5,
        "fixedrange": stop - first == n_columns,
        **({"dtick": 1} if n_columns <= _OPEN_WINDOW else {"nticks": _OPEN_WINDOW + 2}),
    }
    rows = plain | {
        "domain": [bottom, top],
        "range": [n_rows - 0.5, -0.5],
        "fixedrange": True,
        "dtick": 1,
    }
    row_labels = {"labelalias": aliases(grid.row_labels)} if labelled else hidden
    return {
        f"xaxis{own}": columns
        | hidden
        | {"labelalias": aliases(grid.column_hovers), "anchor": f"y{own}"},
        f"yaxis{own}": rows
        | hidden
        | {"labelalias": aliases(grid.row_hovers), "anchor": f"x{own}"},
        f"xaxis{drawn}": columns
        | label_aliases(grid.column_labels, _OPEN_WINDOW)
        | {
            "overlaying": f"x{own}",
            "matches": f"x{own}",
            "side": "top",
            "tickangle": -55 if stop - first <= _MOST_SLANTED else -90,
            "anchor": f"y{drawn}",
        },
        f"yaxis{drawn}": rows
        | row_labels
        | {
            "overlaying": f"y{own}",
            "matches": f"y{own}",
            "side": "left",
            "anchor": f"x{drawn}",
            "automargin": True,
            "ticklabelstandoff": 4,
        },
    }


def _heading(name: str, x: Explanation, place: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "text": f"<b>{number(x.score)}</b>  {name_in_text(name, _NAME_LENGTH)}",
        "x": place[0],
        "y": place[3],
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": _ABOVE - 34,
        "showarrow": False,
        "font": {"size": 13},
    }


def _name(x: Explanation) -> str:
    return " ".join(x.document.text[:200].split())


def _same_query(explanations: Sequence[Explanation]) -> bool:
    return len({tuple(token.text for token in x.query) for x in explanations}) == 1
