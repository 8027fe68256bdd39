"""Why one document scores higher than another: a sentence, and a bar for each query token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class ContrastTable(anywidget.AnyWidget):
    """Shows what `contrast_rows` wrote, under two lists to choose from where there are choices.

    Parameters
    ----------
    on_choose
        Called with the places, in ``choices``, of the two documents to compare.
    """

    _esm = _HERE / "contrast_table.js"
    _css = _HERE / "contrast_table.css"

    #: Names to choose from, best first; empty for a contrast without a choice.
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Places of the two on show.
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)
    contrast = traitlets.Dict().tag(sync=True)

    def __init__(self, on_choose: Callable[[int, int], object] = lambda *_: None) -> None:
        super().__init__()
        self._on_choose = on_choose
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "choose", "first": int() as first, "second": int() as second}:
                if all(0 <= place < len(self.choices) for place in (first, second)):
                    self._on_choose(first, second)
