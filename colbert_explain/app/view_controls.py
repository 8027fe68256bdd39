"""The row of choices above the heatmap: tokens or words, which rows, in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import traitlets

from colbert_explain.app.page_widgets import PageWidget, page_script, page_text
from colbert_explain.views.charts.heatmap.grid import Level, Rows, Sort


class ViewControls(PageWidget):
    """Three groups of radio buttons; their values are options of `heatmap`.

    Parameters
    ----------
    on_change
        Called without arguments after a reader has changed an option.
    """

    _esm = page_script("view_controls.js")
    _css = page_text("view_controls.css")
    set_by_page = frozenset({"level", "rows", "sort"})

    level = traitlets.Enum(get_args(Level), default_value="token").tag(sync=True)
    rows = traitlets.Enum(get_args(Rows), default_value="all").tag(sync=True)
    sort = traitlets.Enum(get_args(Sort), default_value="text").tag(sync=True)
    #: How many rows are hidden, and what share of the score they hold; empty for none.
    hidden = traitlets.Unicode().tag(sync=True)
    #: What went wrong, in a sentence; shown as text, never as markup.
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_change: Callable[[], object]) -> None:
        super().__init__()
        self.observe(lambda _: on_change(), names=["level", "rows", "sort"])

    def options(self) -> dict[str, Any]:
        """Return the chosen options of `heatmap`."""
        return {"level": self.level, "rows": self.rows, "sort": self.sort}
