"""`WorkbenchPage`: the one widget that is the whole page of a workbench.

Its script is made of the parts in ``inputs/``, ``heatmap/``, ``text/``, ``sections/`` and
``models/``, which speak of places in the grid on show and light the same pair without asking
Python. It is not made of ipywidgets, because their text area does not support Ctrl+Enter, a click
on their buttons can arrive before the text it acts on, and their upload reads a file of any size.
"""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from colbert_explain.app.figure.plotly_script import (
    PLOTLY_EVENTS,
    plotly_script_trait,
    send_plotly,
)
from colbert_explain.app.web.bundle import bundle
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
from colbert_explain.app.web.widget import PageWidget
from colbert_explain.views.theme import THEMES

#: Names of what stands below the picture.
SECTIONS = ("best_sentences", "compare", "table", "save")


def _is_named_text(value: Any) -> bool:
    return list_of(is_anything_typed, 2)(value) and is_text(value[0])


def _are_options(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"level", "order", "unscored"}
        and value["level"] in ("word", "token")
        and value["order"] in ("text", "contribution")
        and is_flag(value["unscored"])
    )


class WorkbenchPage(PageWidget):
    """Shows what it is given, and tells what the reader does; the workbench decides."""

    _esm, _css = bundle("page/workbench_page.js")
    set_by_page = frozenset({"theme", "options"})
    events: ClassVar[Events] = {
        "explain": {
            "query": is_anything_typed,
            "documents": list_of(_is_named_text),
            "live": is_flag,
            "request": is_whole,
        },
        "cancel": {},
        "choose": {"position": is_whole},
        "pin": {"row": is_whole, "column": is_whole},
        "unpin": {},
        "section": {"name": one_of(*SECTIONS)},
        "compare": {"first": is_whole, "second": is_whole},
        "keep": {},
        "clear_kept": {},
        "what_if": {"first": is_whole, "stop": is_whole},
        "what_if_reencode": {},
        "what_if_undo": {},
        "file": {"to": is_text, "name": is_text},
        "rows": (
            {
                "to": is_text,
                "mode": one_of("replace", "add"),
                "text_column": is_whole,
                "name_column": optional(is_whole),
                "has_header": is_flag,
                "most_documents": is_whole,
                "most_characters": is_whole,
            },
            {"to": is_text},  # which waits for an answer, whatever else it says
        ),
        "close_file": {},
        "save": {"kind": is_text},
        "model_choose": {"key": is_text, "layers": list_of(is_whole)},
        "model_name": {"name": is_text},
        "model_cancel": {},
        "model_describe": {},
        **PLOTLY_EVENTS,
    }

    samples = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: What the page checks before it sends (`page_limits`).
    limits = traitlets.Dict().tag(sync=True)
    #: What `ModelSelection` shows.
    models = traitlets.Dict().tag(sync=True)
    #: Texts for the fields, put there when ``version`` changes: ``query``, and ``documents``, each
    #: with a ``name`` and a ``text``.
    texts = traitlets.Dict().tag(sync=True)
    #: What is being computed: ``busy``, ``status`` in a few words, ``progress``, 0 to 1 or None.
    work = traitlets.Dict().tag(sync=True)
    #: What went wrong, in a sentence; shown as text, never as markup.
    problem = traitlets.Unicode().tag(sync=True)
    #: All that belongs to one explanation, as `page_result` writes it; empty before the first.
    result = traitlets.Dict().tag(sync=True)
    #: Sections that the page has asked for, by name; another result empties them.
    sections = traitlets.Dict().tag(sync=True)
    #: What happens without the words that the reader has marked; empty if none are.
    what_if = traitlets.Dict().tag(sync=True)
    #: How the heatmap is drawn; see `ViewOptions`.
    options = traitlets.Dict({"level": "word", "order": "text", "unscored": False}).tag(sync=True)
    #: The page's theme; the page sends it when it opens and when it changes.
    theme = traitlets.Enum(THEMES, default_value="light").tag(sync=True)
    plotly_script = plotly_script_trait()

    @traitlets.validate("options")
    def _check_options(self, proposal: Any) -> Any:
        if not _are_options(proposal["value"]):
            raise traitlets.TraitError("options must have valid entries level, order and unscored")
        return proposal["value"]

    def takes(self, name: str, value: Any) -> bool:
        """Return whether the page may set a trait to a value."""
        return super().takes(name, value) and (name != "options" or _are_options(value))

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "plotly":
            send_plotly(self)
        else:
            super().received(event, fields, buffers)
