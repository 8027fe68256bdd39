"""What a lesson's widget shows later: an output for its page, and a form that can be saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import plotly.graph_objects as go
from IPython.core.interactiveshell import InteractiveShell

from colbert_explain.app.web.cell_display import ShownInCells
from colbert_explain.views.charts.notebook_figure import NotebookFigure, drawn_form
from colbert_explain.views.html.saved_widget import static_output


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
    def of_text(cls, text: str) -> Revealed:
        """Return all forms of a text in Markdown, which may be indented as the code around it."""
        data = {"text/markdown": cleandoc(text)}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        return cls(output, static_output(data), data["text/markdown"])

    @classmethod
    def of(cls, shown: object) -> Revealed:
        """Return all forms of an object."""
        metadata: dict[str, Any] = {}
        if isinstance(shown, ShownInCells):
            data = shown._repr_mimebundle_()
            static = {"text/html": shown.saved_html(), "text/plain": shown.saved_text()}
        elif isinstance(shown, go.Figure):
            # Plotly would display the figure by itself, outside this output.
            data = drawn_form(json.loads(shown.to_json()))
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
