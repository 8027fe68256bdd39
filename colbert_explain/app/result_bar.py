"""The line below the heatmap: which pair is pinned, and a button that keeps the explanation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class ResultBar(anywidget.AnyWidget):
    """One sentence and its buttons.

    Parameters
    ----------
    on_event
        Called with ``"unpin"``, ``"keep"`` or ``"release"``.
    """

    _esm = _HERE / "result_bar.js"
    _css = _HERE / "result_bar.css"

    #: What is pinned, in a sentence; empty for nothing.
    pinned = traitlets.Unicode().tag(sync=True)
    #: What is kept for comparison, in a few words; empty for nothing.
    kept = traitlets.Unicode().tag(sync=True)
    #: Whether what is on show is what is kept.
    same = traitlets.Bool(False).tag(sync=True)

    def __init__(self, on_event: Callable[[str], object]) -> None:
        super().__init__()
        self._on_event = on_event
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": ("unpin" | "keep" | "release") as event}:
                self._on_event(event)
