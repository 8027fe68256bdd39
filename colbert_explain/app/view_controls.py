"""The row of choices above the heatmap: tokens or words, which rows, in which order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import anywidget
import traitlets

from colbert_explain.views import Level, Rows, Sort

_HERE = Path(__file__).parent


class ViewControls(anywidget.AnyWidget):
    """Three groups of radio buttons; their values are options of `heatmap`.

    Parameters
    ----------
    on_change
        Called without arguments after a reader has chosen.
    """

    _esm = _HERE / "view_controls.js"
    _css = _HERE / "view_controls.css"

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
        """Return what is chosen, as `heatmap` takes it."""
        return {"level": self.level, "rows": self.rows, "sort": self.sort}
