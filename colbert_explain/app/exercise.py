"""`Exercise`: a question whose right answer is computed, answered in the page or in the cell."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain import argument_checks as check
from colbert_explain.app.answer_key import AnswerKey, AnswerKind
from colbert_explain.app.cell_display import ShownInCells
from colbert_explain.app.exercise_form import ExerciseForm
from colbert_explain.app.page_widgets import PageBox, PageHtml, PageOutput
from colbert_explain.app.revealed import Revealed
from colbert_explain.views.html.saved_widget import static_exercise
from colbert_explain.views.theme import css_variables

HOW_TO_ANSWER = "To answer in the cell, set answer = your answer."
#: Most characters of an answer; the rest is cut off.
_LONGEST_ANSWER = 500


class Exercise(ShownInCells, PageBox):
    """Ask something that an explanation answers.

    The reader answers in the page, or writes the answer into the cell. The right answer stays in
    Python: before the reader has given it, it is neither in the page nor in a saved notebook.

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
        Why the answer is right; shown only after a right answer.
    hint
        Where to look; shown after a wrong answer.
    reveal
        Anything a cell can show, for a prediction: it appears after the reader has answered, right
        or wrong, or has asked to see it without an answer.

    Attributes
    ----------
    right, options, tolerance, kind
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
        reveal: object = None,
    ) -> None:
        for name, words in (("question", question), ("because", because), ("hint", hint)):
            check.text(name, words)
        if not question.strip():
            raise ValueError("question must contain text, got nothing")
        self._key = AnswerKey.of(right, options, tolerance)
        if answer is not ... and not self._key.accepts(answer):
            raise ValueError(f"answer is not right, got {answer!r}. {hint}".strip())
        super().__init__()
        self.question = question
        self._because, self._hint = because, hint
        self._hidden: object = reveal
        self._revealed: Revealed | None = None
        self._curtain = PageOutput()
        self._form = ExerciseForm(self.give, self.show)
        self._form.question, self._form.kind = question, self.kind
        self._form.options, self._form.curtain = list(self.options), reveal is not None
        self.add_class("ce-exercise-place")
        style = PageHtml(f"<style>{css_variables()}{self.hiding_style}</style>")
        style.layout.display = "none"
        self.children = [style, self._form, self._curtain]
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
        self._form.say("right" if right else "wrong", self._because if right else self._hint, given)
        self.show()
        return right

    def show(self) -> None:
        """Show what the exercise reveals."""
        if self._hidden is not None:
            self._form.curtain = False
            self._revealed, self._hidden = Revealed.of(self._hidden), None
            self._curtain.outputs = (self._revealed.output,)
        self.save_again()

    def __str__(self) -> str:
        lines = [f"Exercise: {self.question}"]
        if self.solved:
            return "\n".join(
                [*lines, f"Right: {self._form.outcome['given']}", self._because]
            ).strip()
        return "\n".join([*lines, *(f"- {option}" for option in self.options), HOW_TO_ANSWER])

    def __repr__(self) -> str:
        return str(self)

    def saved_text(self) -> str:
        """Return the question, the answer once it is right, and what has been revealed."""
        return str(self) if self._revealed is None else f"{self}\n\n{self._revealed.text}"

    def saved_html(self) -> str:
        """Return the same as HTML, with emphasis."""
        return static_exercise(
            self.question,
            options=self.options,
            given=self._form.outcome["given"] if self.solved else "",
            because=self._because if self.solved else "",
            how=HOW_TO_ANSWER,
            revealed="" if self._revealed is None else self._revealed.html,
        )
