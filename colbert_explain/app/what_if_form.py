"""The document to strike something out of, and both answers to what that changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class WhatIfForm(anywidget.AnyWidget):
    """Shows what `text_units` and `occlusion_rows` wrote.

    Parameters
    ----------
    on_event
        Called with ``"cancel"``, ``"reread"``, ``"undo"`` or ``"reset"``.
    on_strike
        Called with the first character to strike out and the one after the last.
    """

    _esm = _HERE / "what_if_form.js"
    _css = _HERE / "what_if_form.css"

    units = traitlets.Dict().tag(sync=True)
    #: First character struck out and the one after the last; empty for none.
    struck = traitlets.List(traitlets.Int()).tag(sync=True)
    #: How many strikes can be undone.
    n_undo = traitlets.Int(0).tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    #: Whether the text can be read again at all.
    can_reread = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, on_strike: Callable[[int, int], object], on_event: Callable[[str], object]
    ) -> None:
        super().__init__()
        self._on_strike, self._on_event = on_strike, on_event
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "strike", "start": int() as start, "end": int() as end}:
                self._on_strike(start, end)
            case {"event": ("cancel" | "reread" | "undo" | "reset") as event}:
                self._on_event(event)
