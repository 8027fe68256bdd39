"""Draws the explanation on show for the page, and keeps the pinned pair in step with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from colbert_explain.analysis import Contrast, Ranking
from colbert_explain.app.jobs.job import Job, Status
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.page.workbench_page import WorkbenchPage
from colbert_explain.app.state import ViewOptions, WorkbenchState
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.page_data.result import PageResult, page_result
from colbert_explain.views.page_data.what_if import span_of_columns
from colbert_explain.views.theme import Theme

#: What a drawing is made of.
_FACTS = (
    "explanation",
    "ranking",
    "position",
    "name",
    "against",
    "pinned",
    "options",
    "theme",
    "request",
)


class ResultOnPage:
    """Writes ``page.result`` whenever what is on show, or how it is shown, changes.

    Parameters
    ----------
    state
        What is on show; how it is drawn.
    page
        Where it is shown.
    main
        Runs callbacks on the main thread.
    on_problem
        Called with a sentence when a result cannot be drawn.
    on_show
        Called after another result was put on show.
    """

    def __init__(
        self,
        state: WorkbenchState,
        page: WorkbenchPage,
        main: MainThread,
        on_problem: Callable[[str], object],
        on_show: Callable[[], object],
    ) -> None:
        self._state, self._page, self._on_show = state, page, on_show
        self._on_problem = on_problem
        self._drawing = Job(main, self._tell)
        #: What is changed by the drawing in progress, which redrawing must not lose.
        self._coming: dict[str, Any] = {}
        self._number = 0
        self._drawn: PageResult | None = None
        self._of: tuple[Ranking | None, Theme] = (None, "light")
        page.observe(self._take_options, names=["options", "theme"])

    def draw(self, **changes: Any) -> tuple[Any, PageResult]:
        """Draw what is on show, with some facts of it changed; may run on a worker thread.

        Returns
        -------
        tuple
            What was drawn and how, and the drawing, for `show`.
        """
        state = self._state
        facts = {name: changes.get(name, getattr(state, name)) for name in _FACTS}
        ranking = facts["ranking"]
        # What each document of a ranking shows stays the same while its explanations do.
        kept, before = None, self._drawn
        of_ranking, in_theme = self._of
        if before is not None and ranking is of_ranking and facts["theme"] == in_theme:
            kept = before.data["documents"] if ranking is not None else None
        self._number += 1
        drawn = page_result(
            facts["explanation"],
            ranking=ranking,
            position=facts["position"],
            name=facts["name"],
            compared=self.compared(facts),
            unreadable=() if ranking is None else ranking.unreadable,
            documents=kept,
            theme=facts["theme"],
            pinned=facts["pinned"],
            key=self._number,
            **asdict(facts["options"]),
        )
        return facts, drawn

    def compared(self, facts: dict[str, Any]) -> Contrast | None:
        """Compare the document on show; None is its contrast with the best other document."""
        return None

    def show(self, facts: dict[str, Any], drawn: PageResult) -> None:
        """Put a drawing on show, and say so in the state; on the main thread."""
        state = self._state
        self._coming = {}
        if facts["explanation"] is not state.explanation or facts["ranking"] is not state.ranking:
            state.show(facts["explanation"], facts["ranking"], facts["position"], facts["name"])
        self._drawn, self._of = drawn, (facts["ranking"], facts["theme"])
        self._page.result = {**drawn.data, "request": facts["request"]}
        self._on_show()
        if (facts["options"], facts["theme"]) != (state.options, state.theme):
            self.redraw()  # chosen while it was drawn

    def redraw(self) -> None:
        """Draw what is on show, or about to be, again, off the main thread."""
        if self._coming or self._state.explanation is not None:
            self._draw_soon(self._coming)

    def show_other(self, explanation: Explanation, name: str) -> None:
        """Show an explanation that was made elsewhere."""
        changes = {"explanation": explanation, "ranking": None, "position": 0, "name": name}
        self._draw_soon({**changes, "pinned": None})

    def show_ranking(self, ranking: Ranking, position: int) -> None:
        """Show the document of a ranking at a position in the given order."""
        self._draw_soon(
            {
                "explanation": ranking.explanations[position],
                "ranking": ranking,
                "position": position,
                "name": ranking.names[position],
                "pinned": None,
            }
        )

    def choose(self, position: int) -> None:
        """Show another document of the ranking that is on show, or about to be."""
        ranking = self._coming.get("ranking", self._state.ranking)
        if ranking is None or position == self.position:
            return
        if 0 <= position < len(ranking):  # else a click on a ranking that was on show before
            self.show_ranking(ranking, position)

    @property
    def position(self) -> int:
        """Position of the document that is on show, or about to be."""
        return int(self._coming.get("position", self._state.position))

    def pin(self, row: int, column: int) -> None:
        """Pin the pair of tokens of a cell; a cell that is not on show is ignored."""
        pair = None if self._drawn is None else self._drawn.places.pair(row, column)
        if pair is not None:
            self._state.pinned = pair

    def characters(self, first: int, stop: int) -> tuple[int, int] | None:
        """Return the characters of the document that some columns stand for, None for none."""
        x = self._state.explanation
        if x is None or self._drawn is None:
            return None
        return span_of_columns(x, self._drawn.places, first, stop)

    @property
    def places(self) -> HeatmapPlaces | None:
        """Which tokens stand where in the grid on show."""
        return None if self._drawn is None else self._drawn.places

    def forget(self) -> None:
        """Cancel a drawing: other work has begun that will show something else."""
        self._coming = {}
        self._drawing.forget()

    def wait(self, timeout: float | None = None) -> None:
        """Block until what was asked for is drawn; for scripts and tests."""
        self._drawing.wait(timeout)

    def _draw_soon(self, changes: dict[str, Any]) -> None:
        self._coming = changes
        self._drawing.start(lambda _: self.draw(**changes), lambda drawn: self.show(*drawn))

    def _tell(self, status: Status) -> None:
        if status.problem:
            self._coming = {}
            self._on_problem(status.problem)

    def _take_options(self, _: Any) -> None:
        chosen: dict[str, Any] = self._page.options
        self._state.options = ViewOptions(**chosen)
        self._state.theme = self._page.theme
        self.redraw()
