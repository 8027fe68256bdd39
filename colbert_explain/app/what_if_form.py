"""The document, from which a reader removes a span, and the score without the span, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_whole
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class WhatIfForm(PageWidget):
    """Shows the output of `text_units` and `occlusion_rows`.

    Parameters
    ----------
    on_event
        Called with ``"cancel"``, ``"reencode"``, ``"undo"`` or ``"reset"``.
    on_strike
        Called with the first character to remove and the one after the last.
    """

    _esm = page_script("what_if_form.js")
    _css = page_text("what_if_form.css")
    events: ClassVar[Events] = {
        "strike": {"start": is_whole, "end": is_whole},
        **{event: {} for event in ("cancel", "reencode", "undo", "reset")},
    }

    units = traitlets.Dict().tag(sync=True)
    #: First character that is removed and the one after the last; empty for none.
    struck = traitlets.List(traitlets.Int()).tag(sync=True)
    #: How many removals can be undone.
    n_undo = traitlets.Int(0).tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    #: Whether the text can be encoded again at all.
    can_reencode = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, on_strike: Callable[[int, int], object], on_event: Callable[[str], object]
    ) -> None:
        super().__init__()
        self._on_strike, self._on_event = on_strike, on_event

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "strike":
            self._on_strike(fields["start"], fields["end"])
        else:
            self._on_event(event)
