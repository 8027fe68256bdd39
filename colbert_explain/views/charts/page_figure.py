"""A figure as an element of a page that draws it itself."""

from __future__ import annotations

from typing import Any

from colbert_explain.plotly_script.script import script_address
from colbert_explain.views.html.page.scripts import script_data
from colbert_explain.views.theme import dark_counterparts

#: Whether the page draws figures itself, in its own theme, as the dashboards' page does.
page_draws_figures = False


def page_figure_element(figure: dict[str, Any]) -> str:
    """Write a figure in the light theme for figure/cell_figure.js.

    Parameters
    ----------
    figure
        As Plotly writes it in JSON: data, layout, config and frames.
    """
    data = script_data(
        {"figure": figure, "colours": dark_counterparts(), "script": script_address()}
    )
    return f'<ce-figure><script type="application/json">{data}</script></ce-figure>'
