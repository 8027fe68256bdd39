"""The card of an exercise; it does not hold the right answer before the reader gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_text
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class ExerciseForm(PageWidget):
    """A question, a way to answer it, and the response to the answer.

    Parameters
    ----------
    on_answer
        Called with what the reader has chosen or typed.
    on_skip
        Called when the reader asks to see the hidden output without an answer.
    """

    _esm = page_script("exercise_form.js")
    _css = page_text("python_link.css", "exercise_form.css")
    events: ClassVar[Events] = {"answer": {"given": is_text}, "skip": {}}

    question = traitlets.Unicode().tag(sync=True)
    #: ``"choice"``, ``"number"`` or ``"text"``.
    kind = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Whether there is something left to reveal.
    curtain = traitlets.Bool(False).tag(sync=True)
    #: ``verdict`` (right, wrong, or unclear if it was not an answer), ``said`` and ``given``, both
    #: text; ``number`` counts, so that the page also responds to the same wrong answer again.
    outcome = traitlets.Dict().tag(sync=True)

    def __init__(self, on_answer: Callable[[str], object], on_skip: Callable[[], object]) -> None:
        super().__init__()
        self._on_answer, self._on_skip = on_answer, on_skip

    def say(self, verdict: str, said: str, given: str) -> None:
        """Show a response to the reader."""
        number = self.outcome.get("number", 0) + 1
        self.outcome = {"verdict": verdict, "said": said, "given": given, "number": number}

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "answer":
            self._on_answer(fields["given"])
        else:
            self._on_skip()
