"""What happens without some words of the document: masked at once, then encoded again."""

from __future__ import annotations

from collections.abc import Callable

from colbert_explain.analysis.occlusion import Occlusion, occlude
from colbert_explain.app.jobs.encoder_holder import EncoderHolder
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.job import Job, Status, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.app.state import WorkbenchState
from colbert_explain.views.page_data.what_if import what_if


class WhatIfOnPage:
    """Writes ``page.what_if``: the words that the reader marked, and the score without them.

    Parameters
    ----------
    state
        The explanation in question; another one clears what was marked.
    page
        Where it is shown.
    main
        Runs callbacks on the main thread.
    holder
        Encodes what is left.
    characters
        Returns the characters that some columns of the grid on show hold, None for none.
    """

    def __init__(
        self,
        state: WorkbenchState,
        page: WorkbenchPage,
        main: MainThread,
        holder: EncoderHolder,
        characters: Callable[[int, int], tuple[int, int] | None],
    ) -> None:
        self._state, self._page, self._holder = state, page, holder
        self._characters = characters
        self._job = Job(main, self._show_status)
        self._columns = self._span = (0, 0)
        self._answer: Occlusion | None = None
        state.observe(lambda _: self.undo(), names=["explanation", "options"])

    def remove(self, first: int, stop: int) -> None:
        """Remove the words of some columns; words removed before are put back."""
        x, span = self._state.explanation, self._characters(first, stop)
        if x is None or span is None:
            return
        self._job.forget()
        self._columns, self._span, self._answer = (first, stop), span, None
        try:
            self._show(occlude(x, span))
        except ValueError as error:
            self._job.fail(problem_sentence(error))
            return
        if x.document.n_windows == 1:  # a long document only when it is asked for
            self.reencode()

    def reencode(self) -> None:
        """Encode what is left of the document."""
        x, span = self._state.explanation, self._span
        if x is None or self._answer is None:
            return

        def work(watch: Watch) -> Occlusion:
            return occlude(x, span, reencode=self._holder.watched(watch))

        self._job.start(work, self._show, "Encoding again …")

    def undo(self) -> None:
        """Put everything back."""
        self._job.forget()
        self._answer, self._page.what_if = None, {}

    def wait(self, timeout: float | None = None) -> None:
        """Block until the rest is encoded again; for scripts and tests."""
        self._job.wait(timeout)

    def _show(self, answer: Occlusion) -> None:
        self._answer = answer
        self._send(self._job.status)

    def _show_status(self, status: Status) -> None:
        if self._answer is not None or status.problem:
            self._send(status)

    def _send(self, status: Status) -> None:
        first, stop = self._columns
        answer = {} if self._answer is None else what_if(self._answer)
        self._page.what_if = {
            "first": first,
            "stop": stop,
            "can_reencode": self._answer is not None and self._answer.reencoded is None,
            **answer,
            **status.as_dict(),
        }
