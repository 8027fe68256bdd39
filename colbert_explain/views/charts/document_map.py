"""The document map: how well each place of a document matches, and where the matches lie."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.text.wording import count, number, shorten, token_range
from colbert_explain.views.charts.bins import binned_profile, sentence_places
from colbert_explain.views.charts.heatmap.outlines import TIES_DRAWN
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import aliases, literal, name_in_text
from colbert_explain.views.charts.style import common_layout, legend_below
from colbert_explain.views.html.tables import document_map_table, where_matches
from colbert_explain.views.theme import (
    COSINE_RANGE,
    COSINE_TITLE,
    UNREAD_FIELD,
    PageTheme,
    Palette,
    drawn_theme,
    palette_of,
)
from colbert_explain.views.token_labels import hover_texts, labels, token_names

#: Pixels of the profile, of a row, of the space between, and of what lies below.
_PROFILE, _ROW, _SPACE, _BELOW = 120, 18, 26, 60
#: Largest part of the width that is given to what was not read.
_UNREAD_SHARE = 0.15


def document_map(
    explanation: Explanation,
    *,
    theme: PageTheme = "auto",
    window: tuple[int, int] | None = None,
) -> go.Figure:
    """Draw the whole document as a strip, from its first token to its last.

    Above, how well each place matches its best query token: of several tokens that share a pixel
    the best one is shown. Below, the sentences, and a row per scored query token with a mark where
    its best match is. Text that was not read is a framed area at the end.

    Parameters
    ----------
    explanation
        What to draw.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.
    window
        A part of the document to point out: its first position and the one after its last.

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
        window = check.pair("window", window, "the first position and the one after the last")
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
            f"<b>MaxSim score {number(x.score)}</b>: {where_matches(x)}",
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
    return document_map_table(x, window).forms(theme)


def _shapes(
    x: Explanation, window: tuple[int, int] | None, unread: int, colours: Palette
) -> list[dict[str, Any]]:
    shapes = []
    end = len(x.document) - 0.5
    if unread:
        shapes.append(
            _rectangle("not read", end, end + unread)
            | {
                "fillcolor": UNREAD_FIELD,
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


#: About as many as a page of 900 pixels has room for.
MOST_BINS = 800
_SENTENCE_SHOWN = 110  # characters of a sentence in its hover


def profile(x: Explanation, colours: Palette) -> go.Bar:
    """Draw for every place the best similarity with a scored query token."""
    names, binned = token_names(x.query), binned_profile(x, MOST_BINS)
    starts, stops = binned.starts, binned.stops
    texts = hover_texts(x.document, token_names(x.document))
    values = [float(v) if np.isfinite(v) else None for v in binned.values]
    hovers = []
    for start, stop, j, i, value in zip(
        starts, stops, binned.best, binned.rows, values, strict=True
    ):
        if value is None:
            hovers.append("")
            continue
        others = f"best of tokens {start} to {stop - 1}, " if stop - start > 1 else ""
        query = name_in_text(names[i])
        hovers.append(
            f"{texts[j]}<br>{others}token {j}<br>"
            f"query: <b>{query}</b>, {COSINE_TITLE} {number(value)}"
        )
    return go.Bar(
        name="best similarity",
        x=((starts + stops - 1) / 2).tolist(),
        width=(stops - starts).tolist(),
        y=values,
        marker={
            "color": [0.0 if value is None else value for value in values],
            "colorscale": colours.cosine_scale,
            "cmin": COSINE_RANGE[0],
            "cmid": 0,
            "cmax": COSINE_RANGE[1],
            "line": {"width": 0},
        },
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def sentences(x: Explanation, colours: Palette) -> go.Bar:
    """Draw the sentences as a band in two alternating greys; none for text that was not read."""
    text, spans = x.document.text, sentence_spans(x.document.text)
    places = sentence_places(x.document)
    shown = [text[slice(*spans[number])] for number, *_ in places]
    return go.Bar(
        name="sentences",
        x=[(first + last) / 2 for _, first, last in places],
        width=[last - first + 1 for _, first, last in places],
        y=[0.7] * len(places),
        base=[-0.35] * len(places),
        yaxis="y2",
        marker={
            "color": [(colours.line, colours.grid)[number % 2] for number, *_ in places],
            "line": {"width": 0},
        },
        customdata=[
            f"sentence {number + 1} of {len(spans)}, {token_range(first, last)}<br>"
            + _folded(sentence)
            for (number, first, last), sentence in zip(places, shown, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def winners(x: Explanation, rows: dict[int, int], colours: Palette) -> list[go.Scatter]:
    """Mark the best matches, each in the row of its query token; ties as open diamonds."""
    names = token_names(x.query)
    texts = hover_texts(x.document, token_names(x.document))
    clear: list[tuple[int, int, str]] = []
    tied: list[tuple[int, int, str]] = []
    for i, row in rows.items():
        found = x.winners(i)
        tie = f", tied with {count(len(found) - 1, 'other')}" if len(found) > 1 else ""
        for j in found[:TIES_DRAWN].tolist():
            hover = (
                f"query: <b>{name_in_text(names[i])}</b> (token {i}), "
                f"{COSINE_TITLE} {number(x.similarity[i, j])}{tie}<br>{texts[j]}<br>token {j}"
            )
            (tied if tie else clear).append((j, row, hover))
    return [
        _marks("best match", clear, {"symbol": "line-ns", "size": 13}, colours),
        _marks("tie", tied, {"symbol": "diamond-open", "size": 8}, colours),
    ]


def _marks(
    name: str, places: list[tuple[int, int, str]], marker: dict[str, object], colours: Palette
) -> go.Scatter:
    line = {"width": 2.5 if name == "best match" else 1.5, "color": colours.frame}
    return go.Scatter(
        name=name,
        x=[float(j) for j, *_ in places] or np.array([np.nan]),
        y=[float(row) for _, row, _ in places] or np.array([np.nan]),
        yaxis="y2",
        mode="markers",
        marker=marker | {"line": line, "color": colours.frame},
        customdata=[hover for *_, hover in places],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=bool(places),
    )


def _folded(sentence: str) -> str:
    cut = shorten(sentence, _SENTENCE_SHOWN)
    middle = cut.rfind(" ", 0, len(cut) // 2 + 8)
    if len(cut) < 64 or middle < 0:
        return literal(cut)
    return f"{literal(cut[:middle])}<br>{literal(cut[middle + 1 :])}"
