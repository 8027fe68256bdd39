"""Explanation to picture or text; computes no score, loads nothing, never calls ``show()``."""

from __future__ import annotations

from colbert_explain.views.charts.contrast import contrast_chart
from colbert_explain.views.charts.contributions import contribution_chart
from colbert_explain.views.charts.document_map import document_map
from colbert_explain.views.charts.heatmap.comparison import compare_heatmaps
from colbert_explain.views.charts.heatmap.figure import (
    DrawnHeatmap,
    draw_heatmap,
    heatmap,
    pinned_frame,
)
from colbert_explain.views.charts.heatmap.grid import Level, Rows, Sort
from colbert_explain.views.charts.heatmap.navigation import HeatmapPlaces, part_outline
from colbert_explain.views.charts.image_file import write_image
from colbert_explain.views.charts.notebook_figure import NotebookFigure
from colbert_explain.views.charts.style import CELL_CONFIG, CONFIG
from colbert_explain.views.html.highlight.display import HighlightedText, highlight
from colbert_explain.views.html.page.page import page_html, write_html
from colbert_explain.views.html.render import notices, token_table
from colbert_explain.views.html.result_tables import ranking_table
from colbert_explain.views.html.saved_widget import (
    saved_widget,
    static_exercise,
    static_output,
    static_text,
)
from colbert_explain.views.notebook_display import mimebundle
from colbert_explain.views.pinned_pair import pinned_sentence
from colbert_explain.views.text.plain_text import plain_text
from colbert_explain.views.text.report.report import report
from colbert_explain.views.theme import THEMES, Theme, css_variables
from colbert_explain.views.widget_data.contrast import contrast_rows
from colbert_explain.views.widget_data.contributions import ledger_rows, summary_sentences
from colbert_explain.views.widget_data.occlusion import occlusion_rows, text_units
from colbert_explain.views.widget_data.passages import passage_rows
from colbert_explain.views.widget_data.stepper import stepper_contents, stepper_text
from colbert_explain.views.widget_data.strip import strip_contents

__all__ = [
    "CELL_CONFIG",
    "CONFIG",
    "THEMES",
    "DrawnHeatmap",
    "HeatmapPlaces",
    "HighlightedText",
    "Level",
    "NotebookFigure",
    "Rows",
    "Sort",
    "Theme",
    "compare_heatmaps",
    "contrast_chart",
    "contrast_rows",
    "contribution_chart",
    "css_variables",
    "document_map",
    "draw_heatmap",
    "heatmap",
    "highlight",
    "ledger_rows",
    "mimebundle",
    "notices",
    "occlusion_rows",
    "page_html",
    "part_outline",
    "passage_rows",
    "pinned_frame",
    "pinned_sentence",
    "plain_text",
    "ranking_table",
    "report",
    "saved_widget",
    "static_exercise",
    "static_output",
    "static_text",
    "stepper_contents",
    "stepper_text",
    "strip_contents",
    "summary_sentences",
    "text_units",
    "token_table",
    "write_html",
    "write_image",
]
