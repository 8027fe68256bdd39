"""The line below the heatmap: which pair is pinned, and a button that keeps the explanation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class ResultBar(PageWidget):
    """One sentence and its buttons.

    Parameters
    ----------
    on_event
        Called with ``"unpin"``, ``"keep"`` or ``"release"``.
    """

    _esm = page_script("result_bar.js")
    _css = page_text("result_bar.css")
    events: ClassVar[Events] = {"unpin": {}, "keep": {}, "release": {}}

    #: What is pinned, in a sentence; empty for nothing.
    pinned = traitlets.Unicode().tag(sync=True)
    #: What is kept for comparison, in a few words; empty for nothing.
    kept = traitlets.Unicode().tag(sync=True)
    #: Whether the explanation that is shown is the kept one.
    same = traitlets.Bool(False).tag(sync=True)

    def __init__(self, on_event: Callable[[str], object]) -> None:
        super().__init__()
        self._on_event = on_event

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        self._on_event(event)
