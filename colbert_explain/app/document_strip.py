"""A strip that shows a long document whole, and moves the heatmap below it.

A widget of its own: a second Plotly figure would bring five megabytes of script to the page.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class DocumentStrip(anywidget.AnyWidget):
    """Shows what `strip_contents` wrote, and a rectangle around the part in the heatmap.

    Parameters
    ----------
    on_move
        Called with the place, in tokens from the document's beginning, that a reader wants to
        see in the middle of the heatmap.
    """

    _esm = _HERE / "document_strip.js"
    _css = _HERE / "document_strip.css"

    #: What to show; empty for nothing, when the strip takes no room.
    contents = traitlets.Dict().tag(sync=True)
    #: Left and right edge of the part in the heatmap, in tokens.
    part = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0)).tag(
        sync=True
    )

    #: Document position of the pinned pair, -1 for none.
    pinned = traitlets.Int(-1).tag(sync=True)

    def __init__(self, on_move: Callable[[float], object]) -> None:
        super().__init__()
        self._on_move = on_move
        self.add_class("ce-strip-place")
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "move", "middle": int() | float() as middle}:
                self._on_move(float(middle))
