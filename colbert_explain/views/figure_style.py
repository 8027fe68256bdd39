"""What all figures share: fonts, title, the provenance at the foot, and no way to the network."""

from __future__ import annotations

from typing import Any

from colbert_explain.views import palette
from colbert_explain.views.plotly_text import footer, n_lines

_LINE = 17  # pixels per line of text

#: How pages show figures. Plotly's own default offers to upload the chart to a service.
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": True,
    "showSendToCloud": False,
}


def common_layout(
    title: str, provenance: str, *, content: int, top: int, below: int
) -> dict[str, Any]:
    """Lay out a figure around its content.

    Parameters
    ----------
    title
        May hold Plotly's markup; text of users must be escaped in it.
    provenance
        The sentence at the foot; escaped here.
    content, top, below
        Height in pixels of the drawing, of what lies above it, and of what lies between it
        and the foot.
    """
    foot = footer(provenance)
    bottom = below + _LINE * n_lines(foot) + 10
    return {
        "title": {
            "text": title,
            "font": {"size": 15, "color": palette.INK},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14},
        },
        "annotations": [
            {
                "text": foot,
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 0,
                "xanchor": "left",
                "yanchor": "top",
                "yshift": -below,
                "align": "left",
                "showarrow": False,
                "font": {"size": 12, "color": palette.MUTED},
            }
        ],
        "height": content + top + bottom,
        "margin": {"l": 10, "r": 10, "t": top, "b": bottom},
        "font": {"size": 12, "color": palette.INK},
        "hoverlabel": {"align": "left", "font": {"size": 13}},
        "paper_bgcolor": palette.PAPER,
        "plot_bgcolor": palette.PAPER,
        "modebar": {"remove": ["sendChartToCloud", "autoScale"]},
    }
