"""What if a stretch of the document were not there: masked at once, then encoded again."""

from __future__ import annotations

from colbert_explain.analysis.occlusion import Occlusion, occlude
from colbert_explain.app.background_job import BackgroundJob, MainThread
from colbert_explain.app.encoding_job import EncodingDesk
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.app.what_if_form import WhatIfForm
from colbert_explain.explanation import Explanation
from colbert_explain.views.widget_data.occlusion import occlusion_rows, text_units


class WhatIfPanel:
    """Strikes stretches out of a document, one at a time, and remembers the ones before.

    Parameters
    ----------
    desk
        Where the rest is encoded again; without one only the masked answer is given.
    main
        How to get back to where widgets live.
    """

    def __init__(self, desk: EncodingDesk | None, main: MainThread) -> None:
        self.form = WhatIfForm(self.strike, self._event)
        self.form.can_reencode = desk is not None
        self.answer: Occlusion | None = None
        self._desk = desk
        self._job = BackgroundJob(self.form, main)
        self.explanation: Explanation | None = None
        self._strikes: list[tuple[int, int]] = []

    def show(self, explanation: Explanation | None) -> None:
        """Begin with another document, nothing struck out; None shows none."""
        if explanation is self.explanation:
            return
        self.explanation = explanation
        self._strikes = []
        self.form.units = {} if explanation is None else text_units(explanation.document)
        self._answer()

    def strike(self, start: int, end: int) -> None:
        """Take characters out of the document; what was out before is back in."""
        if self.explanation is None:
            return
        self._strikes.append((start, end))
        self._answer()

    def undo(self) -> None:
        """Go back to what was struck out before."""
        self._strikes = self._strikes[:-1]
        self._answer()

    def reset(self) -> None:
        """Strike nothing out."""
        self._strikes = []
        self._answer()

    def reencode(self) -> None:
        """Start encoding the document again without the stretch."""
        x, desk = self.explanation, self._desk
        if x is None or desk is None or not self._strikes:
            return
        start, end = self._strikes[-1]
        self._job.start(
            lambda stop, report: desk.occlude(x, start, end, stop=stop, report=report), self._show
        )

    def wait(self, timeout: float | None = None) -> None:
        """Block until what is being encoded has been encoded; for scripts and tests."""
        self._job.wait(timeout)

    def _event(self, event: str) -> None:
        acts = {
            "cancel": self._job.cancel,
            "reencode": self.reencode,
            "undo": self.undo,
            "reset": self.reset,
        }
        acts[event]()

    def _answer(self) -> None:
        """Mask at once; encode again where that takes a moment only."""
        self._job.forget()
        self.form.n_undo = len(self._strikes)
        self.form.struck = list(self._strikes[-1]) if self._strikes else []
        if not self._strikes or self.explanation is None:
            self.answer, self.form.answer = None, {}
            return
        try:
            masked = occlude(self.explanation, self._strikes[-1])
        except ValueError as error:
            self.answer, self.form.answer = None, {}
            self.form.problem = problem_sentence(error)
            return
        self._show(masked)
        if self.explanation.document.n_windows == 1:
            self.reencode()

    def _show(self, occlusion: Occlusion) -> None:
        self.answer, self.form.answer = occlusion, occlusion_rows(occlusion)
