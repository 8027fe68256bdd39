"""The one widget that holds the whole page of an audit: its parts, and what Python tells them."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from colbert_explain.app.audit_page.auditing import DEPTHS, SEARCHED
from colbert_explain.app.audit_page.exported_audit import AUDIT_FILES
from colbert_explain.app.collections.collection_widget import CollectionWidget
from colbert_explain.app.collections.second_kinds import KINDS
from colbert_explain.app.web.bundle import bundle
from colbert_explain.app.web.messages import (
    Events,
    is_anything_typed,
    is_text,
    is_whole,
    list_of,
    one_of,
    optional,
)

#: What a file can be used as.
USES = ("queries", "judged", "run", "second", "documents", "nothing")


def _is_depth(value: Any) -> bool:
    return is_whole(value) and value in DEPTHS


class AuditWidget(CollectionWidget):
    """Shows what it is given, and tells what the reader does; `AuditPage` decides."""

    _esm, _css = bundle("audit_page/audit_page.js")
    events: ClassVar[Events] = {
        **CollectionWidget.events,
        "audit": {
            "searched": one_of(*SEARCHED),
            "k": _is_depth,
            "second": optional(one_of(*KINDS, "given")),
        },
        "choose_query": {"id": is_text},
        "sides": {"winner": is_whole, "right": is_whole, "shown": one_of("winner", "right")},
        "reword": {"query": is_anything_typed},
        "use_files": {"uses": list_of(one_of(*USES))},
        "refuse_files": {},
        "name_files": {"name": is_anything_typed},
        "leave_out": {"role": one_of("run", "second")},
        "save_audit": {"kind": one_of(*AUDIT_FILES)},
    }

    #: What a search is judged by: ``given``, see `JudgedBy.facts`; ``missing``, a sentence;
    #: ``files``, which wait to be used, each with ``name``, ``use`` and ``said``; ``busy``,
    #: ``status``, ``progress`` and ``problem`` of reading them.
    judged = traitlets.Dict().tag(sync=True)
    #: What was found, see `auditing.page_data`; empty before the first audit.
    audit = traitlets.Dict().tag(sync=True)
    #: The work on it: ``busy``, ``status``, ``progress``, ``problem``.
    auditing = traitlets.Dict().tag(sync=True)
    #: What is asked: ``searched``, ``k``, ``second``; ``depths`` to choose from.
    asked = traitlets.Dict().tag(sync=True)
    #: The query on show, see `QueryOnShow.page_data`, with ``shown``: ``"winner"`` or ``"right"``.
    chosen = traitlets.Dict().tag(sync=True)
    #: What would change the rank, see `QueryChanges`.
    changes = traitlets.Dict().tag(sync=True)
    #: Two runs compared, see `two_runs`; empty for none.
    comparison = traitlets.Dict().tag(sync=True)
