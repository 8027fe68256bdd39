"""The heatmap of an explanation, its options, and the strip that moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from colbert_explain.app.document_strip import DocumentStrip
from colbert_explain.app.figure_replacement import replace_figure
from colbert_explain.app.page_messages import is_number
from colbert_explain.app.page_widgets import PageBox, PageFigure
from colbert_explain.app.view_controls import ViewControls
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.figure import DrawnHeatmap, draw_heatmap, pinned_frame
from colbert_explain.views.charts.heatmap.navigation import HeatmapPlaces, part_outline
from colbert_explain.views.charts.style import CONFIG
from colbert_explain.views.theme import Theme
from colbert_explain.views.widget_data.strip import strip_contents

#: Default options of a figure.
DRAWN = {"theme": "light", "level": "token", "rows": "all", "sort": "text"}


class HeatmapPanel(PageBox):
    """Shows one heatmap after another, in one figure widget updated in place.

    Each figure widget adds five megabytes of script to the page, so there is only one.

    Parameters
    ----------
    on_pin
        Called with the query and document position of a cell that was clicked.
    on_draw
        Called without arguments after the heatmap was drawn with other options.
    """

    def __init__(self, on_pin: Callable[[int, int], object], on_draw: Callable[[], object]) -> None:
        super().__init__()
        self.figure: go.FigureWidget | None = None
        self.controls = ViewControls(self._redraw)
        self.strip = DocumentStrip(self._move)
        self._on_pin, self._on_draw = on_pin, on_draw
        self._explanation: Explanation | None = None
        self._pinned: tuple[int, int] | None = None
        self._outlined: tuple[int, int] | None = None
        self._theme: Theme = "light"
        self._places: HeatmapPlaces | None = None

    @property
    def theme(self) -> Theme:
        """The figure's theme, light or dark; setting it draws the figure again."""
        return self._theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        if theme != self._theme:
            self._theme = theme
            self._redraw()

    def options(self) -> dict[str, Any]:
        """Return the current options of `heatmap`."""
        return {"theme": self._theme, **self.controls.options()}

    def show(
        self, explanation: Explanation, drawn: DrawnHeatmap, options: dict[str, Any] | None = None
    ) -> None:
        """Show an explanation; ``drawn`` is its heatmap, already drawn on a worker thread.

        ``options`` are those it was drawn with, by default `DRAWN`; if others have been chosen
        since, it is drawn again.
        """
        wanted = self.options()
        if wanted != (options or DRAWN):
            drawn = draw_heatmap(explanation, **wanted)
        places = drawn.places
        strip = {} if places.shown_whole else strip_contents(explanation, theme=self._theme)
        self._explanation, self._places = explanation, places
        self._pinned = self._outlined = None
        self._place(drawn)
        self.strip.contents, self.strip.pinned = strip, -1
        self.controls.problem = ""
        self._heatmap_moved()

    def mark(self, pair: tuple[int, int] | None) -> None:
        """Frame a pair and bring it into view; None frames nothing."""
        if self.figure is None or self._places is None:
            return
        self._pinned = pair
        cell = None if pair is None else self._places.cell(pair)
        frame = pinned_frame(cell, self._theme)
        with self.figure.batch_update():
            self.figure.data[-1].update(x=frame["x"], y=frame["y"], showlegend=frame["showlegend"])
        self.strip.pinned = -1 if pair is None else pair[1]
        if pair is not None:
            left, right = self._places.part(self._axis())
            if not left <= pair[1] < right:
                self._show_part((float(pair[1]), float(pair[1] + 1)))

    def go_to(self, first: int, stop: int) -> None:
        """Show a range of document tokens with an outline; pins nothing."""
        self._outlined = (first, stop)
        self._show_part((float(first), float(stop)))

    def _move(self, middle: float) -> None:
        if self._places is not None and self.strip.contents:
            self._show_part((middle, middle))

    def _show_part(self, part: tuple[float, float]) -> None:
        figure, places = self.figure, self._places
        if figure is None or places is None:
            return
        axis = list(places.moved_to(part, self._axis()))
        with figure.batch_update():
            figure.layout.xaxis.range = figure.layout.xaxis2.range = axis
            self._outline(figure)
        self._heatmap_moved()

    def _outline(self, figure: go.Figure | go.FigureWidget) -> None:
        if self._outlined is not None and self._places is not None:
            first, stop = self._outlined
            axis = self._places.axis((float(first), float(stop)))
            figure.layout.shapes = [part_outline(axis, self._theme)]

    def _redraw(self) -> None:
        """Draw the explanation again with other options; the part in view stays in view."""
        if self._explanation is None or self.figure is None or self._places is None:
            return
        wanted, before = self.options(), self._places
        try:
            drawn = draw_heatmap(self._explanation, pinned=self._pinned, **wanted)
        except ValueError as error:
            self.controls.problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
            return
        self.controls.problem = ""
        figure, places, _ = drawn
        if not (before.shown_whole or places.shown_whole):
            axis = list(places.axis(before.part(self._axis())))
            figure.layout.xaxis.range = figure.layout.xaxis2.range = axis
        self._places = places
        self._outline(figure)
        self._place(drawn)
        self.strip.contents = (
            {} if places.shown_whole else strip_contents(self._explanation, theme=self._theme)
        )
        self._heatmap_moved()
        self._on_draw()

    def _place(self, drawn: DrawnHeatmap) -> None:
        figure, _, self.controls.hidden = drawn
        if self.figure is not None:
            replace_figure(self.figure, figure)
            return
        self.figure = PageFigure(figure)
        self.figure._config = {**self.figure._config, **CONFIG}
        self.figure.data[0].on_click(self._clicked)
        self.figure.layout.on_change(lambda *_: self._heatmap_moved(), "xaxis.range")
        self.children = [self.controls, self.strip, self.figure]

    def _heatmap_moved(self) -> None:
        if self.figure is not None and self._places is not None:
            self.strip.part = self._places.part(self._axis())

    def _axis(self) -> tuple[float, float]:
        """Return the page's axis range, or that of the whole document if the page sent none."""
        figure, places = self.figure, self._places
        if figure is None or places is None:
            return 0.0, 0.0
        axis = figure.layout.xaxis.range  # a page writes whole numbers without a point
        if isinstance(axis, tuple | list) and len(axis) == 2 and all(map(is_number, axis)):
            left, right = map(float, axis)
            if left < right:
                return left, right
        return places.axis((0.0, float(len(places.explanation.document))))

    def _clicked(self, _: Any, points: Any, __: Any) -> None:
        places = self._places
        if places is None or not (points.xs and points.ys):
            return
        row, column = points.ys[0], points.xs[0]
        if is_number(row) and is_number(column):
            pair = places.pair(round(row), round(column))
            if pair is not None:
                self._on_pin(*pair)
