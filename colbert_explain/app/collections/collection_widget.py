"""`CollectionWidget`: a page about a collection, and the choice of that collection."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.app.web.messages import (
    Events,
    is_anything_typed,
    is_flag,
    is_text,
    is_whole,
    list_of,
    one_of,
    optional,
)
from colbert_explain.search.compression import COMPRESSIONS


class CollectionWidget(WorkbenchPage):
    """Shows what it is given, and tells what the reader does; a `CollectionPage` decides."""

    events: ClassVar[Events] = {
        **WorkbenchPage.events,
        "against": {"position": is_whole},
        "open_collection": {"key": is_text},
        "name_collection": {"name": is_anything_typed},
        "offer": {"compression": optional(one_of(*COMPRESSIONS))},
        "index": {},
        "refuse_index": {},
        "cancel_opening": {},
        "dropped": {"names": list_of(is_text), "first": is_flag, "last": is_flag},
    }

    #: What there is to open: ``choices``, each with ``key``, ``label``, ``group`` and ``kind``;
    #: ``takes_names``; ``largest``, bytes of files that may be dropped; ``rule``, a sentence.
    sources = traitlets.Dict().tag(sync=True)
    #: The collection that is open, the index that is offered, and the work on them.
    collection = traitlets.Dict().tag(sync=True)
