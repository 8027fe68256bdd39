"""`Workbench`: its inputs, state and callbacks; other modules compute and draw."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Mapping
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.analysis import Ranking
from colbert_explain.app.background_job import BackgroundJob, MainThread, Report, check_stop
from colbert_explain.app.cell_display import ShownInCells
from colbert_explain.app.encoding_job import EncodingDesk
from colbert_explain.app.input_form import InputForm
from colbert_explain.app.model_selection import ModelSelection
from colbert_explain.app.page_widgets import PageBox, PageHtml
from colbert_explain.app.results_panel import ResultsPanel
from colbert_explain.deprecation import renamed_argument, warn_renamed
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.explanation import Explanation
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import load_samples
from colbert_explain.text.wording import one_line
from colbert_explain.views.charts.heatmap.figure import DrawnHeatmap, draw_heatmap
from colbert_explain.views.html.result_tables import ranking_table
from colbert_explain.views.text.plain_text import plain_text
from colbert_explain.views.theme import THEMES, Theme, css_variables

_STYLE = f"""<style>
{css_variables()}
.ce-workbench {{ background: var(--ce-paper); color: var(--ce-ink); }}
.ce-workbench {{ color-scheme: var(--ce-scheme); padding: 4px 0 24px; overflow: visible; }}
.ce-workbench .ce-region {{ max-height: 80vh; overflow: auto; padding: 6px 4px; }}
.ce-workbench :is(.widget-html, .widget-html-content) {{ height: auto; max-width: 100%; }}
.ce-workbench .widget-html-content {{ color: inherit; font-size: 14px; line-height: 1.5; }}
/* The heatmap already names the model. */
.ce-workbench .ce-region .ce-source {{ display: none; }}
</style>"""
#: Cells of a heatmap; one with more takes long enough to draw that the status says so.
_DRAWN_AT_ONCE = 10_000
#: What is shown: explanation, heatmap, its options, ranking if any, position in it.
_Shown = tuple[Explanation, DrawnHeatmap, dict[str, Any], Ranking | None, int]


def _line(text: str) -> str:
    return textwrap.shorten(one_line(text), 400, placeholder=" …")


class Workbench(ShownInCells, PageBox):
    """Type or paste a query and a document and see which token pairs made the score.

    Parameters
    ----------
    encoder
        Encodes the texts; by default the bundled encoder, loaded when first needed. The page also
        offers other models.
    query, documents
        The texts in the fields at the start, which are explained at once; by default a paraphrase.
        Two empty strings leave the fields empty. Give several documents as a mapping of names to
        texts.
    settings
        Limits, and which models may be loaded in the page; by default read from the environment
        (`OperatorSettings.from_environment`).

    Attributes
    ----------
    explanation
        The explanation that is shown, or None.
    """

    @renamed_argument("document", "documents")
    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        query: str | None = None,
        documents: str | Mapping[str, str] | None = None,
        settings: OperatorSettings | None = None,
    ) -> None:
        if encoder is not None:
            check_encoder(encoder)
        if query is not None:
            check.text("query", query)
        if not (documents is None or isinstance(documents, str | Mapping)):
            raise ValueError(
                "documents must be a string, or a mapping of names to strings, "
                f"got {check.shown(documents)}"
            )
        if settings is not None:
            check.instance("settings", settings, OperatorSettings)
        super().__init__()
        self.settings = OperatorSettings.from_environment() if settings is None else settings
        samples = load_samples()
        first = next(sample for sample in samples if sample.group == "Paraphrased")
        self._main = MainThread()
        self.models = ModelSelection(encoder, self.settings, self._main, self._use)
        self._desk = EncodingDesk(self.models.load, loads_here=self.settings.encoder is None)
        self._asked: tuple[str, str | Mapping[str, str]] | None = None
        self.form = InputForm(samples, self.start, self.cancel, self.settings)
        self._job = BackgroundJob(self.form, self._main)
        self.form.observe(lambda change: self._set_theme(change["new"]), names="theme")
        self.results = ResultsPanel(self._desk, self._main)
        self.add_class("ce-workbench")
        self.add_class("ce-light")  # until the page has said what it is
        self.children = [
            PageHtml(f"{_STYLE}<style>{self.hiding_style}</style>"),
            *(self.models.picker, self.form, self.results),
        ]
        self.form.query = first.query if query is None else query
        self.form.document = first.document if documents is None else documents
        if self.form.query or self.form.document:
            self.start(self.form.query, self.form.document)

    @property
    def explanation(self) -> Explanation | None:
        """The explanation that is shown, or None."""
        return self.results.explanation

    def _use(self, encoder: Encoder) -> None:
        """Start the last request again with another encoder."""
        self._desk.use(lambda: encoder)
        if self._asked is not None:
            self.start(*self._asked)

    def explain(self, query: str, documents: str | Mapping[str, str]) -> None:
        """Deprecated: the old name of `start`."""  # noqa: D401 - what it is, not what it does
        warn_renamed("Workbench.explain", "Workbench.start")
        self.start(query, documents)

    def start(self, query: str, documents: str | Mapping[str, str]) -> None:
        """Start explaining a pair and return at once; cancel a pair that is still being explained.

        Several documents, given by name, are ranked, and the best one is explained. Errors are
        shown in the page.
        """
        self._asked = query, documents
        self._job.start(lambda stop, report: self._work(query, documents, stop, report), self._show)

    def cancel(self) -> None:
        """Cancel the explanation in progress; the page keeps what it shows."""
        self._job.cancel()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the work that was started has finished and its result is shown.

        For scripts and tests; call it on the main thread.

        Raises
        ------
        TimeoutError
            If it has not finished after ``timeout`` seconds.
        """
        self._job.wait(timeout)
        self._main.run_pending()
        self.results.wait(timeout)
        self._main.run_pending()

    def _work(
        self,
        query: str,
        documents: str | Mapping[str, str],
        stop: threading.Event,
        report: Report,
    ) -> _Shown:
        """Encode and draw, on the worker thread; touch widgets only through the main one."""
        ranking, position = None, 0
        if isinstance(documents, Mapping) and len(documents) > 1:
            ranking = self._desk.rank(query, documents, stop=stop, report=report)
            position = int(ranking.order[0])
            explanation = ranking.explanations[position]
        else:
            texts = list(documents.values()) if isinstance(documents, Mapping) else [documents]
            if not texts:
                raise ValueError("documents must hold at least one text, got none")
            explanation = self._desk.explain(query, texts[0], stop=stop, report=report)
        check_stop(stop)
        if explanation.similarity.size > _DRAWN_AT_ONCE:
            report("Drawing …", None)
        options = self.results.options()
        return explanation, draw_heatmap(explanation, **options), options, ranking, position

    def _show(self, shown: _Shown) -> None:
        explanation, drawn, options, ranking, position = shown
        self.results.show(explanation, drawn, options, ranking=ranking, position=position)
        self.models.show_in_use()
        self.save_again()

    def saved_text(self) -> str:
        """Return the last explanation, and the ranking that it belongs to, as text."""
        x, ranking = self.explanation, self.results.ranking
        if x is None:
            return self.form.problem or "Nothing has been explained yet."
        above = [] if ranking is None else [ranking_table(ranking).text(), "", self.results.title]
        texts = [f"Query: {_line(x.query.text)}", f"Document: {_line(x.document.text)}"]
        return "\n".join([*above, *texts, plain_text(x)])

    def saved_html(self) -> str:
        """Return the same as HTML, with coloured texts."""
        if self.explanation is None:
            return super().saved_html()
        ranking = self.results.ranking
        above = "" if ranking is None else ranking_table(ranking).html()
        return above + self.results.saved_html()

    def before_it_is_saved(self) -> None:
        """Wait for the explanation that was asked for."""
        self.wait()

    def _set_theme(self, theme: Theme) -> None:
        """Follow the page's theme; texts and figure change together."""
        for other in THEMES:
            self.remove_class(f"ce-{other}")
        self.add_class(f"ce-{theme}")
        self.results.theme = theme
