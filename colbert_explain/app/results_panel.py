"""The lower half of the workbench: score, heatmap, highlighted text and table of one pair."""

from __future__ import annotations

from typing import Any

import ipywidgets
import plotly.graph_objects as go

from colbert_explain.explanation import Explanation
from colbert_explain.views import CONFIG, highlight, notices, pinned_frame, token_table


class ResultsPanel(ipywidgets.VBox):
    """Shows one explanation after another, in one figure widget updated in place.

    Each figure widget brings five megabytes of script to the page, so there is only one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.explanation: Explanation | None = None
        self.figure: go.FigureWidget | None = None
        self._score = ipywidgets.HTML()
        self._text = ipywidgets.HTML()
        self._table = ipywidgets.HTML()

    def show(self, explanation: Explanation, figure: go.Figure) -> None:
        """Show an explanation; ``figure`` is its heatmap, drawn where there was time for it."""
        # Everything that can fail comes first: what is on show belongs together.
        score = notices(explanation)
        text = _region("Query and document", highlight(explanation)._repr_html_())
        table = _region("Contributions", token_table(explanation))
        if self.figure is None:
            self.figure = go.FigureWidget(figure)
            self.figure._config = {**self.figure._config, **CONFIG}
            self.figure.data[0].on_click(self._clicked)
            self.children = [self._score, self.figure, self._text, self._table]
        else:
            replace_figure(self.figure, figure)
        self._score.value, self._text.value, self._table.value = score, text, table
        self.explanation = explanation

    def pin(self, query_position: int, document_position: int) -> None:
        """Frame a pair in the heatmap and outline its two tokens in the text."""
        if self.explanation is None or self.figure is None:
            return
        pair = (query_position, document_position)
        if any(p >= n for p, n in zip(pair, self.explanation.similarity.shape, strict=True)):
            return  # a click on the figure before this one
        pinned = pinned_frame(pair)
        with self.figure.batch_update():
            self.figure.data[-1].update(x=pinned.x, y=pinned.y, showlegend=pinned.showlegend)
        text = highlight(self.explanation, pinned=pair)
        self._text.value = _region("Query and document", text._repr_html_())

    def _clicked(self, _: Any, points: Any, __: Any) -> None:
        if points.xs and points.ys:
            self.pin(round(points.ys[0]), round(points.xs[0]))


def replace_figure(widget: go.FigureWidget, figure: go.Figure) -> None:
    """Let a figure widget show another figure with the same kinds of traces."""
    with widget.batch_update():
        for shown, new in zip(widget.data, figure.data, strict=True):
            shown.update(new.to_plotly_json(), overwrite=True)
        widget.layout.update(figure.layout.to_plotly_json(), overwrite=True)


def _region(label: str, html: str) -> str:
    """Let long content scroll in its place, reachable by keyboard."""
    return f'<div class="ce-region" role="region" aria-label="{label}" tabindex="0">{html}</div>'
