"""The first screen of the workbench as HTML without a script, shown until Python has started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from colbert_explain.dashboard.index_page import render_page
from colbert_explain.samples import Sample, load_samples

if TYPE_CHECKING:
    from colbert_explain.explanation import Explanation


def opening_sample() -> Sample:
    """Return the pair with which the workbench opens."""
    return load_samples("Paraphrased")[0]


def first_screen(explanation: Explanation | None = None) -> str:
    """Write the texts with which the workbench opens, their score and their heatmap.

    Parameters
    ----------
    explanation
        Of these texts; without it, score and heatmap are left blank.
    """
    found: dict[str, Any] = {"score": None}
    if explanation is not None:
        # A server, which has no use for numpy, calls this without an explanation.
        from colbert_explain.views.charts.heatmap.grid import word_grid
        from colbert_explain.views.html.tables import grid_table
        from colbert_explain.views.theme import LIGHT

        found = {
            "score": explanation.score,
            "possible": int(explanation.query.scored_mask.sum()),
            "heatmap": grid_table(explanation, word_grid(explanation, LIGHT)),
        }
    sample = opening_sample()
    return render_page("first_screen.html", query=sample.query, document=sample.document, **found)
