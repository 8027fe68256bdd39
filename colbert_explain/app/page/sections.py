"""The sections below the picture, each computed when the page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from colbert_explain.app.export.save_section import save_section
from colbert_explain.app.jobs.job import Job
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.page.workbench_page import SECTIONS, WorkbenchPage
from colbert_explain.app.sections.comparison import comparison
from colbert_explain.app.state import WorkbenchState
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.page_data.sections import best_sentences, contribution_table

#: Stands for the kept explanation where documents have their positions.
KEPT = -1


class SectionsOnPage:
    """Writes ``page.sections``, which another result empties.

    Parameters
    ----------
    state
        What is on show, and what was kept to be compared.
    page
        Where it is shown.
    main
        Runs callbacks on the main thread.
    places
        Returns which tokens stand where in the grid on show.
    on_problem
        Called with a sentence when a section cannot be computed.
    """

    def __init__(
        self,
        state: WorkbenchState,
        page: WorkbenchPage,
        main: MainThread,
        places: Callable[[], HeatmapPlaces | None],
        on_problem: Callable[[str], object],
    ) -> None:
        self._state, self._page, self._places = state, page, places
        self._jobs = {
            name: Job(main, lambda status: on_problem(status.problem) if status.problem else None)
            for name in SECTIONS
        }
        self._compared: tuple[int, int] | None = None
        state.observe(lambda _: self._forget_choice(), names="explanation")
        state.observe(lambda _: self._write_again("save"), names="pinned")

    def fill(self, name: str) -> None:
        """Compute a section, off the main thread."""
        x, places = self._state.explanation, self._places()
        if x is None or places is None:
            return
        makers: dict[str, Callable[[], Any]] = {
            "best_sentences": lambda: best_sentences(x, places),
            "compare": lambda: self._comparison(x),
            "table": lambda: contribution_table(x, self._state.options.level),
            "save": lambda: self._saving(x),
        }
        result = self._page.result
        self._jobs[name].start(
            lambda _: makers[name](),
            lambda data: self._put(name, data) if self._page.result is result else None,
        )

    def clear(self) -> None:
        """Empty the sections: they are about a result other than the one on show."""
        for job in self._jobs.values():
            job.forget()
        self._page.sections = {}

    def compare(self, first: int, second: int) -> None:
        """Compare two documents, by their positions in the given order or `KEPT`."""
        self._compared = (first, second)
        self.fill("compare")

    def keep(self) -> None:
        """Keep the explanation on show, to compare it with later ones."""
        x = self._state.explanation
        if x is not None:
            self._state.kept = (str(self._page.result.get("name", "")), x)
            self.fill("compare")

    def clear_kept(self) -> None:
        """Keep no explanation any more."""
        self._state.kept = self._compared = None
        self.fill("compare")

    def wait(self, timeout: float | None = None) -> None:
        """Block until all sections that were asked for are computed; for scripts and tests."""
        for job in self._jobs.values():
            job.wait(timeout)

    def _comparison(self, x: Explanation) -> dict[str, Any]:
        known, kept, shown = self._to_compare(x), self._state.kept, self._state.position
        others = [key for key in known if key != shown]
        usual = (shown, others[0] if others else shown)
        chosen = self._compared or usual
        first, second = chosen if known.keys() >= set(chosen) else usual
        data: dict[str, Any] = {
            "first": first,
            "second": second,
            "kept": None if kept is None else kept[0],
        }
        if first == second:
            return data
        (first_name, one), (second_name, other) = known[first], known[second]
        return {**data, **comparison(one, other, (first_name, second_name))}

    def _to_compare(self, x: Explanation) -> dict[int, tuple[str, Explanation]]:
        """Return what can be compared, best documents first, the kept explanation last."""
        ranking, kept = self._state.ranking, self._state.kept
        known = {self._state.position: (str(self._page.result.get("name", "")), x)}
        if ranking is not None:
            names = {d["position"]: d["name"] for d in self._page.result["documents"]}
            known = {i: (names[i], ranking.explanations[i]) for i in ranking.order.tolist()}
        if kept is not None and kept[1] is not x:
            known[KEPT] = (kept[0], kept[1])
        return known

    def _saving(self, x: Explanation) -> dict[str, Any]:
        state = self._state
        return save_section(
            x,
            ranking=state.ranking,
            position=state.position,
            pinned=state.pinned,
            **asdict(state.options),
        )

    def _forget_choice(self) -> None:
        self._compared = None

    def _write_again(self, name: str) -> None:
        if name in self._page.sections:
            self.fill(name)

    def _put(self, name: str, data: Any) -> None:
        self._page.sections = {**self._page.sections, name: data}
