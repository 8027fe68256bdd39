"""The form of the workbench: query, documents, examples, files, Explain, Cancel, progress.

One small widget of its own, because ipywidgets' text area knows no Ctrl+Enter, its buttons
can overtake the text they should act on, its selection has no groups, and its upload reads a
file of any size. Whatever is typed travels with the click that sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

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
from colbert_explain.views import THEMES

_HERE = Path(__file__).parent
#: Voilà's websocket drops messages over 10 MiB without a word, so the browser counts first.
LARGEST_MESSAGE = 8 * 1024 * 1024
#: A widget has one script and one style sheet: these parts, one after the other.
SCRIPTS = ("page_elements.js", "document_list.js", "file_opener.js", "input_form.js")
STYLES = ("input_form.css", "document_list.css", "file_opener.css")


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


class InputForm(anywidget.AnyWidget):
    """Fields and buttons; what they mean is the workbench's business.

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

    _esm = _joined(SCRIPTS)
    _css = _joined(STYLES)

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
    #: What the page around it is; the page says so when it opens and when it changes.
    theme = traitlets.Enum(THEMES, default_value="light").tag(sync=True)
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
            largest_file=min(self._settings.largest_file, LARGEST_MESSAGE),
            most_documents=self._settings.most_documents,
        )
        self._on_explain = on_explain
        self._on_cancel = on_cancel
        self._table: Table | None = None
        self.document = ""
        self.on_msg(self._receive)

    @property
    def document(self) -> str | dict[str, str]:
        """The document that was put into the form, or several by name."""
        if len(self.documents) == 1:
            return str(self.documents[0]["text"])
        return {one["name"]: one["text"] for one in self.documents}

    @document.setter
    def document(self, document: str | Mapping[str, str]) -> None:
        named = {"Document 1": document} if isinstance(document, str) else document
        self.documents = [{"name": name, "text": text} for name, text in named.items()]

    def _receive(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        match content:
            case {"event": "explain", "query": query, "document": document}:
                self._explain(query, document)
            case {"event": "explain", "query": query, "documents": [*documents]}:
                self._explain(query, dict(documents))
            case {"event": "cancel"}:
                self._on_cancel()
            case {"event": "file", "to": view, "name": str(name)} if buffers:
                self._answer(view, lambda: self._open(name, bytes(buffers[0])))
            case {"event": "rows", "to": view, **wishes}:
                self._answer(view, lambda: self._choose(wishes))
            case {"event": "close_file"}:
                self._table = None

    def _explain(self, query: str, document: str | dict[str, str]) -> None:
        try:
            check_limits(query, document, self._settings)
        except ValueError as error:
            self.problem = ""  # twice the same sentence is told twice
            self.problem = problem_sentence(error)
            return
        self._on_explain(query, document)

    def _answer(self, view: object, work: Callable[[], dict[str, Any]]) -> None:
        """Answer the view that asked, whatever happens: it is waiting."""
        try:
            answer = work()
        except Exception as error:
            answer = {"event": "refused", "sentence": problem_sentence(error)}
        self.send({**answer, "to": view})

    def _open(self, name: str, data: bytes) -> dict[str, Any]:
        if len(data) > self.largest_file:
            raise FileRefused(
                f"a file must have at most {self.largest_file:,} bytes, got {len(data):,}"
            )
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
        }

    def _choose(self, wishes: dict[str, Any]) -> dict[str, Any]:
        if self._table is None:
            raise FileRefused("the file must be opened again: it is no longer held")
        chosen = choose_rows(
            self._table,
            int(wishes["text_column"]),
            None if wishes["name_column"] is None else int(wishes["name_column"]),
            has_header=bool(wishes["has_header"]),
            most_documents=min(int(wishes["most_documents"]), self.most_documents),
            most_characters=min(int(wishes["most_characters"]), self.largest_text),
        )
        return {
            "event": "documents",
            "mode": wishes["mode"],
            "documents": [list(pair) for pair in chosen.documents],
            "left_out": chosen.left_out,
        }
