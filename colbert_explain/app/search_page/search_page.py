"""`SearchPage`: search a collection, and see why each hit is where it is."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.app.collections.collection_page import (
    CollectionPage,
    allowed_settings,
    check_given,
)
from colbert_explain.app.inputs.limits import page_limits
from colbert_explain.app.jobs.job import Job, Watch
from colbert_explain.app.search_page.exported_hits import exported_hits
from colbert_explain.app.search_page.sample_answers import sample_answers
from colbert_explain.app.search_page.search_widget import SearchWidget
from colbert_explain.app.search_page.searching import FIRST_HITS, Answer, Ask, search, second
from colbert_explain.embeddings import Encoder
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.search import Collection, Hits
from colbert_explain.views.html.result_tables import ranking_table
from colbert_explain.views.page_data.documents import ranking_entries
from colbert_explain.views.theme import palette_of

#: The query with which the sample opens: its right answer is not the first hit.
OPENING_QUERY = "Why does foliage become golden before winter?"


class SearchPage(CollectionPage):
    """Search a collection, and see for each hit which token pairs made its score.

    The page opens with the sample collection. It opens saved collections, and indexes folders and
    files, where the operator allows them, and files that are dropped onto it.

    Parameters
    ----------
    collection
        What is searched at first: a collection, or the path of a saved one, of a folder or of a
        file; by default the sample.
    encoder
        Encodes queries and documents; by default that of the collection, else the bundled one.
    query
        The query at the start; by default one of the sample.
    settings
        Limits, and what may be opened on the page; by default read from the environment
        (`OperatorSettings.from_environment`). In a notebook of your own, any path may be opened.

    Attributes
    ----------
    hits
        What the last search found, or None.
    """

    def __init__(
        self,
        collection: Collection | str | Path | None = None,
        encoder: Encoder | None = None,
        *,
        query: str | None = None,
        settings: OperatorSettings | None = None,
    ) -> None:
        check_given(collection, encoder, settings)
        if query is not None:
            check.text("query", query)
        super().__init__()
        allowed = allowed_settings(settings)
        self.hits: Hits | None = None
        self._answers = sample_answers()
        page = SearchWidget(
            self._receive,
            limits=page_limits(allowed),
            queries=[{"query": text, "right": sorted(ids)} for text, ids in self._answers.items()],
        )
        self._set_up_collection(collection, encoder, allowed, page, self._search_opened)
        self._searching = Job(self._main, self._show_status)
        self._own_work = (self._opened, self._searching)
        self._one_at_a_time = threading.Lock()
        self._ask = Ask(OPENING_QUERY if query is None and collection is None else query or "")
        page.observe(self._colour_rows, names="theme")
        self._put_query(self._ask.query)
        self._open_first(collection)

    def search(self, query: str) -> None:
        """Start a search and return at once; errors are shown on the page."""
        check.text("query", query)
        self._put_query(query)
        self._start(replace(self._ask, query=query, request=None))

    def cancel(self) -> None:
        """Cancel the search in progress; the page keeps what it shows."""
        self._searching.cancel()

    def _put_query(self, query: str) -> None:
        self.page.asked = {"version": self.page.asked.get("version", 0) + 1, "query": query}

    def _search_opened(self) -> None:
        """Search the collection that was just opened for what is asked."""
        self._ask = replace(self._ask, where={}, first_stage=None, second=None, k=FIRST_HITS)
        self.models.show_in_use()
        if self._ask.query.strip():
            self._start(self._ask)
        else:
            self.page.hits, self.page.second = {}, {}

    def _start(self, ask: Ask) -> None:
        self._ask = ask
        if not ask.query.strip():
            self._searching.fail("Type a query.")
            return
        if self.collection is None:  # it is searched when it opens
            return
        self._result.forget()
        self.state.against = None
        self._searching.start(
            lambda watch: self._work(ask, watch), self._show_second, "Searching …"
        )

    def _work(self, ask: Ask, watch: Watch) -> dict[str, Any]:
        """Search, and then a second time if that is asked for, on the worker thread."""
        opened = self._opened.opened
        if opened is None:
            raise ValueError("no collection is open")
        query = self.models.holder.watched(watch).embed_query(ask.query)
        is_sample = opened.source.kind == "sample"
        right = self._answers.get(ask.query.strip(), set()) if is_sample else set()
        with self._one_at_a_time:  # searches that nobody waits for any more must not pile up
            watch.check()
            answer = search(ask, opened, query, right, self.state.theme)
            watch.check()
            # The hits are seen before the picture of one of them is drawn.
            self._main.run(lambda: None if watch.stopped else self._show_hits(answer))
            return second(ask, answer, opened.collection, watch.check)

    def _still_shown(self, hits: Hits) -> int:
        """Return the position of the hit on show, if the query is the same; else of the best."""
        before = self.state.ranking
        if isinstance(before, Hits) and before.query.text == hits.query.text:
            chosen = before.documents[self.state.position].id
            for position, document in enumerate(hits.documents):
                if document.id == chosen:
                    return position
        return int(hits.order[0])

    def _show_hits(self, answer: Answer) -> None:
        position = self._still_shown(answer.hits)
        self.hits = answer.hits
        self.state.request = answer.rows["request"]
        with self.page.hold_sync():  # they belong together
            self.page.hits, self.page.second = {**answer.rows, "position": position}, {}
        self._result.show_ranking(answer.hits, position)
        self.save_again()

    def _show_second(self, second: dict[str, Any]) -> None:
        self.page.second = second

    def _colour_rows(self, _: Any) -> None:
        """Colour the marks of the hits in another theme."""
        shown = self.page.hits
        if self.hits is None or not shown:
            return
        entries = ranking_entries(self.hits, palette_of(self.page.theme))
        rows = [
            {**row, "marks": entry["marks"]}
            for row, entry in zip(shown["rows"], entries, strict=True)
        ]
        self.page.hits = {**shown, "rows": rows, "position": self._result.position}

    def _receive(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the reader does on the page."""
        match event:
            case "search":
                self._search_typed(fields)
            case "cancel":
                self.cancel()
            case "save_hits":
                self._save_hits(fields["kind"])
            case _:
                self._receive_about_collection(event, fields, buffers)

    def _search_typed(self, fields: dict[str, Any]) -> None:
        if len(fields["query"]) > self.settings.largest_text:
            self._searching.fail(
                f"The query must have at most {self.settings.largest_text:,} characters."
            )
            return
        self._start(Ask.of_page(fields, self._known))

    def _save_hits(self, kind: Any) -> None:
        hits = self.hits
        if hits is not None:
            self._send_file(lambda: exported_hits(kind, hits))

    def saved_text(self) -> str:
        """Return the last ranking as text."""
        if self.hits is None:
            return self._searching.status.problem or "Nothing has been searched for yet."
        return f"Query: {self.hits.query.text}\n{ranking_table(self.hits).text()}"

    def saved_html(self) -> str:
        """Return the same as HTML."""
        return super().saved_html() if self.hits is None else ranking_table(self.hits).html()
