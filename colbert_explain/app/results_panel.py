"""The lower half of the workbench: score, heatmap and what moves it, text and table of a pair."""

from __future__ import annotations

from typing import Any

import ipywidgets
import plotly.graph_objects as go

from colbert_explain.app.document_strip import DocumentStrip
from colbert_explain.app.passage_list import PassageList
from colbert_explain.app.view_controls import ViewControls
from colbert_explain.explanation import Explanation
from colbert_explain.views import (
    CONFIG,
    HeatmapPlaces,
    Theme,
    heatmap,
    heatmap_places,
    highlight,
    notices,
    part_outline,
    passage_rows,
    pinned_frame,
    strip_contents,
    token_table,
)


class ResultsPanel(ipywidgets.VBox):
    """Shows one explanation after another, in one figure widget updated in place.

    Each figure widget brings five megabytes of script to the page, so there is only one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.explanation: Explanation | None = None
        self.figure: go.FigureWidget | None = None
        self.pinned: tuple[int, int] | None = None
        self.controls = ViewControls(self._redraw)
        self.strip = DocumentStrip(self._move)
        self.passages = PassageList(self.go_to)
        self._theme: Theme = "light"
        self._places: HeatmapPlaces | None = None
        self._score = ipywidgets.HTML()
        self._text = ipywidgets.HTML()
        self._table = ipywidgets.HTML()

    @property
    def theme(self) -> Theme:
        """Whether the figure is for light or dark surroundings; setting it draws again."""
        return self._theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        if theme != self._theme:
            self._theme = theme
            self._redraw()

    def options(self) -> dict[str, Any]:
        """Return how the heatmap is to be drawn, as `heatmap` takes it."""
        return {"theme": self._theme, **self.controls.options()}

    def show(
        self,
        explanation: Explanation,
        figure: go.Figure,
        options: dict[str, Any] | None = None,
    ) -> None:
        """Show an explanation; ``figure`` is its heatmap, drawn where there was time for it.

        ``options`` are those it was drawn with, the defaults where left out; it is drawn again
        if others have been chosen since.
        """
        # Everything that can fail comes first: what is on show belongs together.
        wanted = self.options()
        drawn = {"theme": "light", "level": "token", "rows": "all", "sort": "text"}
        if wanted != (options or drawn):
            figure = heatmap(explanation, **wanted)
        score = notices(explanation)
        text = _region("Query and document", highlight(explanation)._repr_html_())
        table = _region("Contributions", token_table(explanation))
        places = _places(explanation, figure, wanted)
        strip = {} if places.shown_whole else strip_contents(explanation, theme=self._theme)
        passages = passage_rows(explanation)
        self._place(figure)
        self._score.value, self._text.value, self._table.value = score, text, table
        self.explanation, self.pinned, self._places = explanation, None, places
        self.strip.contents, self.passages.passages, self.passages.picked = strip, passages, -1
        self.controls.problem = ""
        self._heatmap_moved()

    def pin(self, query_position: int, document_position: int) -> None:
        """Frame a pair in the heatmap and outline its two tokens in the text."""
        if self.explanation is None or self.figure is None or self._places is None:
            return
        pair = (query_position, document_position)
        if any(p >= n for p, n in zip(pair, self.explanation.similarity.shape, strict=True)):
            return  # a click on the figure before this one
        self.pinned = pair
        frame = pinned_frame(self._places.cell(pair), self._theme)
        with self.figure.batch_update():
            self.figure.data[-1].update(x=frame.x, y=frame.y, showlegend=frame.showlegend)
        text = highlight(self.explanation, pinned=pair)
        self._text.value = _region("Query and document", text._repr_html_())

    def go_to(self, first: int, stop: int) -> None:
        """Show a run of document tokens in the heatmap, outlined; pins nothing."""
        if self.explanation is None or not 0 <= first < stop <= len(self.explanation.document):
            return
        self._show_part((float(first), float(stop)), outline=True)
        self.passages.picked = first

    def _move(self, middle: float) -> None:
        if self._places is not None and self.strip.contents:
            self._show_part((middle, middle))

    def _show_part(self, part: tuple[float, float], *, outline: bool = False) -> None:
        figure, places = self.figure, self._places
        if figure is None or places is None:
            return
        axis = list(places.moved_to(part, self._axis()))
        with figure.batch_update():
            figure.layout.xaxis.range = figure.layout.xaxis2.range = axis
            if outline:
                figure.layout.shapes = [part_outline(places.axis(part), self._theme)]
        self._heatmap_moved()

    def _redraw(self) -> None:
        """Draw what is on show again after another choice; the part in view stays in view."""
        if self.explanation is None or self.figure is None or self._places is None:
            return
        wanted, before = self.options(), self._places
        try:
            figure = heatmap(self.explanation, pinned=self.pinned, **wanted)
        except ValueError as error:
            self.controls.problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
            return
        self.controls.problem = ""
        places = _places(self.explanation, figure, wanted)
        if not (before.shown_whole or places.shown_whole):
            axis = list(places.axis(before.part(self._axis())))
            figure.layout.xaxis.range = figure.layout.xaxis2.range = axis
        self._place(figure)
        self._places, self.passages.picked = places, -1
        self.strip.contents = (
            {} if places.shown_whole else strip_contents(self.explanation, theme=self._theme)
        )
        self._heatmap_moved()

    def _place(self, figure: go.Figure) -> None:
        if self.figure is not None:
            replace_figure(self.figure, figure)
            return
        self.figure = go.FigureWidget(figure)
        self.figure._config = {**self.figure._config, **CONFIG}
        self.figure.data[0].on_click(self._clicked)
        self.figure.layout.on_change(lambda *_: self._heatmap_moved(), "xaxis.range")
        self.children = [
            *(self._score, self.controls, self.strip, self.figure),
            *(self.passages, self._text, self._table),
        ]

    def _heatmap_moved(self) -> None:
        if self.figure is not None and self._places is not None:
            self.strip.part = self._places.part(self._axis())

    def _axis(self) -> tuple[float, float]:
        assert self.figure is not None
        left, right = self.figure.layout.xaxis.range  # a page writes whole numbers without a point
        return float(left), float(right)

    def _clicked(self, _: Any, points: Any, __: Any) -> None:
        if points.xs and points.ys and self._places is not None:
            pair = self._places.pair(round(points.ys[0]), round(points.xs[0]))
            if pair is not None:
                self.pin(*pair)


def replace_figure(widget: go.FigureWidget, figure: go.Figure) -> None:
    """Let a figure widget show another figure with the same kinds of traces."""
    widget.layout.autosize = None
    with widget.batch_update():
        for shown, new in zip(widget.data, figure.data, strict=True):
            shown.update(new.to_plotly_json(), overwrite=True)
        widget.layout.shapes = None  # what was pointed out
        widget.layout.update(figure.layout.to_plotly_json(), overwrite=True)
        # A new height makes Plotly hold the width, too, unless this comes after it.
        widget.layout.autosize = True


def _places(explanation: Explanation, figure: go.Figure, options: dict[str, Any]) -> HeatmapPlaces:
    return heatmap_places(explanation, options["level"], figure.layout.meta["query_positions"])


def _region(label: str, html: str) -> str:
    """Let long content scroll in its place, reachable by keyboard."""
    return f'<div class="ce-region" role="region" aria-label="{label}" tabindex="0">{html}</div>'
