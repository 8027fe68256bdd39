"""Explanation to picture or text; computes no score, loads nothing, never calls ``show()``.

Names load on first use: a server needs the colours (`theme`) and no chart.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # to a type checker, a name is public that is imported "as" itself
    from colbert_explain.views.charts.causes import cause_chart as cause_chart
    from colbert_explain.views.charts.contrast import Order as Order
    from colbert_explain.views.charts.contrast import contrast_chart as contrast_chart
    from colbert_explain.views.charts.contributions import contribution_chart as contribution_chart
    from colbert_explain.views.charts.document_map import document_map as document_map
    from colbert_explain.views.charts.heatmap.comparison import compare_heatmaps as compare_heatmaps
    from colbert_explain.views.charts.heatmap.figure import heatmap as heatmap
    from colbert_explain.views.charts.heatmap.grid import Level as Level
    from colbert_explain.views.charts.heatmap.grid import Rows as Rows
    from colbert_explain.views.charts.heatmap.grid import Sort as Sort
    from colbert_explain.views.charts.image_file import write_image as write_image
    from colbert_explain.views.html.highlight.display import HighlightedText as HighlightedText
    from colbert_explain.views.html.highlight.display import highlight as highlight
    from colbert_explain.views.html.highlight.notes import Direction as Direction
    from colbert_explain.views.html.page.standalone_page import write_html as write_html
    from colbert_explain.views.notebook_display import mimebundle as mimebundle
    from colbert_explain.views.text.report import report as report
    from colbert_explain.views.theme import PageTheme as PageTheme

_HOME_OF = {
    "Direction": "html.highlight.notes",
    "HighlightedText": "html.highlight.display",
    "Level": "charts.heatmap.grid",
    "Order": "charts.contrast",
    "PageTheme": "theme",
    "Rows": "charts.heatmap.grid",
    "Sort": "charts.heatmap.grid",
    "cause_chart": "charts.causes",
    "compare_heatmaps": "charts.heatmap.comparison",
    "contrast_chart": "charts.contrast",
    "contribution_chart": "charts.contributions",
    "document_map": "charts.document_map",
    "heatmap": "charts.heatmap.figure",
    "highlight": "html.highlight.display",
    "mimebundle": "notebook_display",
    "report": "text.report",
    "write_html": "html.page.standalone_page",
    "write_image": "charts.image_file",
}

if not TYPE_CHECKING:
    __all__ = [*_HOME_OF]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value  # found without this function from now on
    return value
