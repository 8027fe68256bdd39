"""The list of what each query token or word adds to the score, in groups that add up to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_whole, list_of
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class ContributionList(PageWidget):
    """Shows the output of `contribution_rows`.

    Parameters
    ----------
    on_pick
        Called with the query and document position of the chosen row's pair.
    """

    _esm = page_script("contribution_list.js")
    _css = page_text("contribution_list.css")
    events: ClassVar[Events] = {"pick": {"pair": list_of(is_whole, 2)}}

    ledger = traitlets.Dict().tag(sync=True)
    #: Query position that is pinned, -1 for none.
    pinned = traitlets.Int(-1).tag(sync=True)

    def __init__(self, on_pick: Callable[[int, int], object]) -> None:
        super().__init__()
        self._on_pick = on_pick

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        query, document = fields["pair"]
        self._on_pick(query, document)
