"""A figure without events, drawn by the Plotly script that the heatmap has loaded."""

from __future__ import annotations

import plotly.graph_objects as go
import traitlets

from colbert_explain.app.page_widgets import PageWidget, page_text
from colbert_explain.views.charts.style import CONFIG


class FigureView(PageWidget):
    """Draws a figure; a second figure widget would load five megabytes of script again."""

    _esm = page_text("figure_view.js")
    _css = page_text("figure_view.css")

    #: What it shows, for screen readers.
    label = traitlets.Unicode().tag(sync=True)
    #: The figure as Plotly writes it in JSON; empty for none.
    figure = traitlets.Unicode().tag(sync=True)
    config = traitlets.Dict(CONFIG).tag(sync=True)

    def show(self, figure: go.Figure | None) -> None:
        """Draw a figure, or nothing."""
        self.figure = "" if figure is None else figure.to_json()
