"""Forms of lessons, each with what comes of it below."""

from __future__ import annotations

import traitlets

from colbert_explain.app.jobs.job import Job, Status
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.teaching.revealed import Revealed
from colbert_explain.app.web.bundle import bundle
from colbert_explain.app.web.cell_display import ShownInCells
from colbert_explain.app.web.widget import PageBox, PageHtml, PageOutput, PageWidget
from colbert_explain.views.theme import css_variables


def form_files(entry: str) -> tuple[str, str]:
    """Return script and style sheet of a form, which has the colours of the theme with it."""
    script, style = bundle(entry)
    return script, f"{css_variables()}\n{style}"


class FormWithResult(ShownInCells, PageBox):
    """A form, and a place for what comes of it."""

    def _lay_out(self, form: PageWidget, class_name: str) -> None:
        """Put the place of the result below the form."""
        self._place = PageOutput()
        self.add_class(class_name)
        style = PageHtml(f"<style>{self.hiding_style}</style>")
        style.layout.display = "none"
        self.children = [style, form, self._place]


class WorkingForm(PageWidget):
    """Shows the status of a `Job`."""

    busy = traitlets.Bool(False).tag(sync=True)
    #: What is being done, in a few words.
    status = traitlets.Unicode().tag(sync=True)
    #: Share of the work done, 0 to 1; None while that is not known.
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    #: What went wrong, in a sentence; shown as text, never as markup.
    problem = traitlets.Unicode().tag(sync=True)

    def show_status(self, status: Status) -> None:
        """Show a status, in one message to the page."""
        with self.hold_sync():
            self.busy, self.status = status.busy, status.text
            self.progress, self.problem = status.share, status.problem


class FormWithWork(FormWithResult):
    """A form that starts work off the main thread, and a place for its result."""

    def _lay_out_work(self, form: WorkingForm, class_name: str) -> None:
        """Put the place of the result below the form, which shows how the work goes on."""
        self._main = MainThread()
        self._job = Job(self._main, form.show_status)
        self._shown: Revealed | None = None
        self._lay_out(form, class_name)

    def wait(self, timeout: float | None = None) -> None:
        """Block until the work that was started has finished and its result is shown.

        For scripts and tests; call it on the main thread.

        Raises
        ------
        TimeoutError
            If it has not finished after ``timeout`` seconds.
        """
        self._job.wait(timeout)
        self._main.run_pending()
