"""`Workbench`: inputs, state and callbacks; what is computed and drawn lies below."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import ipywidgets

from colbert_explain.app.encoding_job import Cancelled, EncodingDesk, MainThread
from colbert_explain.app.input_form import InputForm
from colbert_explain.app.model_selection import ModelSelection
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.app.results_panel import ResultsPanel
from colbert_explain.embeddings import Encoder
from colbert_explain.explanation import Explanation
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import load_samples
from colbert_explain.views import THEMES, Theme, css_variables, heatmap

_STYLE = f"""<style>
{css_variables()}
.ce-workbench {{ background: var(--ce-paper); color: var(--ce-ink); }}
.ce-workbench {{ color-scheme: var(--ce-scheme); padding: 4px 0 24px; overflow: visible; }}
.ce-workbench .ce-region {{ max-height: 80vh; overflow: auto; padding: 6px 4px; }}
.ce-workbench :is(.widget-html, .widget-html-content) {{ height: auto; max-width: 100%; }}
.ce-workbench .widget-html-content {{ color: inherit; font-size: 14px; line-height: 1.5; }}
/* The heatmap says it; once is enough. */
.ce-workbench .ce-region .ce-source {{ display: none; }}
</style>"""


class Workbench(ipywidgets.VBox):
    """Type or paste a query and a document and see which token pairs made the score.

    Parameters
    ----------
    encoder
        What encodes the texts; by default the bundled encoder, loaded when first needed. The
        page offers others beside it.
    query, document
        What stands in the fields at the start, and is explained at once; by default a
        paraphrase. Two empty strings start with empty fields. Several documents are given by
        name.
    settings
        Limits, and which models may be loaded in the page; by default what the environment
        says (`OperatorSettings.from_environment`).

    Attributes
    ----------
    explanation
        The explanation on show, or None.
    """

    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        query: str | None = None,
        document: str | Mapping[str, str] | None = None,
        settings: OperatorSettings | None = None,
    ) -> None:
        super().__init__()
        self.settings = OperatorSettings.from_environment() if settings is None else settings
        samples = load_samples()
        first = next(sample for sample in samples if sample.group == "Paraphrased")
        self._main = MainThread()
        self.models = ModelSelection(encoder, self.settings, self._main, self._use)
        self._desk = EncodingDesk(self.models.load)
        self._asked: tuple[str, str | Mapping[str, str]] | None = None
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None
        self.form = InputForm(samples, self.explain, self.cancel, self.settings)
        self.form.observe(lambda change: self._set_theme(change["new"]), names="theme")
        self.results = ResultsPanel()
        self.add_class("ce-workbench")
        self.add_class("ce-light")  # until the page has said what it is
        self.children = [
            ipywidgets.HTML(_STYLE),
            *(self.models.picker, self.form, self.results),
        ]
        self.form.query = first.query if query is None else query
        self.form.document = first.document if document is None else document
        if self.form.query or self.form.document:
            self.explain(self.form.query, self.form.document)

    @property
    def explanation(self) -> Explanation | None:
        """The explanation on show, or None."""
        return self.results.explanation

    def _use(self, encoder: Encoder) -> None:
        """Read what was asked last with another encoder."""
        self._desk = EncodingDesk(lambda: encoder)
        if self._asked is not None:
            self.explain(*self._asked)

    def explain(self, query: str, document: str | Mapping[str, str]) -> None:
        """Start explaining a pair; a pair still being explained is given up.

        Returns at once. What goes wrong is shown in the page.
        """
        self._asked = (query, document)
        self._stop.set()
        self._stop = stop = threading.Event()
        self.form.problem = ""
        self.form.progress = None
        self.form.status = "Starting …"
        self.form.busy = True
        first = next(iter(document.values())) if isinstance(document, Mapping) else document
        self._worker = threading.Thread(
            target=self._work, args=(query, first, stop), daemon=True, name="colbert_explain"
        )
        self._worker.start()

    def cancel(self) -> None:
        """Give up what is being explained; what is on show stays."""
        if not self.form.busy:
            return
        self._stop.set()
        self.form.busy = False
        self.form.status = "Cancelled."

    def wait(self, timeout: float | None = None) -> None:
        """Block until the work that was started has ended; for scripts and tests.

        In a notebook the result is shown when the cell has ended, not before.

        Raises
        ------
        TimeoutError
            If it has not ended after ``timeout`` seconds.
        """
        if self._worker is not None:
            self._worker.join(timeout)
            if self._worker.is_alive():
                raise TimeoutError(f"the explanation has not ended after {timeout} seconds")

    def _work(self, query: str, document: str, stop: threading.Event) -> None:
        """Encode and draw, on the worker thread; touch widgets only through the main one."""

        def report(status: str, share: float | None) -> None:
            self._main.run(lambda: self._tell(stop, status, share))

        try:
            explanation = self._desk.explain(query, document, stop=stop, report=report)
            report("Drawing …", None)
            options = self.results.options()
            figure = heatmap(explanation, **options)
        except Cancelled:
            return
        except Exception as error:  # the page must say it and live on
            sentence = problem_sentence(error)
            self._main.run(lambda: self._finish(stop, problem=sentence))
            return
        self._main.run(lambda: self._finish(stop, shown=(explanation, figure, options)))

    def _set_theme(self, theme: Theme) -> None:
        """Follow the page; its texts and its figure change together."""
        for other in THEMES:
            self.remove_class(f"ce-{other}")
        self.add_class(f"ce-{theme}")
        self.results.theme = theme

    def _tell(self, stop: threading.Event, status: str, share: float | None) -> None:
        if not stop.is_set():
            self.form.status, self.form.progress = status, share

    def _finish(
        self,
        stop: threading.Event,
        *,
        shown: tuple[Explanation, Any, dict[str, Any]] | None = None,
        problem: str = "",
    ) -> None:
        if stop.is_set():  # a later pair, or Cancel, has taken over
            return
        try:
            if shown is not None:
                self.results.show(*shown)
        except Exception as error:  # as above
            problem = problem_sentence(error)
        self.form.problem = problem
        self.form.status = "" if problem else "Done."
        self.form.busy = False
