"""A figure widget that shows another figure: it is told what differs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

#: Properties that Plotly takes as they are, with whatever names are in them.
_WHOLE = {"labelalias", "template"}


def replace_figure(widget: go.FigureWidget, figure: go.Figure) -> None:
    """Let a figure widget show another figure with the same kinds of traces.

    Plotly checks whatever is assigned, even where it is what was there. So what the figures hold
    is compared, and what differs is assigned.
    """
    layout = widget.layout._props
    # A page may have moved its axes a moment ago, and that is still on its way.
    for name in layout:
        if name.startswith(("xaxis", "yaxis")):
            layout[name].pop("range", None)
    # Forgotten here and not in the page, which would draw once more: a new height makes Plotly
    # hold the width as well, unless this goes with it, and what is known to be set is not sent.
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
    """List what has to be set to get from one to the other, None for what is no longer there."""
    for name in {**before, **after}:
        path, one, other = f"{within}{name}", before.get(name), after.get(name)
        if isinstance(one, dict) and isinstance(other, dict) and name not in _WHOLE:
            yield from _differences(one, other, f"{path}.")
        elif not _surely_equal(one, other):
            yield path, other


def _surely_equal(one: Any, other: Any) -> bool:
    """Compare what is quickly compared; arrays are left to Plotly."""
    return not isinstance(one, np.ndarray) and type(one) is type(other) and one == other
