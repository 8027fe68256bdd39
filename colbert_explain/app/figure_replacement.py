"""Shows another figure in a figure widget by sending only what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

#: Properties that are set as a whole, with any names in them.
_WHOLE = {"labelalias", "template"}


def replace_figure(widget: go.FigureWidget, figure: go.Figure) -> None:
    """Show another figure with the same kinds of traces in a figure widget.

    Plotly checks every value that is assigned, even an unchanged one. So the figures are compared,
    and only what differs is assigned.
    """
    layout = widget.layout._props
    # A page may have moved its axes a moment ago, and that is still on its way.
    for name in layout:
        if name.startswith(("xaxis", "yaxis")):
            layout[name].pop("range", None)
    # With a new height, Plotly also fixes the width, unless autosize is sent too. Plotly does not
    # send a value that it knows to be set, so autosize is removed first; only here, because the
    # page would draw once more.
    layout.pop("autosize", None)
    with widget.batch_update():
        for shown, new in zip(widget.data, figure.data, strict=True):
            for path, value in _differences(shown._props, new._props):
                if path != "uid":  # what the page knows a trace by
                    shown[path] = value
        for path, value in _differences(layout, figure.layout._props):
            widget.layout[path] = value
        widget.layout.autosize = True


def _differences(
    before: dict[str, Any], after: dict[str, Any], within: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield what must be set to turn one into the other, None for what is no longer there."""
    for name in {**before, **after}:
        path, one, other = f"{within}{name}", before.get(name), after.get(name)
        if isinstance(one, dict) and isinstance(other, dict) and name not in _WHOLE:
            yield from _differences(one, other, f"{path}.")
        elif not _surely_equal(one, other):
            yield path, other


def _surely_equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal, without comparing arrays, which Plotly does."""
    return not isinstance(one, np.ndarray) and type(one) is type(other) and one == other
