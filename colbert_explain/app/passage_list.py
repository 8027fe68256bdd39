"""The list of a document's best sentences; choosing one shows it in the heatmap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_whole
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class PassageList(PageWidget):
    """Shows the output of `passage_rows`.

    Parameters
    ----------
    on_pick
        Called with the first token of the sentence picked and the one after its last.
    """

    _esm = page_script("passage_list.js")
    _css = page_text("passage_list.css")
    events: ClassVar[Events] = {"pick": {"first": is_whole, "stop": is_whole}}

    #: What to list; a list of one sentence adds nothing and is hidden.
    passages = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: First token of the sentence that is highlighted, -1 for none.
    picked = traitlets.Int(-1).tag(sync=True)
    #: First token of the sentence that holds the pinned pair's match, -1 for none.
    pinned = traitlets.Int(-1).tag(sync=True)

    def __init__(self, on_pick: Callable[[int, int], object]) -> None:
        super().__init__()
        self._on_pick = on_pick

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        self._on_pick(fields["first"], fields["stop"])
