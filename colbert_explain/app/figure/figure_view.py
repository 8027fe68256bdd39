"""A figure as a widget, which says what its reader points at, clicks and brings into view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, NamedTuple

import plotly.graph_objects as go
import traitlets

from colbert_explain.app.figure.plotly_script import (
    PLOTLY_EVENTS,
    plotly_script_trait,
    send_plotly,
)
from colbert_explain.app.web.bundle import bundle
from colbert_explain.app.web.messages import (
    Events,
    is_number,
    is_whole,
    list_of,
    one_of,
    optional,
)
from colbert_explain.app.web.widget import PageWidget
from colbert_explain.views.charts.style import CONFIG

_PARTS = {"row": is_whole, "column": optional(is_whole), "part": one_of("cell", "bar")}


class Touched(NamedTuple):
    """What a reader touches: a cell of a heatmap, or the bar of a row, which has no column."""

    row: int
    column: int | None
    part: Literal["cell", "bar"]


def _is_touched(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _PARTS.keys()
        and all(check(value[name]) for name, check in _PARTS.items())
    )


class FigureView(PageWidget):
    """Draws one figure after another in the same place.

    Parameters
    ----------
    label
        What the figure shows, for screen readers.
    on_click
        Called with what was clicked.
    on_hover
        Called with what the pointer touches, None for nothing.
    on_range
        Called with both ends of the columns' axis when the reader has moved it.
    """

    _esm, _css = bundle("figure/figure_view.js")
    events: ClassVar[Events] = {
        **PLOTLY_EVENTS,
        "click": {"touched": _is_touched},
        "hover": {"touched": optional(_is_touched)},
        "range": {"ends": list_of(is_number, 2)},
    }

    label = traitlets.Unicode().tag(sync=True)
    plotly_script = plotly_script_trait()
    #: The figure as Plotly writes it in JSON; empty for none.
    figure = traitlets.Unicode().tag(sync=True)
    config = traitlets.Dict(CONFIG).tag(sync=True)
    #: The events that somebody waits for; the page sends no others.
    awaited = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        label: str = "",
        *,
        on_click: Callable[[Touched], object] | None = None,
        on_hover: Callable[[Touched | None], object] | None = None,
        on_range: Callable[[float, float], object] | None = None,
    ) -> None:
        self._on_click, self._on_hover, self._on_range = on_click, on_hover, on_range
        callbacks = {"click": on_click, "hover": on_hover, "range": on_range}
        super().__init__(label=label, awaited=[name for name, act in callbacks.items() if act])

    def show(self, figure: go.Figure | None) -> None:
        """Draw a figure, or nothing."""
        self.figure = "" if figure is None else figure.to_json()

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the reader did, or send the script."""
        if event == "plotly":
            send_plotly(self)
        elif event == "click" and self._on_click is not None:
            self._on_click(Touched(**fields["touched"]))
        elif event == "hover" and self._on_hover is not None:
            touched = fields["touched"]
            self._on_hover(None if touched is None else Touched(**touched))
        elif event == "range" and self._on_range is not None:
            self._on_range(*map(float, fields["ends"]))
