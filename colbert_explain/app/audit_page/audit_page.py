"""`AuditPage`: see where a search fails, why, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.app.audit_page.audit_widget import AuditWidget
from colbert_explain.app.audit_page.auditing import (
    DEPTHS,
    Ask,
    Measured,
    audited,
    measured,
    page_data,
)
from colbert_explain.app.audit_page.exported_audit import exported_audit
from colbert_explain.app.audit_page.judged_by import JudgedBy, judgments_beside
from colbert_explain.app.audit_page.query_changes import QueryChanges
from colbert_explain.app.audit_page.query_on_show import QueryOnShow, query_on_show
from colbert_explain.app.audit_page.two_runs import second_run, two_runs
from colbert_explain.app.audit_page.waiting_files import WaitingFiles
from colbert_explain.app.collections.collection_page import (
    CollectionPage,
    allowed_settings,
    check_given,
)
from colbert_explain.app.collections.opened_collection import Opened
from colbert_explain.app.collections.sources import SourceRefused, allowed_place
from colbert_explain.app.inputs.limits import page_limits
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.job import Job, Status, Watch
from colbert_explain.embeddings import Encoder
from colbert_explain.evaluation import Comparison, Run
from colbert_explain.evaluation.audit import Audit
from colbert_explain.evaluation.files import existing_file, judgments_of, texts_of
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.search import Collection
from colbert_explain.views.html.audit_table import audit_table

#: How deep a right document may be at first. The queries of the sample were made to be difficult,
#: and most of them are found within the first ten.
_DEPTH, _DEPTH_OF_SAMPLE = 10, 1


class AuditPage(CollectionPage):
    """See which queries a search loses, why, and what would change it.

    The page opens with the sample collection and its 40 judged queries. Queries, judgments and runs
    can be dropped onto it, or given here; without a run, the collection is searched.

    Parameters
    ----------
    collection
        What is searched: a collection, or the path of a saved one, of a folder or of a file; by
        default the sample.
    encoder
        Encodes queries and documents; by default that of the collection, else the bundled one.
    queries, qrels
        As `evaluate` takes them; by default those in the folder of the collection, if any.
    run
        What a search has found, or the path of its file; by default the collection is searched.
    k
        A query is found if a right document is among the first ``k``: 1, 3, 5, 10, 20, 50 or 100;
        by default 10, for the sample 1.
    settings
        Limits, and what may be opened on the page; by default read from the environment
        (`OperatorSettings.from_environment`). In a notebook of your own, any path may be opened.

    Attributes
    ----------
    audit
        The causes of the lost queries, or None while they are not known.
    comparison
        Two runs compared, or None.
    """

    def __init__(
        self,
        collection: Collection | str | Path | None = None,
        encoder: Encoder | None = None,
        *,
        queries: Mapping[str, str] | str | Path | None = None,
        qrels: Mapping[str, Mapping[str, int]] | str | Path | None = None,
        run: Run | str | Path | None = None,
        k: int | None = None,
        settings: OperatorSettings | None = None,
    ) -> None:
        check_given(collection, encoder, settings)
        if k is not None and check.whole_number("k", k) not in DEPTHS:
            raise ValueError(f"k must be one of {', '.join(map(str, DEPTHS))}, got {k}")
        given = _given(queries, qrels, run)
        super().__init__()
        allowed = allowed_settings(settings)
        self.audit: Audit | None = None
        self.comparison: Comparison | None = None
        self._judged, self._depth = given, k
        self._shown_source: str | None = None
        self._ask = Ask()
        self._found: Measured | None = None
        #: What the last run was measured with, and the last causes looked for with.
        self._measured_with: Any = None
        self._audited_with: Any = None
        self._on_show: QueryOnShow | None = None
        page = AuditWidget(self._receive, limits=page_limits(allowed))
        self._set_up_collection(collection, encoder, allowed, page, self._audit_opened)
        self._files = WaitingFiles(self._main, self._show_judged)
        self._auditing = Job(self._main, self._show_auditing)
        self._choosing = Job(self._main, self._show_status)
        self._changes = QueryChanges(self._main, lambda shown: setattr(page, "changes", shown))
        self._own_work = (
            *(self._opened, self._files, self._auditing, self._choosing),
            *(self._result, self._changes),
        )
        self._show_judged()
        self._open_first(collection)

    def cancel(self) -> None:
        """Cancel the audit in progress; what was found so far stays."""
        self._auditing.cancel()

    def choose_query(self, query_id: str) -> None:
        """Show a query that was audited; anything else is ignored."""
        found, opened = self._found, self._opened.opened
        if found is None or opened is None or query_id not in found.ranks:
            return
        ask, causes, given = self._ask, self.audit, self._judged
        self._result.forget()
        self._changes.forget()
        self._choosing.start(
            lambda watch: self._drawn_query(query_id, ask, found, causes, given, opened, watch),
            lambda done: self._show_query(*done),
            "Reading …",
        )

    def _audit_opened(self) -> None:
        """Audit the collection that was just opened."""
        self.models.show_in_use()
        opened = self._opened.opened
        if opened is not None and opened.source.key != self._shown_source:
            is_first = self._shown_source is None
            self._shown_source = opened.source.key
            beside = judgments_beside(opened.source)
            if is_first:
                self._judged = self._judged.over(beside)
            elif beside.is_complete:
                self._judged = beside
            elif self._judged.comes_with_collection:
                self._judged = JudgedBy()
            usual = _DEPTH_OF_SAMPLE if opened.source.kind == "sample" else _DEPTH
            self._ask = Ask(
                "exact" if self._judged.run is None else "given",
                usual if self._depth is None else self._depth,
                None if self._judged.second is None else "given",
            )
        self._show_judged()
        self._start()

    def _start(self) -> None:
        """Audit what is open for what is asked."""
        ask, given, opened = self._ask, self._judged, self._opened.opened
        self.page.asked = {**asdict(ask), "depths": list(DEPTHS)}
        if opened is None:
            return
        if not given.is_complete:
            self._auditing.forget()
            self._show_nothing()
            return
        if not self._is_measured(ask, given, opened):
            self._show_nothing()
        self._auditing.start(
            lambda watch: self._work(ask, given, opened, watch),
            lambda done: self._show_all(*done),
            "Searching …",
        )

    def _is_measured(self, ask: Ask, given: JudgedBy, opened: Opened) -> bool:
        if self._measured_with is None:
            return False
        searched, judged, collection = self._measured_with
        return searched == ask.searched and judged is given and collection is opened

    def _work(self, ask: Ask, given: JudgedBy, opened: Opened, watch: Watch) -> Any:
        """Search, measure, look for causes and compare, on the worker thread."""
        collection = self._watched(opened, watch)
        found = self._found
        if found is None or not self._is_measured(ask, given, opened):
            found = measured(ask, given, collection, watch)
        known = found  # for mypy: it is not None below
        with_ = (ask.searched, given, opened)
        self._main.run(lambda: None if watch.stopped else self._show_measured(ask, known, with_))
        if self._on_show is None and found.ranks:  # it is seen before the causes are known
            first = known.first(ask.k)
            shown = self._drawn_query(first, ask, known, None, given, opened, watch)
            self._main.run(lambda: None if watch.stopped else self._show_first(known, *shown))
        causes = self.audit
        if causes is None or self._audited_with != (known, ask.k):
            causes = replace(
                audited(ask, known, given, collection, watch), collection=opened.collection
            )
        self._main.run(lambda: None if watch.stopped else self._show_causes(ask, known, causes))
        if ask.second is None:
            return None, {}
        second = second_run(ask, given, known, collection, watch)
        return two_runs(known, second, given, collection, watch)

    def _watched(self, opened: Opened, watch: Watch) -> Collection:
        """Return the open collection with an encoder that stops when work is cancelled."""
        return Collection(opened.collection.engine, self.models.holder.watched(watch))

    def _drawn_query(
        self,
        query_id: str,
        ask: Ask,
        found: Measured,
        causes: Audit | None,
        given: JudgedBy,
        opened: Opened,
        watch: Watch,
    ) -> Any:
        """Find the documents of a query and draw the winner, on a worker thread."""
        collection = self._watched(opened, watch)
        shown = query_on_show(query_id, ask, found, causes, given, collection)
        watch.check()
        first = shown.winner if shown.winner is not None else shown.right or 0
        drawn = self._result.draw(
            explanation=shown.ranking.explanations[first],
            ranking=shown.ranking,
            position=first,
            name=shown.ranking.names[first],
            pinned=None,
            request=None,
            against=shown.right,
        )
        return shown, drawn

    def _show_first(self, found: Measured, shown: QueryOnShow, drawn: Any) -> None:
        """Show the first query, unless the reader was quicker and chose another."""
        if self._found is found and self._on_show is None and not self._choosing.status.busy:
            self._show_query(shown, drawn)

    def _show_measured(self, ask: Ask, found: Measured, measured_with: Any) -> None:
        self._found, self._measured_with = found, measured_with
        if self._audited_with != (found, ask.k):
            self.audit = None
        self._write_audit()

    def _show_causes(self, ask: Ask, found: Measured, causes: Audit) -> None:
        self.audit, self._audited_with = causes, (found, ask.k)
        self._write_audit()
        on_show = self._on_show
        if on_show is not None and on_show.k != ask.k:  # it may be found now, or lost
            self.choose_query(on_show.audited.query_id)
        self.save_again()

    def _show_all(self, comparison: Comparison | None, data: dict[str, Any]) -> None:
        self.comparison, self.page.comparison = comparison, data

    def _write_audit(self) -> None:
        found = self._found
        if found is not None:
            self.page.audit = page_data(found, self.audit, self._ask.k, self._judged.queries or {})

    def _show_nothing(self) -> None:
        """Empty the page: what it showed belongs to something else."""
        self._result.forget()
        self._changes.forget()
        self._choosing.forget()
        self.audit = self.comparison = self._found = self._on_show = None
        self._measured_with = self._audited_with = None
        self.state.show_nothing()
        with self.page.hold_sync():
            self.page.audit, self.page.chosen = {}, {}
            self.page.comparison, self.page.result = {}, {}

    def _show_query(self, shown: QueryOnShow, drawn: Any) -> None:
        self._on_show = shown
        self.state.against = shown.right
        with self.page.hold_sync():  # they belong together
            self.page.chosen = {**shown.page_data(), "shown": "winner"}
            self._result.show(*drawn)
        self._try_changes()

    def _take_sides(self, winner: int, right: int, side: str) -> None:
        """Compare two other documents of the query on show, one of which is shown."""
        on_show = self._on_show
        places = range(0 if on_show is None else len(on_show.ranking))
        if on_show is None or winner not in places or right not in places or winner == right:
            return
        before = self.page.chosen
        first, second = (winner, right) if side == "winner" else (right, winner)
        self.page.chosen = {**before, "winner": winner, "right": right, "shown": side}
        self.state.against = second
        if first == self._result.position:
            self._result.redraw()
        else:
            self._result.choose(first)
        if (before["winner"], before["right"]) != (winner, right):
            self._try_changes()

    def _try_changes(self) -> None:
        """Re-encode what may change the order of the two documents that are compared."""
        on_show, opened, sides = self._on_show, self._opened.opened, self.page.chosen
        winner, right = sides["winner"], sides["right"]
        if on_show is None or opened is None or winner is None or right is None:
            self._changes.forget()
            return
        self._changes.start(
            lambda watch: on_show.pair(winner, right, self._watched(opened, watch)), on_show.k
        )

    def _receive(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the reader does on the page."""
        match event:
            case "audit":
                self._take_ask(Ask(fields["searched"], fields["k"], fields["second"]))
            case "cancel":
                self.cancel()
            case "choose_query":
                self.choose_query(fields["id"])
            case "sides":
                self._take_sides(fields["winner"], fields["right"], fields["shown"])
            case "reword":
                self._changes.reword(fields["query"], self.settings.largest_text)
            case "use_files":
                self._files.use(fields["uses"], self._judged, self._use)
            case "refuse_files":
                self._files.refuse()
            case "name_files":
                self._name_files(fields["name"])
            case "leave_out":
                self._leave_out(fields["role"])
            case "save_audit":
                self._save_audit(fields["kind"])
            case "refuse_index":
                self._receive_about_collection(event, fields, buffers)
                if not self.page.audit:  # it was emptied for the documents that were refused
                    self._start()
            case _:
                self._receive_about_collection(event, fields, buffers)

    def _take_ask(self, ask: Ask) -> None:
        if ask.searched == "given" and self._judged.run is None:
            ask = replace(ask, searched="exact")
        if ask.second == "given" and self._judged.second is None:
            ask = replace(ask, second=None)
        self._ask = ask
        self._start()

    def _use(self, given: JudgedBy, documents: Path | None, label: str) -> None:
        """Take what was read from files; documents among them are opened first."""
        before, self._judged = self._judged, given
        searched = "given" if given.run is not before.run else self._ask.searched
        second = "given" if given.second is not before.second else self._ask.second
        self._ask = replace(self._ask, searched=searched, second=second)
        self._show_judged()
        if documents is None:
            self._start()
        else:
            self._show_nothing()
            super()._use_dropped(documents, label)

    def _use_dropped(self, folder: Path, label: str) -> None:
        """Look what the files are that were dropped, and ask how to use them."""
        self._files.look_at(folder, self._judged, is_dropped=True)

    def _name_files(self, name: str) -> None:
        try:
            place = allowed_place(name, self.settings)
        except SourceRefused as error:
            self._files.fail(problem_sentence(error))
            return
        self._files.look_at(place, self._judged, is_dropped=False)

    def _leave_out(self, role: str) -> None:
        self._judged = self._judged.without(role)
        self._show_judged()
        self._take_ask(self._ask)

    def _show_judged(self) -> None:
        self.page.judged = {
            "given": self._judged.facts(),
            "missing": self._judged.missing(),
            **self._files.page_data(),
        }

    def _show_auditing(self, status: Status) -> None:
        self.page.auditing = status.as_dict()

    def _save_audit(self, kind: Any) -> None:
        found, causes, comparison = self._found, self.audit, self.comparison
        if found is not None:
            self._send_file(lambda: exported_audit(kind, causes, found.run, comparison))

    def saved_text(self) -> str:
        """Return the last audit as text."""
        if self.audit is None:
            return self._auditing.status.problem or "Nothing has been audited yet."
        return audit_table(self.audit).text()

    def saved_html(self) -> str:
        """Return the same as HTML."""
        return super().saved_html() if self.audit is None else audit_table(self.audit).html()


def _given(queries: Any, qrels: Any, run: Any) -> JudgedBy:
    """Read what a notebook gives."""
    names = {
        role: "given to this page"
        for role, value in (("queries", queries), ("judged", qrels), ("run", run))
        if value is not None
    }
    if isinstance(run, str | Path):
        run = Run.read(existing_file("run", run))
    elif run is not None:
        check.instance("run", run, Run, "or a path")
    return JudgedBy(
        None if queries is None else texts_of(queries),
        None if qrels is None else judgments_of(qrels),
        run,
        names=names,
    )
