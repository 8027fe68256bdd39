"""What if a span of the document were removed: masked at once, then encoded again."""

from __future__ import annotations

from colbert_explain.analysis.occlusion import Occlusion, occlude
from colbert_explain.app.background_job import BackgroundJob, MainThread
from colbert_explain.app.encoding_job import EncodingDesk
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.app.what_if_form import WhatIfForm
from colbert_explain.explanation import Explanation
from colbert_explain.views.widget_data.occlusion import occlusion_rows, text_units


class WhatIfPanel:
    """Removes spans from a document, one at a time, and remembers the earlier ones.

    Parameters
    ----------
    desk
        Encodes the rest again; without it, only the masked answer is given.
    main
        Runs callbacks on the main thread.
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
        """Show another document with nothing removed; None shows none."""
        if explanation is self.explanation:
            return
        self.explanation = explanation
        self._strikes = []
        self.form.units = {} if explanation is None else text_units(explanation.document)
        self._answer()

    def strike(self, start: int, end: int) -> None:
        """Remove characters from the document; characters removed before are put back."""
        if self.explanation is None:
            return
        self._strikes.append((start, end))
        self._answer()

    def undo(self) -> None:
        """Go back to the span that was removed before."""
        self._strikes = self._strikes[:-1]
        self._answer()

    def reset(self) -> None:
        """Put everything back."""
        self._strikes = []
        self._answer()

    def reencode(self) -> None:
        """Start encoding the document again without the span."""
        x, desk = self.explanation, self._desk
        if x is None or desk is None or not self._strikes:
            return
        start, end = self._strikes[-1]
        self._job.start(
            lambda stop, report: desk.occlude(x, start, end, stop=stop, report=report), self._show
        )

    def wait(self, timeout: float | None = None) -> None:
        """Block until the encoding has finished; for scripts and tests."""
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
        """Mask at once; also encode again if the document is short."""
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
