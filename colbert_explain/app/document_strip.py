"""A strip that shows the whole of a long document and moves the heatmap below it.

It is not a Plotly figure: a second one would add five megabytes of script to the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_number
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class DocumentStrip(PageWidget):
    """Shows the output of `strip_contents`, and a rectangle around the part in the heatmap.

    Parameters
    ----------
    on_move
        Called with the place, in tokens from the document's beginning, that a reader wants to
        see in the middle of the heatmap.
    """

    _esm = page_script("document_strip.js")
    _css = page_text("document_strip.css")
    events: ClassVar[Events] = {"move": {"middle": is_number}}

    #: What to show; if it is empty, the strip is hidden.
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

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        self._on_move(float(fields["middle"]))
