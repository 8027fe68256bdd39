"""Several documents for one query: their ranking, the one on show, and the contrast of any two."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.app.background_job import BackgroundJob, MainThread, Report, check_stop
from colbert_explain.app.contrast_table import ContrastTable
from colbert_explain.app.ranking_list import RankingList, ranking_rows
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import named, visible
from colbert_explain.views.charts.heatmap.figure import DrawnHeatmap, draw_heatmap
from colbert_explain.views.widget_data.contrast import contrast_rows

#: An explanation with its heatmap, and the options that it was drawn with.
Drawn = tuple[Explanation, DrawnHeatmap, dict[str, Any]]


class RankedDocuments:
    """The widgets of a ranking; without one they are hidden.

    Parameters
    ----------
    on_show
        Called with explanation, figure, its options, ranking and position once a chosen document is
        drawn.
    options
        Returns the current options of `heatmap`.
    main
        Runs callbacks on the main thread.
    """

    def __init__(
        self,
        on_show: Callable[[Explanation, DrawnHeatmap, dict[str, Any], Ranking, int], object],
        options: Callable[[], dict[str, Any]],
        main: MainThread,
    ) -> None:
        self.list = RankingList(self.choose, lambda: self._job.cancel())
        self.contrast = ContrastTable(self.compare)
        self.ranking: Ranking | None = None
        self.position = 0
        self._on_show, self._options = on_show, options
        self._job = BackgroundJob(self.list, main)

    def title(self, ranking: Ranking, position: int) -> str:
        """Return the name of a document and its rank."""
        place = ranking.order.tolist().index(position) + 1
        return f"{named(ranking.names[position])}: rank {place} of {len(ranking)}"

    def show(self, ranking: Ranking | None, position: int) -> None:
        """Show a ranking with one of its documents chosen; None shows none."""
        new, self.position = ranking is not self.ranking, position
        self.ranking = ranking
        if ranking is None:
            self._job.forget()
            self.list.rows, self.contrast.choices, self.contrast.contrast = [], [], {}
            self.list.left_out = ""
            return
        if new:
            self._job.forget()
            self.list.rows = ranking_rows(ranking)
            self.list.left_out = ranking.left_out()
            self.contrast.choices = [visible(ranking.names[i]) for i in ranking.order]
            if len(ranking) > 1:
                self.compare(0, 1)
            else:
                self.contrast.contrast = {}
        self.list.chosen = position

    def choose(self, position: int) -> None:
        """Start explaining the document at a position in the given order."""
        ranking = self.ranking
        if ranking is None or not 0 <= position < len(ranking) or position == self.position:
            return

        def work(stop: threading.Event, report: Report) -> Drawn:
            report("Drawing …", None)
            options = self._options()
            explanation = ranking.explanations[position]
            check_stop(stop)
            return explanation, draw_heatmap(explanation, **options), options

        def done(drawn: Drawn) -> None:
            self._on_show(*drawn, ranking, position)

        self._job.start(work, done)

    def compare(self, first: int, second: int) -> None:
        """Contrast two documents, given by their places in the ranking; the best is at 0."""
        if self.ranking is None:
            return
        a, b = (int(self.ranking.order[place]) for place in (first, second))
        self.contrast.contrast = contrast_rows(self.ranking.contrast(a, b))
        self.contrast.chosen = [first, second]

    def wait(self, timeout: float | None = None) -> None:
        """Block until the chosen document is shown; for scripts and tests."""
        self._job.wait(timeout)
