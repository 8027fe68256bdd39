"""`Exercise`: a question whose right answer is computed, answered on the page or in the cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.app.teaching.answer_key import AnswerKey, AnswerKind
from colbert_explain.app.teaching.exercise_form import ExerciseForm
from colbert_explain.app.teaching.form_with_result import FormWithResult
from colbert_explain.app.teaching.revealed import Revealed
from colbert_explain.app.web.cell_display import is_dashboard
from colbert_explain.deprecation import renamed_argument
from colbert_explain.views.html.saved_widget import static_exercise

HOW_TO_ANSWER = "To answer in the cell, set answer = your answer."
#: Most characters of an answer; the rest is cut off.
_LONGEST_ANSWER = 500


class Exercise(FormWithResult):
    """Ask something that an explanation answers.

    The reader answers on the page, or writes the answer into the cell, or asks for it. Until then
    the right answer and all that follows stay in Python; a saved notebook keeps them collapsed.

    Parameters
    ----------
    question
        The question; text between ``*`` is emphasised, also in ``hint`` and ``because``.
    right
        The right answer, a text or a number, computed in the same notebook.
    answer
        The reader's answer, a text or a number; ``...`` leaves the question open. A wrong answer
        makes the cell fail.
    options
        The choices; without them, the reader types a word or a number.
    tolerance
        How far a number may be off.
    because
        Why the answer is right; shown together with it.
    hint
        Where to look; shown after a wrong answer.
    after
        What follows the question and stays hidden until it is answered: a text in Markdown,
        anything else that a cell can show, or a list of these.
    reveals
        Words and numbers that would give the answer away if they were on the page before it; by
        default the answer itself. Tests of a lesson look for them.

    Attributes
    ----------
    right, options, tolerance, kind, reveals
        As above; ``kind`` is ``"choice"``, ``"number"`` or ``"text"``.

    Raises
    ------
    ValueError
        If ``answer`` is wrong (the message gives the hint, not the right answer) or is not an
        answer; if ``question`` is empty; if ``right`` does not fit the options.

    Examples
    --------
    >>> answer = "per"  # put ... here to be asked
    >>> print(Exercise("Which word comes before *day*?", right="per", answer=answer))
    Exercise: Which word comes before *day*?
    Right: per
    """

    @renamed_argument("reveal", "after")
    def __init__(
        self,
        question: str,
        *,
        right: object,
        answer: object = ...,
        options: Sequence[str] = (),
        tolerance: float | int = 0,
        because: str = "",
        hint: str = "",
        after: object = (),
        reveals: Sequence[str] | None = None,
    ) -> None:
        for name, words in (("question", question), ("because", because), ("hint", hint)):
            check.text(name, words)
        if not question.strip():
            raise ValueError("question must contain text, got nothing")
        self._key = AnswerKey.of(right, options, tolerance)
        if reveals is not None:
            reveals = check.several("reveals", reveals, str)
        self.reveals: tuple[str, ...] = tuple(reveals or (self._key.text,))
        if answer is not ... and not self._key.accepts(answer):
            raise ValueError(f"answer is not right, got {answer!r}. {hint}".strip())
        super().__init__()
        self.question = question
        self._because, self._hint, self._after = because, hint, after
        self._form = ExerciseForm(
            self._receive, question=question, kind=self.kind, options=list(self.options)
        )
        self._lay_out(self._form, "ce-exercise-place")
        if answer is not ...:
            self.give(str(answer))

    @property
    def right(self) -> str | float:
        """The right answer."""
        return self._key.right

    @property
    def options(self) -> tuple[str, ...]:
        """The choices; empty if the answer is typed."""
        return self._key.options

    @property
    def tolerance(self) -> float:
        """How far a number may be off."""
        return self._key.tolerance

    @property
    def kind(self) -> AnswerKind:
        """How the answer is given."""
        return self._key.kind

    @property
    def solved(self) -> bool:
        """Whether the last answer was right."""
        return self._form.outcome.get("verdict") == "right"

    def give(self, answer: str) -> bool:
        """Answer as a reader does on the page, and return whether it is right; never raises."""
        given = self._key.option(answer[:_LONGEST_ANSWER])
        try:
            right = self._key.accepts(given)
        except ValueError as problem:
            self._form.say("unclear", f"{str(problem)[:1].upper()}{str(problem)[1:]}.", given)
            return False
        if right:
            self._form.say("right", self._because, given, self._key.text)
            self._open()
        else:
            self._form.say("wrong", self._hint, given)
        return right

    def show(self) -> None:
        """Show the right answer and all that follows it, as when the reader asks for it."""
        given = self._form.outcome.get("given", "")
        self._form.say("shown", self._because, given, self._key.text)
        self._open()

    def _receive(self, event: str, fields: dict[str, Any], _: list[Any]) -> None:
        if event == "answer":
            self.give(fields["given"])
        else:
            self.show()

    def _open(self) -> None:
        if not self._place.outputs:
            self._place.outputs = tuple(each.output for each in self._following)
        self.save_again()

    @cached_property
    def _following(self) -> tuple[Revealed, ...]:
        parts = self._after if isinstance(self._after, list | tuple) else [self._after]
        return tuple(
            Revealed.of_text(part) if isinstance(part, str) else Revealed.of(part)
            for part in parts
            if part is not None
        )

    def __str__(self) -> str:
        lines = [f"Exercise: {self.question}"]
        if self._form.answer:
            return "\n".join([*lines, f"Right: {self._form.answer}", self._because]).strip()
        return "\n".join([*lines, *(f"- {option}" for option in self.options), HOW_TO_ANSWER])

    def __repr__(self) -> str:
        return str(self)

    def saved_text(self) -> str:
        """Return the question; once it is answered, also the answer and what follows."""
        following = self._following if self._form.answer else ()
        return "\n\n".join([str(self), *(each.text for each in following)])

    def saved_html(self) -> str:
        """Return all of it as HTML; until the question is answered, the answer is collapsed."""
        return static_exercise(
            self.question,
            options=self.options,
            answer=self._key.text,
            because=self._because,
            following=[each.html for each in self._following],
            is_open=bool(self._form.answer),
        )

    def saved_forms(self) -> dict[str, Any]:
        """Return what a notebook keeps; a served page keeps nothing, and hides the answer."""
        return {"text/plain": str(self)} if is_dashboard() else super().saved_forms()
