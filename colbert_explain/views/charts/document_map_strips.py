"""The strips of a document map: how well each place matches, its sentences, its winners."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from colbert_explain.explanation import Explanation
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.text.wording import number, shorten
from colbert_explain.views.charts.binned_profile import binned_profile, sentence_places
from colbert_explain.views.charts.heatmap.outlines import TIES_DRAWN
from colbert_explain.views.charts.plotly_text import literal, name_in_text
from colbert_explain.views.theme import COSINE_RANGE, COSINE_TITLE, Palette
from colbert_explain.views.token_labels import hover_texts, token_names

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
            f"sentence {number + 1} of {len(spans)}, tokens {first} to {last}<br>"
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
        tie = f", tied with {len(found) - 1:,}" if len(found) > 1 else ""
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
