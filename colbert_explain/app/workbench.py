"""`Workbench`: a query, documents, and which token pairs made the score, on one page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.analysis import Ranking, rank
from colbert_explain.analysis.ranking import given_documents
from colbert_explain.app.inputs.limits import check_limits, page_limits
from colbert_explain.app.inputs.opened_files import OpenedFiles
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.job import Job, Watch
from colbert_explain.app.page.result_page import ResultPage
from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.deprecation import renamed_argument, warn_renamed
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.explanation import Explanation, explain
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import load_samples
from colbert_explain.text.wording import one_line
from colbert_explain.views import highlight
from colbert_explain.views.html.result_tables import ranking_table
from colbert_explain.views.html.tables import notices
from colbert_explain.views.text.plain_text import plain_text


def _by_name(documents: str | Iterable[str] | Mapping[Any, str]) -> dict[str, str]:
    """Return texts by name; texts without names are called as `rank` calls them."""
    if isinstance(documents, str):
        return {"": documents}
    rule = "documents must be a text, or an iterable or mapping of texts"
    given = given_documents(documents, rule)
    return {name: check.text(f"documents[{key!r}]", text) for key, name, text in given}


def _line(text: str) -> str:
    return textwrap.shorten(one_line(text), 400, placeholder=" …")


class Workbench(ResultPage):
    """Type or paste a query and a document and see which token pairs made the score.

    Parameters
    ----------
    encoder
        Encodes the texts; by default the bundled encoder, loaded when first needed. The page also
        offers other models.
    query, documents
        The texts in the fields at the start, which are explained at once; by default a paraphrase.
        Two empty strings leave the fields empty. Several documents are given as `rank` takes them:
        texts in any iterable that has an order, or a mapping from names to texts.
    settings
        Limits, and which models may be loaded on the page; by default read from the environment
        (`OperatorSettings.from_environment`).

    Attributes
    ----------
    explanation
        The explanation that is shown, or None.
    """

    ranks_all = True

    @renamed_argument("document", "documents")
    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        query: str | None = None,
        documents: str | Iterable[str] | Mapping[Any, str] | None = None,
        settings: OperatorSettings | None = None,
    ) -> None:
        if encoder is not None:
            check_encoder(encoder)
        if query is not None:
            check.text("query", query)
        named = None if documents is None else _by_name(documents)
        if settings is not None:
            check.instance("settings", settings, OperatorSettings)
        super().__init__()
        settings = OperatorSettings.from_environment() if settings is None else settings
        samples = load_samples()
        first = next(sample for sample in samples if sample.group == "Paraphrased")
        shown = ("group", "title", "query", "document", "note")
        page = WorkbenchPage(
            self._receive,
            samples=[{name: getattr(one, name) for name in shown} for one in samples],
            limits=page_limits(settings),
        )
        self._set_up(page, encoder, settings, self._read_again)
        self._explaining = Job(self._main, self._show_status)
        self._own_work = (self._explaining,)
        self._files = OpenedFiles(settings)
        self._fill_fields(
            first.query if query is None else query,
            {"": first.document} if named is None else named,
        )
        if self.state.query or any(text for _, text in self.state.documents):
            self._explain_again()

    @property
    def explanation(self) -> Explanation | None:
        """The explanation that is shown, or None."""
        return self.state.explanation

    def explain(self, query: str, documents: str | Iterable[str] | Mapping[Any, str]) -> None:
        """Deprecated: the old name of `start`."""  # noqa: D401 - what it is, not what it does
        warn_renamed("Workbench.explain", "Workbench.start")
        self.start(query, documents)

    def start(self, query: str, documents: str | Iterable[str] | Mapping[Any, str]) -> None:
        """Start explaining a pair and return at once; cancel a pair that is still being explained.

        Several documents, given as `rank` takes them, are ranked, and the best one is explained.
        Errors are shown on the page.
        """
        try:
            check.text("query", query)
            named = _by_name(documents)
        except ValueError as error:
            self._explaining.fail(problem_sentence(error))
            return
        self._fill_fields(query, named)
        self._explain_again()

    def cancel(self) -> None:
        """Cancel the explanation in progress; the page keeps what it shows."""
        self._explaining.cancel()

    def _fill_fields(self, query: str, documents: Mapping[str, str]) -> None:
        """Put texts into the page's fields, and remember them as those that are asked for."""
        self._ask(query, documents, None)
        self.page.texts = {
            "version": self.page.texts.get("version", 0) + 1,
            "query": query,
            "documents": [{"name": name, "text": text} for name, text in documents.items()],
        }

    def _ask(self, query: str, documents: Mapping[str, str], request: int | None) -> None:
        self.state.query, self.state.request = query, request
        self.state.documents = list(documents.items())

    def _explain_again(self) -> None:
        """Explain what is asked for, off the main thread."""
        query, documents = self.state.query, self.state.named_documents()
        self._result.forget()
        self._explaining.start(
            lambda watch: self._work(query, documents, watch), self._show, "Reading …"
        )

    def _read_again(self) -> None:
        """Explain what was asked for with another encoder."""
        if self.state.explanation is not None or self._explaining.status.busy:
            self._explain_again()

    def _work(self, query: str, documents: Mapping[str, str], watch: Watch) -> Any:
        """Encode and draw, on the worker thread; touch widgets only through the main one."""
        if not documents:
            raise ValueError("documents must hold at least one text, got none")
        encoder = self.models.holder.watched(watch, len(documents))
        ranking: Ranking | None = None
        position, (name, text) = 0, next(iter(documents.items()))
        if len(documents) > 1:
            ranking = rank(query, documents, encoder)
            position = int(ranking.order[0])
            explanation, name = ranking.explanations[position], ranking.names[position]
        else:
            explanation = explain(query, text, encoder)
        watch.check()
        return self._result.draw(
            explanation=explanation, ranking=ranking, position=position, name=name, pinned=None
        )

    def _show(self, drawn: Any) -> None:
        self._result.show(*drawn)
        self.models.show_in_use()
        self.save_again()

    def _receive(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the reader does on the page."""
        match event:
            case "explain":
                self._explain_typed(
                    fields["query"], dict(fields["documents"]), request=fields["request"]
                )
            case "cancel":
                self.cancel()
            case "file" if buffers:
                self._answer(fields["to"], self._files.open(fields["name"], bytes(buffers[0])))
            case "rows":
                self._answer(fields["to"], self._files.choose(fields))
            case "close_file":
                self._files.close()
            case _:
                self._receive_about_result(event, fields)

    def _explain_typed(self, query: str, documents: dict[str, str], request: int) -> None:
        try:
            check_limits(query, documents, self.settings)
        except ValueError as error:
            self._explaining.fail(problem_sentence(error))
            return
        self._ask(query, documents, request)
        self._explain_again()

    def _answer(self, view: str, answer: dict[str, Any]) -> None:
        """Answer the view of the page that sent a file; show a saved explanation at once."""
        self.page.send({**answer, "to": view})
        opened = self._files.explanation
        if answer["event"] == "explanation" and opened is not None:
            self._explaining.forget()
            self._ask(opened.query.text, {answer["name"]: opened.document.text}, None)
            self._result.show_other(opened, answer["name"])

    def saved_text(self) -> str:
        """Return the last explanation, and the ranking that it belongs to, as text."""
        x, ranking = self.explanation, self.state.ranking
        if x is None:
            return self._explaining.status.problem or "Nothing has been explained yet."
        above = [] if ranking is None else [ranking_table(ranking).text(), "", self._title()]
        texts = [f"Query: {_line(x.query.text)}", f"Document: {_line(x.document.text)}"]
        return "\n".join([*above, *texts, plain_text(x)])

    def saved_html(self) -> str:
        """Return the same as HTML, with coloured texts."""
        x, ranking = self.explanation, self.state.ranking
        if x is None:
            return super().saved_html()
        above = "" if ranking is None else ranking_table(ranking).html()
        sentence = (self.page.result["headline"]["sentence"],)
        return (
            above + notices(x, title=self._title(), summary=sentence) + highlight(x)._repr_html_()
        )

    def _title(self) -> str:
        """Return the name and the rank of the document that is shown; empty for a single pair."""
        ranking = self.state.ranking
        if ranking is None:
            return ""
        place = ranking.order.tolist().index(self.state.position) + 1
        return f"{self.state.name}: rank {place} of {len(ranking)}"
