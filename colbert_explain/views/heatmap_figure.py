"""The heatmap: every query token against every document token, winners framed in red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from colbert_explain.explanation import Explanation
from colbert_explain.tokens import TokenSequence
from colbert_explain.views import palette
from colbert_explain.views.figure_style import common_layout
from colbert_explain.views.pinned_pair import check_pinned
from colbert_explain.views.plotly_text import (
    axis_labels,
    hover_label,
    literal,
    longest_label,
)

#: A document of more tokens opens on the window with the strongest evidence.
OPEN_WHOLE = 120
#: Document tokens in that window: their labels fit side by side on a page of 900 pixels.
OPEN_WINDOW = 50
#: Most tick labels on an axis of a long text.
MOST_TICKS = 64
#: Most tied cells framed in a row; the hover says how many there are.
TIES_DRAWN = 12


def heatmap(explanation: Explanation, *, pinned: tuple[int, int] | None = None) -> go.Figure:
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
        Query and document position of a pair to frame in black.

    Raises
    ------
    ValueError
        If ``pinned`` lies outside the matrix.

    Returns
    -------
    plotly.graph_objects.Figure
        Always the same traces in the same order, so that one figure widget can show one
        explanation after another: ``similarity``, ``not scored``, ``halo``, ``best match``,
        ``tie``, ``pinned``.
    """
    x = explanation
    n_query, n_document = x.similarity.shape
    check_pinned(x, pinned)
    scored = [i for i, token in enumerate(x.query) if token.scored]
    clear = [(i, int(x.alignment[i])) for i in scored if not x.tied[i]]
    tied = [(i, int(j)) for i in scored if x.tied[i] for j in x.winners(i)[:TIES_DRAWN]]
    figure = go.Figure(
        [
            go.Heatmap(
                name="similarity",
                z=x.similarity,
                zmin=palette.COSINE_RANGE[0],
                zmid=0,
                zmax=palette.COSINE_RANGE[1],
                colorscale=palette.COSINE_SCALE,
                colorbar=_colorbar(),
                hovertemplate=(
                    "query: %{y}<br>document: %{x}<br>"
                    f"{palette.COSINE_TITLE}: <b>%{{z:.3f}}</b><extra></extra>"
                ),
                xgap=1 if n_document <= OPEN_WHOLE else 0,
                ygap=1 if n_query <= OPEN_WHOLE else 0,
            ),
            _veil(x),
            _frames("halo", clear + tied, {"color": palette.FRAME_HALO, "width": 5}),
            _frames("best match", clear, {"color": palette.FRAME, "width": 2.5}),
            _frames("tie", tied, {"color": palette.FRAME, "width": 2.5, "dash": "4px,3px"}),
            pinned_frame(pinned),
        ]
    )
    figure.update_layout(_layout(x))
    return figure


def pinned_frame(pair: tuple[int, int] | None) -> go.Scatter:
    """Frame a pair (query, document) in black; the last trace of a heatmap."""
    return _frames("pinned", [pair] if pair else [], {"color": palette.PINNED, "width": 2.5})


def _layout(x: Explanation) -> dict[str, Any]:
    n_query, n_document = x.similarity.shape
    title = (
        f"<b>MaxSim score {x.score:.3f}</b> = sum of the {int(x.query.scored_mask.sum())} "
        "red-framed similarities, one per scored query token"
    )
    cell = 30 if n_query <= 16 else 20 if n_query <= 40 else 14
    start, stop = (0, n_document) if n_document <= OPEN_WHOLE else x.strongest_window(OPEN_WINDOW)
    columns: dict[str, Any] = {
        "range": [start - 0.5, stop - 0.5],
        "minallowed": -0.5,
        "maxallowed": n_document - 0.5,
        # What is shown whole stays put, so that scrolling over it scrolls the page.
        "fixedrange": n_document <= OPEN_WHOLE,
        "exponentformat": "none",
        "showgrid": False,
        "zeroline": False,
        **_ticks(n_document),
    }
    rows: dict[str, Any] = {
        "range": [n_query - 0.5, -0.5],
        "fixedrange": n_query <= MOST_TICKS,
        "exponentformat": "none",
        "showgrid": False,
        "zeroline": False,
        **_ticks(n_query),
    }
    hidden = {"showticklabels": False, "ticks": ""}
    return common_layout(
        title,
        x.provenance_sentence(),
        content=min(cell * n_query, 900),
        top=76 + round(longest_label(x.document.tokens) * 5.2),
        below=34,
    ) | {
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "dragmode": "pan",
        # Context in the hover without a string per cell: the heatmap lies on axes whose labels
        # are the tokens with their surroundings, hidden; a second pair shows the bare tokens.
        "xaxis": columns | hidden | {"labelalias": _hover_aliases(x.document)},
        "yaxis": rows | hidden | {"labelalias": _row_aliases(x)},
        "xaxis2": columns
        | {
            "labelalias": axis_labels(x.document),
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "tickangle": -55 if n_document > 6 else 0,
            "title": {"text": "document tokens", "font": {"color": palette.MUTED}},
        },
        "yaxis2": rows
        | {
            "labelalias": axis_labels(x.query),
            "overlaying": "y",
            "matches": "y",
            "side": "left",
            "automargin": True,
            "ticklabelstandoff": 4,
            "title": {"text": "query tokens", "font": {"color": palette.MUTED}},
        },
    }


def _ticks(n_tokens: int) -> dict[str, Any]:
    """Label every token of a short text; let Plotly thin the labels of a long one."""
    return {"dtick": 1} if n_tokens <= MOST_TICKS else {"nticks": MOST_TICKS}


def _colorbar() -> dict[str, Any]:
    return {
        "title": {"text": palette.COSINE_TITLE, "side": "right"},
        "tickvals": [-1, -0.5, 0, 0.5, 1],
        "thickness": 14,
        "outlinewidth": 0,
    }


def _hover_aliases(tokens: TokenSequence) -> dict[str, str]:
    return {str(j): hover_label(tokens, j) for j in range(len(tokens))}


def _row_aliases(x: Explanation) -> dict[str, str]:
    """Give each query token its surroundings and, in the line below, its best match."""
    aliases = {}
    for i in range(len(x.query)):
        text = hover_label(x.query, i)
        if x.query[i].scored:
            j = int(x.alignment[i])
            others = len(x.winners(i)) - 1
            tie = f", tied with {others:,} other{'s' if others > 1 else ''}" if others else ""
            text += (
                f"<br>   its best match: <b>{literal(x.document[j].text)}</b> "
                f"(token {j}{tie}), {x.contributions[i]:.3f}"
            )
        aliases[str(i)] = text
    return aliases


def _frames(name: str, cells: Iterable[tuple[int, int]], line: dict[str, Any]) -> go.Scatter:
    """Outline cells (query, document) as one path, which scales with the zoom."""
    rectangles = [(j - 0.5, i - 0.5, j + 0.5, i + 0.5) for i, j in cells]
    return _path(name, rectangles, mode="lines", line=line, showlegend=_in_legend(name, rectangles))


def _veil(x: Explanation) -> go.Scatter:
    """Cover the rows and columns of tokens that are not scored."""
    n_query, n_document = x.similarity.shape
    rectangles = [
        (-0.5, i - 0.5, n_document - 0.5, i + 0.5)
        for i, token in enumerate(x.query)
        if not token.scored
    ]
    rectangles += [
        (j - 0.5, -0.5, j + 0.5, n_query - 0.5)
        for j, token in enumerate(x.document)
        if not token.scored
    ]
    return _path(
        "not scored",
        rectangles,
        mode="lines",
        fill="toself",
        fillcolor=palette.UNSCORED_VEIL,
        line={"width": 0},
        showlegend=bool(rectangles),
    )


def _in_legend(name: str, rectangles: Sequence[Any]) -> bool:
    return bool(rectangles) and name != "halo"


def _path(
    name: str, rectangles: Iterable[tuple[float, float, float, float]], **style: Any
) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for left, top, right, bottom in rectangles:
        xs += [left, right, right, left, left, None]
        ys += [top, top, bottom, bottom, top, None]
    # Without a point the trace would take its axes down with it.
    return go.Scatter(
        name=name,
        x=xs or [None],
        y=ys or [None],
        xaxis="x2",
        yaxis="y2",
        hoverinfo="skip",
        **style,
    )
