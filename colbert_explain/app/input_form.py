"""The form of the workbench: query, document, examples, Explain, Cancel, progress.

One small widget of its own, because ipywidgets' text area knows no Ctrl+Enter, its buttons
can overtake the text they should act on, and its selection has no groups. Whatever is typed
travels with the click that sends it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from colbert_explain.samples import Sample
from colbert_explain.views import THEMES

_HERE = Path(__file__).parent
#: Voilà's websocket drops messages over 10 MiB without a word, so the browser counts first.
LARGEST_MESSAGE = 8 * 1024 * 1024


class InputForm(anywidget.AnyWidget):
    """Fields and buttons; what they mean is the workbench's business.

    Parameters
    ----------
    samples
        The pairs to pick from, grouped by their ``group``.
    on_explain
        Called with query and document when the reader asks for an explanation.
    on_cancel
        Called when the reader asks to stop.
    """

    _esm = _HERE / "input_form.js"
    _css = _HERE / "input_form.css"

    samples = traitlets.List(traitlets.Dict()).tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    document = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    #: What is being done, in a few words.
    status = traitlets.Unicode().tag(sync=True)
    #: Share of the work done, 0 to 1; None while that is not known.
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    #: What went wrong, in a sentence; shown as text, never as markup.
    problem = traitlets.Unicode().tag(sync=True)
    #: What the page around it is; the page says so when it opens and when it changes.
    theme = traitlets.Enum(THEMES, default_value="light").tag(sync=True)
    largest_message = traitlets.Int(LARGEST_MESSAGE).tag(sync=True)

    def __init__(
        self,
        samples: list[Sample],
        on_explain: Callable[[str, str], object],
        on_cancel: Callable[[], object],
    ) -> None:
        super().__init__(
            samples=[
                {
                    "group": sample.group,
                    "title": sample.title,
                    "query": sample.query,
                    "document": sample.document,
                    "note": sample.note,
                }
                for sample in samples
            ]
        )
        self._on_explain = on_explain
        self._on_cancel = on_cancel
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "explain", "query": query, "document": document}:
                self._on_explain(query, document)
            case {"event": "cancel"}:
                self._on_cancel()
