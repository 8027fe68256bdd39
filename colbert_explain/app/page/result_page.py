"""`ResultPage`: what every page has that shows explanations and lets a reader look into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from colbert_explain.app.export.exported_files import ExportedFile, exported_file
from colbert_explain.app.export.file_sender import FileSender
from colbert_explain.app.jobs.job import Job, Status
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.models.selection import ModelSelection
from colbert_explain.app.page.result import ResultOnPage
from colbert_explain.app.page.sections import SectionsOnPage
from colbert_explain.app.page.what_if import WhatIfOnPage
from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.app.state import WorkbenchState
from colbert_explain.app.web.cell_display import ShownInCells
from colbert_explain.app.web.widget import PageBox, PageHtml
from colbert_explain.embeddings import Encoder
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.views.theme import THEMES, css_variables


class Waited(Protocol):
    """Work that may be waited for."""

    def wait(self, timeout: float | None = None) -> None:
        """Block until it has finished."""


class ResultPage(ShownInCells, PageBox):
    """A page with an encoder, a result on show, and what a reader may ask about it."""

    settings: OperatorSettings
    state: WorkbenchState
    page: WorkbenchPage
    models: ModelSelection
    #: Whether its rankings hold every document, rather than the best ones.
    ranks_all: ClassVar[bool] = False
    #: What makes the results, in the order in which one waits for the other.
    _own_work: tuple[Waited, ...] = ()

    def _set_up(
        self,
        page: WorkbenchPage,
        encoder: Encoder | None,
        settings: OperatorSettings,
        on_model: Callable[[], object],
        result: type[ResultOnPage] = ResultOnPage,
    ) -> None:
        """Connect the parts of the page.

        Parameters
        ----------
        page
            The widget that is the page.
        encoder, settings, on_model
            As `ModelSelection` takes them; ``on_model`` is called after a change of encoder.
        result
            What draws the result.
        """
        self.page, self.settings, self.state = page, settings, WorkbenchState()
        self._main = main = MainThread()
        self.models = ModelSelection(
            encoder, settings, main, lambda shown: setattr(page, "models", shown), on_model
        )
        self._result = result(self.state, page, main, self._show_problem, self._follow_result)
        self._what_if = WhatIfOnPage(
            *(self.state, page, main, self.models.holder, self._result.characters),
            ranks_all=self.ranks_all,
        )
        self._sections = SectionsOnPage(
            *(self.state, page, main, lambda: self._result.places, self._show_problem)
        )
        self._sender = FileSender(page)
        self._saving = Job(main, lambda status: self._show_problem(status.problem))
        self.state.observe(lambda _: self._follow_theme(), names="theme")
        self.add_class("ce-workbench")
        self.add_class("ce-light")  # until the page has said what it is
        self.children = [
            PageHtml(f"<style>{css_variables()}</style><style>{self.hiding_style}</style>"),
            page,
        ]

    def before_it_is_saved(self) -> None:
        """Wait for what was asked for."""
        self.wait()

    def wait(self, timeout: float | None = None) -> None:
        """Block until all that was started has finished and is shown.

        For scripts and tests; call it on the main thread.

        Raises
        ------
        TimeoutError
            If one piece of work has not finished after ``timeout`` seconds.
        """
        about_result = (self._result, self._what_if, self._sections, self._saving)
        for work in (*self._own_work, *about_result):
            work.wait(timeout)
            self._main.run_pending()

    def _receive_about_result(self, event: str, fields: dict[str, Any]) -> None:
        """Act on what the reader asks about the result on show, or of the models."""
        match event:
            case "choose":
                self._result.choose(fields["position"])
            case "pin":
                self._result.pin(fields["row"], fields["column"])
            case "unpin":
                self.state.pinned = None
            case "section":
                self._sections.fill(fields["name"])
            case "compare":
                self._sections.compare(fields["first"], fields["second"])
            case "keep":
                self._sections.keep()
            case "clear_kept":
                self._sections.clear_kept()
            case "what_if":
                self._what_if.remove(fields["first"], fields["stop"])
            case "what_if_reencode":
                self._what_if.reencode()
            case "what_if_undo":
                self._what_if.undo()
            case "save":
                self._save(fields["kind"])
            case "model_choose":
                self.models.choose(fields["key"], fields["layers"])
            case "model_name":
                self.models.choose_named(fields["name"])
            case "model_cancel":
                self.models.cancel()
            case "model_describe":
                self.models.describe()

    def _save(self, kind: str) -> None:
        """Write a file of what is on show and send it to the page."""
        x, ranking = self.state.explanation, self.state.ranking
        if x is not None:
            self._send_file(lambda: exported_file(kind, x, ranking))

    def _send_file(self, write: Callable[[], ExportedFile]) -> None:
        """Write a file off the main thread, and send it to the page."""
        self._saving.start(lambda _: write(), self._sender.send)

    def _show_status(self, status: Status) -> None:
        self.page.work = status.as_dict()
        self._show_problem(status.problem)

    def _show_problem(self, problem: str) -> None:
        self.page.problem = problem

    def _follow_result(self) -> None:
        self._sections.clear()
        self._what_if.show_again()

    def _follow_theme(self) -> None:
        for other in THEMES:
            self.remove_class(f"ce-{other}")
        self.add_class(f"ce-{self.state.theme}")
