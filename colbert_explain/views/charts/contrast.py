"""The contrast chart: why one document scores higher than another, query token by query token."""

from __future__ import annotations

from functools import partial
from typing import Literal, get_args

import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.analysis import Contrast
from colbert_explain.text.printed_sums import printed_difference
from colbert_explain.text.wording import number, signed
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.plotly_text import drawn_width, name_in_text
from colbert_explain.views.charts.style import (
    BELOW_TITLED_AXIS,
    common_layout,
    legend_above,
    named_rows,
    number_axis,
    texts_beside,
)
from colbert_explain.views.html.result_tables import contrast_table
from colbert_explain.views.theme import PageTheme, Palette, drawn_theme, palette_of
from colbert_explain.views.token_labels import labels, token_names

Order = Literal["text", "difference"]
"""The order of rows: that of the query, or the largest difference first."""
#: Pixels of a page of 660 pixels that bars and text share, and of a row.
_WIDTH, _ROW = 520, 24
#: Height of a bar, in rows. Left to Plotly, bars of rows far apart grow into the rows between.
_BAR = 0.7


def contrast_chart(
    contrast: Contrast, *, theme: PageTheme = "auto", sort: Order = "text"
) -> go.Figure:
    """Draw one bar per query token: how much better the first document matches it.

    Bars to the right favour the first document, bars to the left the second; they add up to the
    difference of the scores. Both matches and their similarities are written beside them. Bars are
    grey: colour means a similarity, and a difference is not one.

    Parameters
    ----------
    contrast
        Two explanations for the same query.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.
    sort
        ``"text"`` order, or the largest ``"difference"`` first, whichever side it is on.

    Raises
    ------
    ValueError
        If an option has a value that is not allowed.

    Returns
    -------
    plotly.graph_objects.Figure
        Traces ``for the first``, ``for the second`` (with the documents' names) and ``matches``.
    """
    check.instance("contrast", contrast, Contrast, "Ranking.contrast makes one")
    colours = palette_of(drawn_theme(theme))
    check.choice("sort", sort, get_args(Order))
    query = contrast.first.query
    order = list(range(len(query)))
    if sort == "difference":
        order = [int(i) for i in contrast.largest_first()]
        order += [i for i, token in enumerate(query) if not token.scored]
    written = labels(query, token_names(query), colours)
    texts = _texts(contrast)
    values = [float(contrast.difference[i]) for i in order]
    one, other = (name_in_text(name) for name in contrast.names)
    figure = NotebookFigure(
        [
            _bars(f"for {name}", contrast, order, sign, texts, colours)
            for name, sign in ((one, 1), (other, -1))
        ]
    )
    reach = max(0.1, 1.15 * max(map(abs, values)))
    beside = 1.05 * reach
    text_width = min(max(map(drawn_width, texts)) + 12, 0.62 * _WIDTH)
    rightmost = beside + (beside + reach) * text_width / (_WIDTH - text_width)
    figure.add_trace(texts_beside("matches", [texts[i] for i in order], beside, colours))
    title = (
        f"<b>{one} {number(contrast.first.score)} \N{MINUS SIGN} "
        f"{other} {number(contrast.second.score)} = "
        f"{signed(printed_difference(contrast.first.score, contrast.second.score, 3))}</b>, "
        "the sum of the bars before rounding"
    )
    figure.update_layout(
        common_layout(
            title,
            contrast.first.provenance.sentence(),
            colours,
            content=_ROW * len(order),
            top=84,
            below=BELOW_TITLED_AXIS,
        )
    )
    figure.update_layout(
        barmode="overlay",
        showlegend=True,
        legend=legend_above(),
        xaxis=number_axis("difference of the best similarities", (-reach, rightmost), colours)
        | {"title.standoff": 6, "tickvals": _ticks(reach), "tickformat": "+~g"},
        yaxis=named_rows([written[i] for i in order]),
    )
    return figure.with_static_form(
        partial(_static_form, contrast, tuple(order), theme), follows_page=theme == "auto"
    )


def _static_form(contrast: Contrast, order: tuple[int, ...], theme: PageTheme) -> dict[str, str]:
    return contrast_table(contrast, order).forms(theme)


def _bars(
    name: str, contrast: Contrast, order: list[int], sign: int, texts: list[str], colours: Palette
) -> go.Bar:
    """Draw the bars of one side: filled for the first document, hollow for the second."""
    better = contrast.better
    rows = [(row, i) for row, i in enumerate(order) if better[i] == sign]
    return go.Bar(
        name=name,
        x=[float(contrast.difference[i]) for _, i in rows],
        y=[row for row, _ in rows],
        orientation="h",
        width=_BAR,
        marker={
            "color": colours.muted if sign > 0 else colours.paper,
            "line": {"width": 1.5, "color": colours.muted},
        },
        customdata=[texts[i] for _, i in rows],
        hovertemplate="%{y}: <b>%{x:+.3f}</b><br>%{customdata}<extra></extra>",
        showlegend=True,
    )


def _texts(contrast: Contrast) -> list[str]:
    """Write the difference of each query token and its match in both documents."""
    sides = (contrast.first, contrast.second)
    names = [token_names(x.document) for x in sides]
    texts = []
    for i, token in enumerate(contrast.first.query):
        if not token.scored:
            texts.append("not scored")
            continue
        matches = [
            f"{name_in_text(found[int(x.alignment[i])], 16)} {number(x.contributions[i])}"
            for found, x in zip(names, sides, strict=True)
        ]
        shown = printed_difference(sides[0].contributions[i], sides[1].contributions[i], 3)
        texts.append(f"{signed(shown)}  {' | '.join(matches)}")
    return texts


def _ticks(reach: float) -> list[float]:
    step = next(step for step in (0.05, 0.1, 0.2, 0.5, 1.0) if reach / step < 3.5)
    return [round(k * step, 2) for k in range(-3, 4) if abs(k * step) <= reach]
