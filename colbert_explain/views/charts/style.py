"""What all figures share: colours, fonts, title, provenance at the foot, no way to the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from colbert_explain.views.charts.plotly_text import aliases, footer, n_lines, wrapped
from colbert_explain.views.theme import CLEAR, COSINE_RANGE, COSINE_TITLE, Palette

_LINE = 17  # pixels per line of text
#: Pixels between a drawing and the foot that ticks and the title of an axis need.
BELOW_TITLED_AXIS = 60

#: How pages show figures. Plotly's own default offers to upload the chart to a service. The wheel
#: scrolls the page, whatever lies under it; the buttons above a figure zoom.
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "showSendToCloud": False,
}
#: How a page that names its source once shows them: it lets no figure out without its source.
CONFIG_WITHOUT_SOURCE = {**CONFIG, "modeBarButtonsToRemove": ["toImage"]}
#: Names the annotation with the sentence at the foot, which a dashboard shows behind a sign.
SOURCE = "source"
#: How cells show them: JupyterLab's renderer and our dashboards resize them, while Plotly's
#: "responsive" would take away their height when the window changes.
CELL_CONFIG = {**CONFIG, "responsive": False}


def common_layout(
    title: str, provenance: str, colours: Palette, *, content: int, top: int, below: int
) -> dict[str, Any]:
    """Lay out a figure around its content.

    Parameters
    ----------
    title
        May hold Plotly's markup; text of users must be escaped in it. Broken into lines that
        fit a page of 660 pixels.
    provenance
        The sentence at the foot; escaped here.
    colours
        Those of the theme.
    content, top, below
        Height in pixels of the drawing, of what lies above it, and of what lies between it
        and the foot.
    """
    foot, title, n_given = footer(provenance), wrapped(title), n_lines(title)
    top += 18 * (n_lines(title) - n_given)
    bottom = below + _LINE * n_lines(foot) + 10
    return {
        "title": {
            "text": title,
            "font": {"size": 15, "color": colours.ink},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14 + 18 * (n_lines(title) - 1)},
        },
        "annotations": [
            {
                "text": foot,
                "name": SOURCE,
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 0,
                "xanchor": "left",
                "yanchor": "top",
                "yshift": -below,
                "align": "left",
                "showarrow": False,
                "font": {"size": 12, "color": colours.muted},
            }
        ],
        "height": content + top + bottom,
        "margin": {"l": 10, "r": 10, "t": top, "b": bottom},
        "font": {"size": 12, "color": colours.ink},
        "hoverlabel": {
            "align": "left",
            "font": {"size": 13, "color": colours.ink},
            "bgcolor": colours.raised,
            "bordercolor": colours.line,
        },
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": colours.paper,
        "modebar": {
            "remove": ["sendChartToCloud", "autoScale", "select", "lasso"],  # nothing is selected
            "bgcolor": CLEAR,
            "color": colours.muted,
            "activecolor": colours.ink,
        },
    }


def without_source(figure: go.Figure, provenance: str) -> go.Figure:
    """Take the sentence at the foot from a figure, and the room that it needs.

    For a page that names its source once, and that lets no figure leave it without one.
    """
    foot = footer(provenance)
    lines = _LINE * n_lines(foot)
    layout = figure.layout
    layout.annotations = [note for note in layout.annotations if note.text != foot]
    layout.height -= lines
    layout.margin.b -= lines
    return figure


def cosine_colours(colours: Palette) -> dict[str, Any]:
    """Return the one colour scale, as a heatmap trace takes it."""
    return {
        "zmin": COSINE_RANGE[0],
        "zmid": 0,
        "zmax": COSINE_RANGE[1],
        "colorscale": colours.cosine_scale,
    }


def cosine_colorbar() -> dict[str, Any]:
    """Return the key of the colour scale."""
    return {
        "title": {"text": COSINE_TITLE, "side": "right"},
        "tickvals": [-1, -0.5, 0, 0.5, 1],
        "thickness": 14,
        "outlinewidth": 0,
        # Five numbers that always fit: Plotly need not measure them each time it draws.
        "ticklabeloverflow": "allow",
    }


def named_rows(names: Sequence[str]) -> dict[str, Any]:
    """Return the vertical axis of bars with a name each, the first one at the top."""
    return {
        "range": [len(names) - 0.5, -0.5],
        "labelalias": aliases(names),
        "exponentformat": "none",
        "automargin": True,
        "ticklabelstandoff": 4,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "dtick": 1,
    }


def number_axis(title: str, span: Sequence[float], colours: Palette) -> dict[str, Any]:
    """Return the horizontal axis of bars, from one number to another."""
    return {
        "title": {"text": title},
        "range": [*span],
        "gridcolor": colours.grid,
        "zerolinecolor": colours.muted,
        "fixedrange": True,
    }


def texts_beside(name: str, texts: Sequence[str], x: float, colours: Palette) -> go.Scatter:
    """Write a text to the right of the bars in each row, all from one place on."""
    return go.Scatter(
        name=name,
        x=[x] * len(texts),
        y=list(range(len(texts))),
        mode="text",
        text=texts,
        textposition="middle right",
        textfont={"size": 12, "color": colours.ink},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def legend_below() -> dict[str, Any]:
    """Return a legend that only explains: a click on it hides nothing."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "itemclick": False,
        "itemdoubleclick": False,
    }


def legend_above() -> dict[str, Any]:
    """Return a legend between title and drawing."""
    return {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
