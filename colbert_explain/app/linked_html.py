"""A region of HTML whose words or rows can be picked, and which shows the pair that is pinned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import anywidget
import traitlets

_HERE = Path(__file__).parent

Side = Literal["query", "document"]


class LinkedHtml(anywidget.AnyWidget):
    """Shows HTML that this package's templates wrote; elements with ``data-tokens`` are picked.

    Parameters
    ----------
    label
        What the region is called.
    on_pick
        Called with the side and the token positions of what was clicked or reached by keyboard.
    """

    _esm = _HERE / "linked_html.js"
    _css = _HERE / "linked_html.css"

    label = traitlets.Unicode().tag(sync=True)
    #: Markup of a template with autoescape; never a user's text.
    html = traitlets.Unicode().tag(sync=True)
    #: Query and document position of the pinned pair; empty for none.
    pinned = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, label: str, on_pick: Callable[[Side, list[int]], object]) -> None:
        super().__init__(label=label)
        self._on_pick = on_pick
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "pick", "side": ("query" | "document") as side, "tokens": list(tokens)}:
                self._on_pick(side, [int(token) for token in tokens])
