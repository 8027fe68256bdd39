"""Ways to save an explanation: files, pictures of the heatmap, the Python that makes it."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from colbert_explain.analysis import Ranking
from colbert_explain.app.background_job import BackgroundJob, MainThread, Report
from colbert_explain.app.exported_files import ExportedFile, exported_file, file_stem
from colbert_explain.app.page_messages import Events, is_text
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text
from colbert_explain.app.reproducing_code import reproducing_code
from colbert_explain.explanation import Explanation

#: Most bytes of a message to the page: a file is sent in parts that no proxy drops.
PART = 1024 * 1024


class ExportPanel(PageWidget):
    """Buttons, and a field with code; the page draws pictures without Python.

    Parameters
    ----------
    main
        Runs callbacks on the main thread.
    """

    _esm = page_script("export_panel.js")
    _css = page_text("export_panel.css")
    events: ClassVar[Events] = {"export": {"kind": is_text}, "cancel": {}}

    #: Name of the files, without an extension.
    stem = traitlets.Unicode().tag(sync=True)
    #: Whether there is a ranking to save.
    ranked = traitlets.Bool(False).tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, main: MainThread) -> None:
        super().__init__()
        self._job = BackgroundJob(self, main)
        self._number = 0
        self._explanation: Explanation | None = None
        self._ranking: Ranking | None = None
        self._position = 0

    def show(self, explanation: Explanation, ranking: Ranking | None, position: int) -> None:
        """Offer an explanation and its ranking; cancel writing a file of another explanation."""
        self._job.forget()
        self._explanation, self._ranking, self._position = explanation, ranking, position
        self.stem, self.ranked = file_stem(explanation.query.text), ranking is not None

    def write_code(self, options: dict[str, Any], pinned: tuple[int, int] | None) -> None:
        """Write the Python that makes the current view, with these options of `heatmap`."""
        if self._explanation is not None:
            self.code = reproducing_code(
                self._explanation,
                options,
                pinned=pinned,
                ranking=self._ranking,
                position=self._position,
            )

    def wait(self, timeout: float | None = None) -> None:
        """Block until the file that was asked for is written; for scripts and tests."""
        self._job.wait(timeout)

    def _export(self, kind: str) -> None:
        x, ranking = self._explanation, self._ranking
        if x is None:
            return

        def work(_: Any, report: Report) -> ExportedFile:
            report("Writing the file …", None)
            return exported_file(kind, x, ranking)

        self._job.start(work, self._deliver)

    def _deliver(self, file: ExportedFile) -> None:
        self._number += 1
        parts = [file.content[k : k + PART] for k in range(0, len(file.content), PART)] or [b""]
        for index, part in enumerate(parts):
            self.send(
                {
                    "event": "part",
                    "number": self._number,
                    "index": index,
                    "count": len(parts),
                    "name": file.name,
                    "mime": file.mime,
                },
                buffers=[part],
            )

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "export":
            self._export(fields["kind"])
        else:
            self._job.cancel()
