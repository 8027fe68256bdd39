"""The list of what each query token or word adds to the score, in groups that add up to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


class ContributionList(anywidget.AnyWidget):
    """Shows what `ledger_rows` wrote.

    Parameters
    ----------
    on_pick
        Called with query and document position of the pair of the row that was chosen.
    """

    _esm = _HERE / "contribution_list.js"
    _css = _HERE / "contribution_list.css"

    ledger = traitlets.Dict().tag(sync=True)
    #: Query position that is pinned, -1 for none.
    pinned = traitlets.Int(-1).tag(sync=True)

    def __init__(self, on_pick: Callable[[int, int], object]) -> None:
        super().__init__()
        self._on_pick = on_pick
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "pick", "pair": [int() as query, int() as document]}:
                self._on_pick(query, document)
