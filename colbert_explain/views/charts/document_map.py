"""The document map: the whole document as a strip, with the place of every match."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import number
from colbert_explain.views.charts.document_map_strips import profile, sentences, winners
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import aliases
from colbert_explain.views.charts.style import common_layout, legend_below
from colbert_explain.views.html.document_map_table import document_map_table
from colbert_explain.views.theme import COSINE_TITLE, PageTheme, Palette, drawn_theme, palette_of
from colbert_explain.views.token_labels import labels, token_names

#: Pixels of the profile, of a row, of the space between, and of what lies below.
_PROFILE, _ROW, _SPACE, _BELOW = 120, 18, 26, 60
#: Largest part of the width that is given to what was not read.
_UNREAD_SHARE = 0.15
#: Its field: so faint that text on it can be read whatever the page's own ground is.
_UNREAD_FIELD = "rgba(128, 128, 128, 0.1)"


def document_map(
    explanation: Explanation,
    *,
    theme: PageTheme = "auto",
    window: tuple[int, int] | None = None,
) -> go.Figure:
    """Draw the whole document as a strip, from its first token to its last.

    Above, how well each place matches its best query token: of several tokens that share a
    pixel the best one shows. Below, the sentences, and a row per scored query token with a
    mark where its best match stands. Text that was not read is a framed field at the end.

    Parameters
    ----------
    explanation
        What to draw.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but displayed in a notebook it takes the
        ground of the page.
    window
        First document position of a part to point out, and the one after its last.

    Raises
    ------
    ValueError
        If ``window`` is empty or lies outside the document, or there is no such theme.

    Returns
    -------
    plotly.graph_objects.Figure
        Traces ``best similarity``, ``sentences``, ``best match``, ``tie``. A window is the shape
        named ``window``.
    """
    x = check.instance("explanation", explanation, Explanation, "explain makes one")
    colours = palette_of(drawn_theme(theme))
    n_document = len(x.document)
    if window is not None:
        window = check.pair("window", window, "first and one after last")
    if window is not None and not 0 <= window[0] < window[1] <= n_document:
        raise ValueError(f"window must lie within 0 to {n_document} and hold a token, got {window}")
    scored = np.flatnonzero(x.query.scored_mask).tolist()
    rows = {i: row for row, i in enumerate(scored, 1)}  # row 0 holds the sentences
    names = token_names(x.query)
    n_rows = len(rows) + 1
    content = _PROFILE + _SPACE + _ROW * n_rows
    unread = min(x.document.n_unread, max(1, round(_UNREAD_SHARE * n_document)))
    if not x.document.n_unread:
        unread = 0
    figure = NotebookFigure(
        [profile(x, colours), sentences(x, colours), *winners(x, rows, colours)],
        common_layout(
            _title(x, scored),
            x.provenance_sentence(),
            colours,
            content=content,
            top=64,
            below=_BELOW,
        ),
    )
    written = labels(x.query, names, colours)
    row_labels = [f'<span style="color:{colours.muted}">sentences</span>']
    row_labels += [written[i] for i in scored]
    lines: dict[str, Any] = {"zeroline": False, "fixedrange": True, "exponentformat": "none"}
    lowest = min(0.0, min((v for v in figure.data[0].y if v is not None), default=0.0))
    figure.update_layout(
        showlegend=True,
        legend=legend_below() | {"y": -34 / content},
        barmode="overlay",
        bargap=0,
        shapes=_shapes(x, window, unread, colours),
        xaxis=lines
        | {
            "range": [-0.5, n_document + unread - 0.5],
            "title": {"text": "document token", "font": {"color": colours.muted}, "standoff": 4},
            "anchor": "y2",
            "showgrid": False,
            "tickformat": "d",
            **({"dtick": 1} if n_document <= 20 else {"nticks": 12}),
        },
        yaxis=lines
        | {
            "domain": [1 - _PROFILE / content, 1],
            "range": [lowest, 1.02],
            "tickvals": [-1, -0.5, 0, 0.5, 1],
            "gridcolor": colours.grid,
            "title": {"text": f"best {COSINE_TITLE}", "font": {"color": colours.muted, "size": 11}},
        },
        yaxis2=lines
        | {
            "domain": [0, _ROW * n_rows / content],
            "range": [n_rows - 0.5, -0.5],
            "labelalias": aliases(row_labels),
            "dtick": 1,
            "automargin": True,
            "gridcolor": colours.grid,
            "ticklabelstandoff": 4,
        },
    )
    if x.document.n_unread:
        _say_unread(figure, x, unread, colours)
    return figure.with_static_form(
        partial(_static_form, x, theme, window), follows_page=theme == "auto"
    )


def _static_form(
    x: Explanation, theme: PageTheme, window: tuple[int, int] | None
) -> dict[str, str]:
    table = document_map_table(x, window)
    return {"text/html": table.html(theme), "text/plain": table.text()}


def _title(x: Explanation, scored: list[int]) -> str:
    n_unscored = len(x.query) - len(scored)
    aside = f"; {n_unscored} more not scored" if n_unscored else ""
    tokens = "token" if len(scored) == 1 else "tokens"
    score = f"<b>MaxSim score {number(x.score)}</b>"
    return f"{score}: where the {len(scored)} query {tokens} match{aside}"


def _shapes(
    x: Explanation, window: tuple[int, int] | None, unread: int, colours: Palette
) -> list[dict[str, Any]]:
    shapes = []
    end = len(x.document) - 0.5
    if unread:
        shapes.append(
            _rectangle("not read", end, end + unread)
            | {
                "fillcolor": _UNREAD_FIELD,
                "line": {"width": 1, "dash": "dot", "color": colours.muted},
                "layer": "below",
            }
        )
    if window is not None:
        shapes.append(
            _rectangle("window", window[0] - 0.5, window[1] - 0.5)
            | {"line": {"width": 2, "color": colours.accent}, "layer": "above"}
        )
    return shapes


def _rectangle(name: str, left: float, right: float) -> dict[str, Any]:
    place = {"x0": left, "x1": right, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "rect", "name": name, **place}


def _say_unread(figure: go.Figure, x: Explanation, unread: int, colours: Palette) -> None:
    figure.add_annotation(
        text=f"{x.document.n_unread:,} not read",
        x=len(x.document) - 0.5 + unread / 2,
        y=1,
        yref="paper",
        yanchor="top",
        showarrow=False,
        textangle=-90 if unread < 0.1 * len(x.document) else 0,
        font={"size": 12, "color": colours.ink},
    )
