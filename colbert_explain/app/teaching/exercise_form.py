"""The card of an exercise; it does not hold the right answer before the reader may see it."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from colbert_explain.app.teaching.form_with_result import form_files
from colbert_explain.app.web.messages import Events, is_text
from colbert_explain.app.web.widget import PageWidget


class ExerciseForm(PageWidget):
    """A question, a way to answer it, and the response to the answer."""

    _esm, _css = form_files("teaching/exercise_form.js")
    #: What the reader has chosen or typed; and that the reader asks for the answer.
    events: ClassVar[Events] = {"answer": {"given": is_text}, "show": {}}

    question = traitlets.Unicode().tag(sync=True)
    #: ``"choice"``, ``"number"`` or ``"text"``.
    kind = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: The right answer, once it has been given or asked for.
    answer = traitlets.Unicode().tag(sync=True)
    #: ``verdict`` (right, wrong, shown, or unclear if it was not an answer), the texts ``said`` and
    #: ``given``; ``tries`` counts wrong answers; ``number`` counts, so that the page also responds
    #: to the same wrong answer again.
    outcome = traitlets.Dict().tag(sync=True)

    def say(self, verdict: str, said: str, given: str, answer: str = "") -> None:
        """Show a response to the reader, and from now on the right answer if it is given."""
        number = self.outcome.get("number", 0) + 1
        tries = self.outcome.get("tries", 0) + (verdict == "wrong")
        with self.hold_sync():
            self.answer = answer or self.answer
            self.outcome = {
                "verdict": verdict,
                "said": said,
                "given": given,
                "tries": tries,
                "number": number,
            }
