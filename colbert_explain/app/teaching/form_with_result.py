"""`FormWithResult`: a form, and below it what its work has made."""

from __future__ import annotations

from colbert_explain.app.jobs.job import Job
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.jobs.working_widget import WorkingWidget
from colbert_explain.app.teaching.revealed import Revealed
from colbert_explain.app.web.cell_display import ShownInCells
from colbert_explain.app.web.widget import PageBox, PageHtml, PageOutput


class FormWithResult(ShownInCells, PageBox):
    """A form that starts work off the main thread, and a place for its result."""

    def _lay_out(self, form: WorkingWidget, class_name: str) -> None:
        """Put the place of the result below the form."""
        self._main = MainThread()
        self._job = Job(self._main, form.show_status)
        self._place = PageOutput()
        self._shown: Revealed | None = None
        self.add_class(class_name)
        style = PageHtml(f"<style>{self.hiding_style}</style>")
        style.layout.display = "none"
        self.children = [style, form, self._place]

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
