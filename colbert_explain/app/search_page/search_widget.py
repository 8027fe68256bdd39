"""The one widget that holds the whole page of a search: its parts, and what Python tells them."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from colbert_explain.app.collections.collection_widget import CollectionWidget
from colbert_explain.app.collections.second_kinds import KINDS
from colbert_explain.app.search_page.exported_hits import HITS_FILES
from colbert_explain.app.web.bundle import bundle
from colbert_explain.app.web.messages import (
    Events,
    is_anything_typed,
    is_flag,
    is_number,
    is_text,
    is_whole,
    list_of,
    one_of,
    optional,
)
from colbert_explain.search.first_stage import FIRST_STAGES

_PAGE = bundle("search_page/search_page.js")


def _is_filter(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return all(
        is_text(name)
        and isinstance(wish, dict)
        and list_of(is_whole)(wish.get("values", []))
        and optional(is_number)(wish.get("min"))
        and optional(is_number)(wish.get("max"))
        for name, wish in value.items()
    )


class SearchWidget(CollectionWidget):
    """Shows what it is given, and tells what the reader does; `SearchPage` decides."""

    _esm = _PAGE.script
    _css = _PAGE.style
    events: ClassVar[Events] = {
        **CollectionWidget.events,
        "search": {
            "query": is_anything_typed,
            "first_stage": optional(one_of(*FIRST_STAGES)),
            "where": _is_filter,
            "second": optional(one_of(*KINDS)),
            "beside": optional(is_text),
            "k": is_whole,
            "live": is_flag,
            "request": is_whole,
        },
        "save_hits": {"kind": one_of(*HITS_FILES)},
    }

    #: The hits, and what belongs to their search; ``position`` is that of the one whose ``result``
    #: comes next.
    hits = traitlets.Dict().tag(sync=True)
    #: The second ranking beside the hits; empty for none.
    second = traitlets.Dict().tag(sync=True)
    #: Queries to start from, with the ids of the documents that answer them.
    queries = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: The query that Python puts into the field when ``version`` changes.
    asked = traitlets.Dict().tag(sync=True)
