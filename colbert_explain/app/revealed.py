"""What an exercise reveals: an output for its page, and what a saved notebook keeps of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from IPython.core.interactiveshell import InteractiveShell

from colbert_explain.app.cell_display import ShownInCells
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.style import CELL_CONFIG
from colbert_explain.views.html.saved_widget import static_output

_PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True, slots=True)
class Revealed:
    """Anything a cell can show, in every form that is needed.

    Attributes
    ----------
    output
        For an output widget.
    html, text
        For readers without Python.
    """

    output: dict[str, Any]
    html: str
    text: str

    @classmethod
    def of(cls, shown: object) -> Revealed:
        """Return all forms of an object."""
        metadata: dict[str, Any] = {}
        if isinstance(shown, ShownInCells):
            data = shown._repr_mimebundle_()
            static = {"text/html": shown.saved_html(), "text/plain": shown.saved_text()}
        elif isinstance(shown, go.Figure):
            # Plotly would display the figure by itself, outside this output.
            data = {_PLOTLY: {**json.loads(shown.to_json()), "config": CELL_CONFIG}}
            static = {"text/plain": "(A figure. Run the cell to draw it.)"}
            if isinstance(shown, NotebookFigure):
                static |= shown.static_form()
        else:
            format_of: Any = InteractiveShell.instance().display_formatter
            data, metadata = format_of.format(shown)
            static = data
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        text = static.get("text/markdown", static.get("text/plain", ""))
        return cls(output, static_output(static), text)
