"""The contribution chart: what each query token adds to the score, and how closely it won."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, get_args

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import number
from colbert_explain.views.charts.contribution_rows import (
    BarRow,
    GroupRow,
    arrange,
    contribution_table,
    token_rows,
    word_rows,
)
from colbert_explain.views.charts.heatmap.grid import Level, Sort
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import drawn_width, unmarked
from colbert_explain.views.charts.style import (
    BELOW_TITLED_AXIS,
    common_layout,
    legend_above,
    named_rows,
    number_axis,
    texts_beside,
)
from colbert_explain.views.query_numbers import query_percentiles
from colbert_explain.views.theme import (
    COSINE_RANGE,
    COSINE_TITLE,
    PageTheme,
    Palette,
    drawn_theme,
    palette_of,
)

#: Where the text beside the bars begins, in lengths of the longest.
_TEXT_AT = 1.04
_TICKS = [-1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10]
#: Pixels of a page of 660 pixels that bars and text share.
_WIDTH = 520


def contribution_chart(
    explanation: Explanation,
    *,
    theme: PageTheme = "auto",
    level: Level = "token",
    sort: Sort = "text",
    percentiles: ArrayLike | None = None,
) -> go.Figure:
    """Draw one bar per query token: its best similarity, which it adds to the score.

    The bars add up to the score. A mark on each bar's row shows the runner-up, the best match
    in another word of the document: where it nearly reaches the end of the bar, the match was
    a close call. Tokens that are not scored keep their row, without a bar. Where markers,
    [CLS], [SEP] or expansion tokens are scored too, each group has a heading with its subtotal.

    Parameters
    ----------
    explanation
        What to draw.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.
    level
        A row per ``"token"`` or per ``"word"``; the pieces of a word together can exceed 1, and
        their bar has the colour of their mean.
    sort
        ``"text"`` order, or the largest ``"contribution"`` first.
    percentiles
        An array, a tensor or a list of shape ``(n_query,)``: for each query token the percentage, 0
        to 100, of unrelated texts of the document's length that match it less well, as
        `Calibration.of` gives it; NaN where that is not known. Only for tokens: the matches of
        single tokens in unrelated text were measured, sums over the pieces of a word were not.

    Raises
    ------
    ValueError
        If an option has a value that is not allowed, or ``percentiles`` does not fit the query, or
        a value lies outside ``[0, 100]``.

    Returns
    -------
    plotly.graph_objects.Figure
        Traces ``contribution``, ``runner-up …`` and ``match``.
    """
    x = check.instance("explanation", explanation, Explanation, "explain makes one")
    colours = palette_of(drawn_theme(theme))
    check.choice("level", level, get_args(Level))
    check.choice("sort", sort, get_args(Sort))
    if percentiles is not None and level == "word":
        raise ValueError(
            "level must be token when percentiles are given, got 'word': they are measured for "
            "single tokens, not for the sum of a word's tokens"
        )
    known = query_percentiles(percentiles, len(x.query))
    rows = arrange(
        x, token_rows(x, colours, known) if level == "token" else word_rows(x, colours), sort
    )
    bars = [(place, row) for place, row in enumerate(rows) if isinstance(row, BarRow)]
    longest = max(1.0, *(row.contribution for _, row in bars)) if bars else 1.0
    figure = NotebookFigure(
        [
            _bars(bars, colours),
            _runners_up(bars, colours),
            texts_beside("match", [row.text for row in rows], _TEXT_AT * longest, colours),
        ]
    )
    title = f"<b>Contributions</b>, summing to the score {number(x.score)}"
    if percentiles is not None:
        title += "<br>“above 97%”: 97% of unrelated text of this length matches less well"
    figure.update_layout(
        common_layout(
            title,
            x.provenance_sentence(),
            colours,
            content=min(24 * len(rows), 900) if len(rows) <= 60 else 15 * len(rows),
            top=84 + 18 * title.count("<br>"),
            below=BELOW_TITLED_AXIS,
        )
    )
    figure.update_layout(_axes(rows, bars, longest, colours))
    return figure.with_static_form(
        partial(_static_form, x, tuple(rows), unmarked(title), level, theme),
        follows_page=theme == "auto",
    )


def _static_form(
    x: Explanation, rows: Sequence[BarRow | GroupRow], title: str, level: Level, theme: PageTheme
) -> dict[str, str]:
    return contribution_table(x, rows, title, level).forms(theme)


def _bars(bars: list[tuple[int, BarRow]], colours: Palette) -> go.Bar:
    return go.Bar(
        name="contribution",
        x=[row.contribution for _, row in bars],
        y=[place for place, _ in bars],
        orientation="h",
        marker={
            "color": [row.cosine for _, row in bars],
            "colorscale": colours.cosine_scale,
            "cmin": COSINE_RANGE[0],
            "cmid": 0,
            "cmax": COSINE_RANGE[1],
            "line": {"width": 1, "color": colours.muted},
        },
        text=[row.text for _, row in bars],
        textposition="none",
        customdata=[row.hover for _, row in bars],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _runners_up(bars: list[tuple[int, BarRow]], colours: Palette) -> go.Scatter:
    return go.Scatter(
        name="runner-up (best match in another word)",
        x=[row.runner_up_similarity for _, row in bars],
        y=[place for place, _ in bars],
        mode="markers",
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 2.5, "color": colours.ink}},
        customdata=[row.runner_up for _, row in bars],
        hovertemplate="runner-up: %{customdata} %{x:.3f}<extra></extra>",
    )


def _axes(
    rows: list[BarRow | GroupRow],
    bars: list[tuple[int, BarRow]],
    longest: float,
    colours: Palette,
) -> dict[str, Any]:
    values = [v for _, row in bars for v in (row.contribution, row.runner_up_similarity)]
    lowest = min(0.0, np.nanmin(values)) * 1.1
    widest = max(drawn_width(row.text) for row in rows)
    beside = _TEXT_AT * longest
    text = min(widest + 12, 0.6 * _WIDTH)
    rightmost = beside + (beside - lowest) * text / (_WIDTH - text)
    return {
        "bargap": 0.25,
        "showlegend": True,
        "legend": legend_above(),
        "xaxis": number_axis(COSINE_TITLE, (lowest, rightmost), colours)
        | {"tickvals": [tick for tick in _TICKS if lowest <= tick <= longest]},
        "yaxis": named_rows([row.label for row in rows]),
    }
