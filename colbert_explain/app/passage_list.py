"""The list of a document's best sentences, each a way to its place in the heatmap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class PassageList(anywidget.AnyWidget):
    """Shows what `passage_rows` wrote.

    Parameters
    ----------
    on_pick
        Called with the first token of the sentence picked and the one after its last.
    """

    _esm = _HERE / "passage_list.js"
    _css = _HERE / "passage_list.css"

    #: What to list; the list of a single sentence, which says nothing new, takes no room.
    passages = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: First token of the sentence that is pointed out, -1 for none.
    picked = traitlets.Int(-1).tag(sync=True)
    #: First token of the sentence that holds the pinned pair's match, -1 for none.
    pinned = traitlets.Int(-1).tag(sync=True)

    def __init__(self, on_pick: Callable[[int, int], object]) -> None:
        super().__init__()
        self._on_pick = on_pick
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "pick", "first": int() as first, "stop": int() as stop}:
                self._on_pick(first, stop)
