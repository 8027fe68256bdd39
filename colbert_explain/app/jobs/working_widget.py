"""A widget whose page shows how its work goes on."""

from __future__ import annotations

import traitlets

from colbert_explain.app.jobs.job import Status
from colbert_explain.app.web.widget import PageWidget


class WorkingWidget(PageWidget):
    """Shows the status of a `Job`: give the job ``show_status``."""

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
