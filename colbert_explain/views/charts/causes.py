"""The chart of causes: how many queries of a run are lost for what cause."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.evaluation.audit import Audit
from colbert_explain.text.wording import count, percent
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.style import (
    BELOW_TITLED_AXIS,
    common_layout,
    named_rows,
    number_axis,
)
from colbert_explain.views.html.audit_table import cause_table
from colbert_explain.views.theme import PageTheme, drawn_theme, palette_of

#: Pixels of a row, and the height of a bar in rows.
_ROW, _BAR = 28, 0.65
#: Room beside the longest bar for its number, in lengths of that bar.
_ROOM = 1.2


def cause_chart(audit: Audit, *, theme: PageTheme = "auto") -> go.Figure:
    """Draw one bar per cause: how many lost queries have it as their main cause.

    The most frequent cause comes first; the bars add up to the number of lost queries. Bars are
    grey: colour means a similarity, and a number of queries is not one.

    Parameters
    ----------
    audit
        The audit of a run.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: light, but in a notebook the figure takes the
        background of the page.

    Raises
    ------
    ValueError
        If an option has a value that is not allowed.

    Returns
    -------
    plotly.graph_objects.Figure
        The trace ``lost queries``; no bar if no query is lost.
    """
    check.instance("audit", audit, Audit, "audit makes one")
    colours = palette_of(drawn_theme(theme))
    counts, n_lost = audit.counts, len(audit.lost)
    queries = "judged query" if len(audit) == 1 else "judged queries"
    causes, numbers = [str(cause) for cause in counts.index], [int(n) for n in counts]
    figure = NotebookFigure(
        [
            go.Bar(
                name="lost queries",
                x=numbers,
                y=list(range(len(numbers))),
                orientation="h",
                width=_BAR,
                marker={"color": colours.muted},
                text=[f"{number:,}" for number in numbers],
                textposition="outside",
                textfont={"size": 12, "color": colours.ink},
                cliponaxis=False,
                customdata=[
                    f"{cause}: {number:,} of {count(n_lost, 'lost query', 'lost queries')}, "
                    f"{percent(number / n_lost)}"
                    for cause, number in zip(causes, numbers, strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        ]
    )
    figure.update_layout(
        common_layout(
            f"<b>{n_lost:,} of {len(audit):,} {queries} lost</b>, by main cause",
            audit.provenance.sentence(),
            colours,
            content=_ROW * max(1, len(numbers)),
            top=64,
            below=BELOW_TITLED_AXIS,
        )
    )
    longest = max(numbers, default=1)
    figure.update_layout(
        showlegend=False,
        xaxis=number_axis("lost queries", (0, _ROOM * longest), colours)
        | {"title.standoff": 6, "tickformat": ",d", "nticks": min(6, longest + 1)},
        yaxis=named_rows(causes),
    )
    return figure.with_static_form(
        partial(_static_form, audit, theme), follows_page=theme == "auto"
    )


def _static_form(audit: Audit, theme: PageTheme) -> dict[str, str]:
    return cause_table(audit).forms(theme)
