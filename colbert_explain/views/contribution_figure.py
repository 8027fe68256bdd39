"""The contribution chart: what each query token adds to the score, and how closely it won."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from colbert_explain.explanation import Explanation
from colbert_explain.views import palette
from colbert_explain.views.figure_style import common_layout
from colbert_explain.views.plotly_text import axis_labels, literal


def contribution_chart(explanation: Explanation) -> go.Figure:
    """Draw one bar per query token: its best similarity, which is its share of the score.

    The bars add up to the score. A mark on each bar's row shows the runner-up, the best other
    document token: where it nearly reaches the end of the bar, the match was a close call.
    Tokens that are not scored keep their row, without a bar.

    Parameters
    ----------
    explanation
        What to draw.

    Returns
    -------
    plotly.graph_objects.Figure
        Traces ``contribution`` and ``runner-up``.
    """
    x = explanation
    frame = x.to_frame()
    rows = np.arange(len(frame))
    matches = [
        f"→ {literal(match)}  {value:.3f}{'  (tie)' if tied else ''}" if scored else "not scored"
        for match, value, tied, scored in zip(
            frame["match"], frame["contribution"], frame["tied"], frame["scored"], strict=True
        )
    ]
    figure = go.Figure(
        [
            go.Bar(
                name="contribution",
                x=frame["contribution"],
                y=rows,
                orientation="h",
                marker={
                    "color": frame["contribution"],
                    "colorscale": palette.COSINE_SCALE,
                    "cmin": palette.COSINE_RANGE[0],
                    "cmid": 0,
                    "cmax": palette.COSINE_RANGE[1],
                    "line": {"width": 1, "color": palette.MUTED},
                },
                text=matches,
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{y} %{text}<extra></extra>",
            ),
            go.Scatter(
                name="runner-up (best other document token)",
                x=frame["runner_up_similarity"],
                y=rows,
                mode="markers",
                marker={
                    "symbol": "line-ns",
                    "size": 14,
                    "line": {"width": 2, "color": palette.RUNNER_UP},
                },
                customdata=[literal(word) for word in frame["runner_up"].fillna("")],
                hovertemplate="%{y}: runner-up %{customdata} %{x:.3f}<extra></extra>",
            ),
        ]
    )
    runners_up = frame["runner_up_similarity"].fillna(0.0)
    lowest = min(0.0, frame["contribution"].min(), runners_up.min())
    figure.update_layout(
        common_layout(
            f"<b>Contributions</b>, summing to the score {x.score:.3f}",
            x.provenance_sentence(),
            content=min(24 * len(frame), 900),
            top=84,
            below=48,
        )
    )
    figure.update_layout(
        bargap=0.25,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        xaxis={
            "title": {"text": palette.COSINE_TITLE},
            "range": [lowest * 1.1, 1.4],
            "tickvals": [-1, -0.5, 0, 0.5, 1],
            "gridcolor": palette.GRID,
            "zerolinecolor": palette.MUTED,
        },
        yaxis={
            "range": [len(frame) - 0.5, -0.5],
            "labelalias": axis_labels(x.query),
            "exponentformat": "none",
            "automargin": True,
            "ticklabelstandoff": 4,
            "showgrid": False,
            "zeroline": False,
            **({"dtick": 1} if len(frame) <= 60 else {"nticks": 60}),
        },
    )
    return figure
