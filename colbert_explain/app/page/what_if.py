"""What happens without some words of the document: masked at once, then encoded again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.analysis.occlusion import Occlusion, occlude
from colbert_explain.app.jobs.encoder_holder import EncoderHolder
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.job import Job, Status, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.app.state import WorkbenchState
from colbert_explain.views.page_data.what_if import what_if


@dataclass(frozen=True, slots=True)
class _Removal:
    """Words that were removed: their columns, their characters, and the score without them."""

    columns: tuple[int, int]
    span: tuple[int, int]
    answer: Occlusion


class WhatIfOnPage:
    """Writes ``page.what_if``: the words that the reader marked, and the score without them.

    Parameters
    ----------
    state
        The explanation in question. What was removed is kept for each document of a ranking.
    page
        Where it is shown.
    main
        Runs callbacks on the main thread.
    holder
        Encodes what is left.
    characters
        Returns the characters that some columns of the grid on show hold, None for none.
    ranks_all
        Whether a ranking on show holds every document, so that a new score has a rank.
    """

    def __init__(
        self,
        state: WorkbenchState,
        page: WorkbenchPage,
        main: MainThread,
        holder: EncoderHolder,
        characters: Callable[[int, int], tuple[int, int] | None],
        *,
        ranks_all: bool,
    ) -> None:
        self._state, self._page, self._holder = state, page, holder
        self._characters, self._ranks_all = characters, ranks_all
        self._job = Job(main, self._show_status)
        self._columns = self._span = (0, 0)
        self._answer: Occlusion | None = None
        #: By position in the ranking on show.
        self._kept: dict[int, _Removal] = {}
        self._ranking: Ranking | None = None
        state.observe(lambda _: self._leave(), names="explanation")
        state.observe(lambda _: self._forget(), names="options")  # the grid has other columns

    def remove(self, first: int, stop: int) -> None:
        """Remove the words of some columns; words removed before are put back."""
        x, span = self._state.explanation, self._characters(first, stop)
        if x is None or span is None:
            return
        self._columns, self._span, self._answer = (first, stop), span, None
        self._job.forget()
        self._kept.pop(self._state.position, None)
        try:
            self._show(occlude(x, span))
        except ValueError as error:
            self._job.fail(problem_sentence(error))
            return
        self._reencode_if_short()

    def reencode(self) -> None:
        """Encode what is left of the document."""
        x, span = self._state.explanation, self._span
        if x is None or self._answer is None:
            return

        def work(watch: Watch) -> Occlusion:
            return occlude(x, span, reencode=self._holder.watched(watch))

        self._job.start(work, self._show, "Encoding again …")

    def undo(self) -> None:
        """Put back what was removed from the document on show."""
        self._kept.pop(self._state.position, None)
        self._clear()

    def show_again(self) -> None:
        """Show what was removed from the document on show before another one was chosen."""
        kept = self._kept.get(self._state.position)
        if kept is None or self._answer is not None:
            return
        self._columns, self._span = kept.columns, kept.span
        self._show(kept.answer)
        self._reencode_if_short()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the rest is encoded again; for scripts and tests."""
        self._job.wait(timeout)

    def _reencode_if_short(self) -> None:
        """Encode what is left, unless that is known; of a long document only when asked for."""
        answer = self._answer
        if answer and answer.reencoded is None and answer.original.document.n_windows == 1:
            self.reencode()

    def _leave(self) -> None:
        """Clear the page for another explanation; one of another ranking has other documents."""
        ranking = self._state.ranking
        if ranking is None or ranking is not self._ranking:
            self._kept = {}
        self._ranking = ranking
        self._clear()

    def _forget(self) -> None:
        self._kept = {}
        self._clear()

    def _clear(self) -> None:
        self._answer = None  # first: the end of the work is told with the answer
        self._job.forget()
        self._page.what_if = {}

    def _show(self, answer: Occlusion) -> None:
        self._answer = answer
        self._kept[self._state.position] = _Removal(self._columns, self._span, answer)
        self._send(self._job.status)

    def _show_status(self, status: Status) -> None:
        if self._answer is not None or status.problem:
            self._send(status)

    def _send(self, status: Status) -> None:
        first, stop = self._columns
        answer = {} if self._answer is None else self._facts(self._answer)
        self._page.what_if = {
            "first": first,
            "stop": stop,
            "can_reencode": self._answer is not None and self._answer.reencoded is None,
            **answer,
            **status.as_dict(),
        }

    def _facts(self, answer: Occlusion) -> dict[str, Any]:
        state = self._state
        return what_if(answer, state.ranking if self._ranks_all else None, state.position)
