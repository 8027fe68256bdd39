"""`RunButton`: work that takes a while starts when the reader asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import traitlets

from colbert_explain import argument_checks as check
from colbert_explain.app.jobs.job import Watch
from colbert_explain.app.teaching.form_with_result import FormWithWork, WorkingForm, form_files
from colbert_explain.app.teaching.revealed import Revealed
from colbert_explain.app.web.messages import Events, is_text
from colbert_explain.embeddings import Progress
from colbert_explain.views.html.saved_widget import static_text


class RunForm(WorkingForm):
    """The button, and what is chosen or typed before it is pressed."""

    _esm, _css = form_files("teaching/run_button.js")
    events: ClassVar[Events] = {"run": {"chosen": is_text}}

    label = traitlets.Unicode().tag(sync=True)
    #: What is chosen or typed, in a word.
    of = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)


class RunButton(FormWithWork):
    """Run something slow when the reader presses a button, and show what it returns.

    Parameters
    ----------
    label
        The text on the button, a verb.
    work
        Called on a thread of its own with what was chosen or typed ("" if there is no choice) and
        with a function to report progress, ``progress(done, total)``. Returns anything that a cell
        can show.
    options
        What can be chosen from a list.
    text
        The initial text of a field in which the reader may type.
    of
        The label of the list or the field.
    after
        A text in Markdown that appears below the first result.

    Raises
    ------
    ValueError
        If ``label`` is blank, or there are both ``options`` and ``text``.

    Examples
    --------
    >>> import colbert_explain as ce
    >>> count = ce.RunButton("Count", lambda text, progress: len(text.split()), text="cats eat")
    >>> count.run("A cat eats fish.")
    >>> count.wait()
    >>> count.result
    4
    """

    def __init__(
        self,
        label: str,
        work: Callable[[str, Progress], object],
        *,
        options: Sequence[str] = (),
        text: str = "",
        of: str = "",
        after: str = "",
    ) -> None:
        for name, words in (("label", label), ("text", text), ("of", of), ("after", after)):
            check.text(name, words)
        check.function("work", work, "chosen, progress")
        if work is None:
            raise ValueError("work must be a function that takes (chosen, progress), got None")
        shown = check.several("options", options, str)
        if not label.strip():
            raise ValueError("label must contain text, got nothing")
        if shown and text:
            raise ValueError("options and text must not be given together, got both")
        super().__init__()
        self.result: object = None
        self._label, self._work, self._after = label, work, after
        self._form = RunForm(self._receive, label=label, of=of, options=list(shown), text=text)
        self._lay_out_work(self._form, "ce-run-place")

    def run(self, chosen: str = "") -> None:
        """Start the work, as the button does, and return at once; errors are shown."""
        self._job.start(lambda watch: self._do(chosen, watch), self._show, "Working …")

    def _receive(self, _: str, fields: dict[str, Any], __: list[Any]) -> None:
        self.run(fields["chosen"])

    def _do(self, chosen: str, watch: Watch) -> tuple[object, Revealed]:
        def progress(done: int, total: int) -> None:
            watch.check()
            if total:
                watch.report(f"{done / total:.0%}", done / total)

        result = self._work(chosen, progress)
        watch.check()
        return result, Revealed.of(result)

    def _show(self, done: tuple[object, Revealed]) -> None:
        self.result, self._shown = done
        following = [Revealed.of_text(self._after)] if self._after else []
        self._place.outputs = tuple(each.output for each in (self._shown, *following))
        self.save_again()

    def __repr__(self) -> str:
        return f"RunButton({self._label!r})"

    def saved_text(self) -> str:
        """Return the result of the button's work, or its label."""
        return self._shown.text if self._shown else f"[{self._label}]"

    def saved_html(self) -> str:
        """Return the same as HTML."""
        return self._shown.html if self._shown else static_text(self.saved_text())
