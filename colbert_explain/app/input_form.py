"""The form of the workbench: query, documents, examples, files, Explain, Cancel, progress.

It is not made of ipywidgets, because their text area does not support Ctrl+Enter, a click on their
buttons can arrive before the text it acts on, their selection has no groups, and their upload reads
a file of any size. Here, the text is sent together with the click.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import (
    Events,
    is_anything_typed,
    is_flag,
    is_text,
    is_whole,
    list_of,
    one_of,
    optional,
)
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.app.text_limits import check_limits
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import Sample
from colbert_explain.text_files import (
    FileRefused,
    Table,
    choose_rows,
    decode,
    kind_of,
    read_table,
    short_file_name,
)
from colbert_explain.views.theme import THEMES

#: Voilà's websocket silently drops messages over 10 MiB, so the browser checks the size first.
LARGEST_MESSAGE = 8 * 1024 * 1024
#: A widget has one script and one style sheet, which are joined from these parts.
SCRIPTS = ("page_elements.js", "document_list.js", "file_opener.js", "input_form.js")
STYLES = ("python_link.css", "input_form.css", "document_list.css", "file_opener.css")


def _is_named_text(value: Any) -> bool:
    return list_of(is_anything_typed, 2)(value) and is_text(value[0])


class InputForm(PageWidget):
    """Fields and buttons; the workbench decides what they do.

    Parameters
    ----------
    samples
        The pairs to pick from, grouped by their ``group``.
    on_explain
        Called with query and document, or documents by name where there are several, when the
        reader asks for an explanation.
    on_cancel
        Called when the reader asks to stop.
    settings
        How much may be opened and sent.
    """

    _esm = page_script(*SCRIPTS)
    _css = page_text(*STYLES)
    set_by_page = frozenset({"theme"})
    events: ClassVar[Events] = {
        "explain": (
            {"query": is_anything_typed, "document": is_anything_typed},
            {"query": is_anything_typed, "documents": list_of(_is_named_text)},
        ),
        "cancel": {},
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
    }

    samples = traitlets.List(traitlets.Dict()).tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    #: Each with a ``name`` and a ``text``, in order.
    documents = traitlets.List(traitlets.Dict()).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    #: What is being done, in a few words.
    status = traitlets.Unicode().tag(sync=True)
    #: Share of the work done, 0 to 1; None while that is not known.
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    #: What went wrong, in a sentence; shown as text, never as markup.
    problem = traitlets.Unicode().tag(sync=True)
    #: The page's theme; the page sends it when it opens and when it changes.
    theme = traitlets.Enum(THEMES, default_value="light").tag(sync=True)
    #: The limits that the page checks; the settings decide what is accepted.
    largest_message = traitlets.Int(LARGEST_MESSAGE).tag(sync=True)
    largest_text = traitlets.Int().tag(sync=True)
    largest_file = traitlets.Int().tag(sync=True)
    most_documents = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        samples: list[Sample],
        on_explain: Callable[[str, str | Mapping[str, str]], object],
        on_cancel: Callable[[], object],
        settings: OperatorSettings | None = None,
    ) -> None:
        self._settings = settings or OperatorSettings()
        super().__init__(
            samples=[
                {
                    "group": sample.group,
                    "title": sample.title,
                    "query": sample.query,
                    "document": sample.document,
                    "note": sample.note,
                }
                for sample in samples
            ],
            largest_text=self._settings.largest_text,
            largest_file=_largest_file(self._settings),
            most_documents=self._settings.most_documents,
        )
        self._on_explain = on_explain
        self._on_cancel = on_cancel
        self._table: Table | None = None
        self.document = ""

    @property
    def document(self) -> str | dict[str, str]:
        """The document in the form, or several by name."""
        if len(self.documents) == 1:
            return str(self.documents[0]["text"])
        return {one["name"]: one["text"] for one in self.documents}

    @document.setter
    def document(self, document: str | Mapping[str, str]) -> None:
        named = {"Document 1": document} if isinstance(document, str) else document
        self.documents = [{"name": name, "text": text} for name, text in named.items()]

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        match event:
            case "explain":
                documents = fields.get("document")
                if documents is None:
                    documents = dict(fields["documents"])
                self._explain(fields["query"], documents)
            case "cancel":
                self._on_cancel()
            case "file" if buffers:
                self._answer(fields["to"], lambda: self._open(fields["name"], bytes(buffers[0])))
            case "rows":
                self._answer(fields["to"], lambda: self._choose(fields))
            case "close_file":
                self._table = None

    def _explain(self, query: str, document: str | dict[str, str]) -> None:
        try:
            check_limits(query, document, self._settings)
        except ValueError as error:
            self.problem = ""  # so that the same sentence is announced again
            self.problem = problem_sentence(error)
            return
        self._on_explain(query, document)

    def _answer(self, view: object, work: Callable[[], dict[str, Any]]) -> None:
        """Answer the view that asked, even after an error: it waits for an answer."""
        try:
            answer = work()
        except Exception as error:
            answer = {"event": "refused", "sentence": problem_sentence(error)}
        self.send({**answer, "to": view})

    def _open(self, name: str, data: bytes) -> dict[str, Any]:
        largest = _largest_file(self._settings)
        if len(data) > largest:
            raise FileRefused(f"a file must have at most {largest:,} bytes, got {len(data):,}")
        kind = kind_of(name)
        text = decode(name, data)
        if kind == "text":
            return {"event": "text", "name": short_file_name(name), "text": text}
        self._table = table = read_table(name, text)
        return {
            "event": "table",
            "name": table.name,
            "rows": len(table.rows),
            "preview": table.preview(),
            "has_header": table.has_header,
            "likely": table.text_column,
            "likely_name": table.name_column,
            "notes": list(table.notes),
        }

    def _choose(self, wishes: dict[str, Any]) -> dict[str, Any]:
        if self._table is None:
            raise FileRefused("the file must be opened again: it is no longer in memory")
        if "text_column" not in wishes:
            raise FileRefused("the columns must be chosen again: the page did not send the choice")
        chosen = choose_rows(
            self._table,
            wishes["text_column"],
            wishes["name_column"],
            has_header=wishes["has_header"],
            most_documents=min(wishes["most_documents"], self._settings.most_documents),
            most_characters=min(wishes["most_characters"], self._settings.largest_text),
        )
        return {
            "event": "documents",
            "mode": wishes["mode"],
            "documents": [list(pair) for pair in chosen.documents],
            "left_out": chosen.left_out,
        }


def _largest_file(settings: OperatorSettings) -> int:
    return min(settings.largest_file, LARGEST_MESSAGE)
