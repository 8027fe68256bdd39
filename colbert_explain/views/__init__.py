"""Explanation to picture or text; computes no score, loads nothing, never calls ``show()``."""

from __future__ import annotations

from colbert_explain.views.charts.causes import cause_chart
from colbert_explain.views.charts.contrast import Order, contrast_chart
from colbert_explain.views.charts.contributions import contribution_chart
from colbert_explain.views.charts.document_map import document_map
from colbert_explain.views.charts.heatmap.comparison import compare_heatmaps
from colbert_explain.views.charts.heatmap.figure import heatmap
from colbert_explain.views.charts.heatmap.grid import Level, Rows, Sort
from colbert_explain.views.charts.image_file import write_image
from colbert_explain.views.html.highlight.display import HighlightedText, highlight
from colbert_explain.views.html.highlight.notes import Direction
from colbert_explain.views.html.page.standalone_page import write_html
from colbert_explain.views.notebook_display import mimebundle
from colbert_explain.views.text.report import report
from colbert_explain.views.theme import PageTheme

__all__ = [
    "Direction",
    "HighlightedText",
    "Level",
    "Order",
    "PageTheme",
    "Rows",
    "Sort",
    "cause_chart",
    "compare_heatmaps",
    "contrast_chart",
    "contribution_chart",
    "document_map",
    "heatmap",
    "highlight",
    "mimebundle",
    "report",
    "write_html",
    "write_image",
]
