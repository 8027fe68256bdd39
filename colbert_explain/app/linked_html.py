"""A region of HTML whose words or rows can be picked, and which marks the pinned pair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import traitlets

from colbert_explain.app.page_messages import Events, is_whole, list_of, one_of
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text

Side = Literal["query", "document"]


class LinkedHtml(PageWidget):
    """Shows HTML that this package's templates wrote; elements with ``data-tokens`` can be picked.

    Parameters
    ----------
    label
        Name of the region, for screen readers.
    on_pick
        Called with the side and the token positions of what was clicked or reached by keyboard.
    """

    _esm = page_script("linked_html.js")
    _css = page_text("linked_html.css")
    events: ClassVar[Events] = {
        "pick": {"side": one_of("query", "document"), "tokens": list_of(is_whole)},
    }

    label = traitlets.Unicode().tag(sync=True)
    #: Markup of a template with autoescape; never a user's text.
    html = traitlets.Unicode().tag(sync=True)
    #: Query and document position of the pinned pair; empty for none.
    pinned = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, label: str, on_pick: Callable[[Side, list[int]], object]) -> None:
        super().__init__(label=label)
        self._on_pick = on_pick

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        self._on_pick(fields["side"], fields["tokens"])
