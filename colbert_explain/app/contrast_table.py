"""Why one document scores higher than another: a sentence, and a bar for each query token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_whole
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class ContrastTable(PageWidget):
    """Shows the output of `contrast_rows`, below two lists of documents if there are choices.

    Parameters
    ----------
    on_choose
        Called with the places in ``choices`` of the two documents to compare.
    """

    _esm = page_script("contrast_table.js")
    _css = page_text("contrast_table.css")
    events: ClassVar[Events] = {"choose": {"first": is_whole, "second": is_whole}}

    #: Names to choose from, best first; empty for a contrast without a choice.
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Places in ``choices`` of the two that are shown.
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)
    contrast = traitlets.Dict().tag(sync=True)

    def __init__(self, on_choose: Callable[[int, int], object] = lambda *_: None) -> None:
        super().__init__()
        self._on_choose = on_choose

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        places = fields["first"], fields["second"]
        if all(0 <= place < len(self.choices) for place in places):
            self._on_choose(*places)
