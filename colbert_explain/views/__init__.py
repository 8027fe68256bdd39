"""Explanation to picture or text; computes no score, loads nothing, never calls ``show()``."""

from __future__ import annotations

from colbert_explain.views.contrast_figure import contrast_chart
from colbert_explain.views.contrast_rows import contrast_rows
from colbert_explain.views.contribution_figure import contribution_chart
from colbert_explain.views.document_map_figure import document_map
from colbert_explain.views.figure_style import CELL_CONFIG, CONFIG
from colbert_explain.views.heatmap_comparison import compare_heatmaps
from colbert_explain.views.heatmap_figure import heatmap, pinned_frame
from colbert_explain.views.heatmap_grid import Level, Rows, Sort
from colbert_explain.views.heatmap_places import HeatmapPlaces, heatmap_places, part_outline
from colbert_explain.views.highlighted_text import HighlightedText, highlight
from colbert_explain.views.html_parts import notices, token_table
from colbert_explain.views.image_file import write_image
from colbert_explain.views.ledger_rows import ledger_rows, summary_sentences
from colbert_explain.views.notebook_display import mimebundle
from colbert_explain.views.occlusion_rows import occlusion_rows, text_units
from colbert_explain.views.palette import THEMES, Theme, css_variables
from colbert_explain.views.passage_rows import passage_rows
from colbert_explain.views.pinned_pair import pinned_sentence
from colbert_explain.views.plain_text import plain_text, visible
from colbert_explain.views.report_text import report
from colbert_explain.views.saved_widget import saved_widget
from colbert_explain.views.standalone_page import page_html, write_html
from colbert_explain.views.stepper_contents import stepper_contents, stepper_text
from colbert_explain.views.strip_contents import strip_contents

__all__ = [
    "CELL_CONFIG",
    "CONFIG",
    "THEMES",
    "HeatmapPlaces",
    "HighlightedText",
    "Level",
    "Rows",
    "Sort",
    "Theme",
    "compare_heatmaps",
    "contrast_chart",
    "contrast_rows",
    "contribution_chart",
    "css_variables",
    "document_map",
    "heatmap",
    "heatmap_places",
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
    "report",
    "saved_widget",
    "stepper_contents",
    "stepper_text",
    "strip_contents",
    "summary_sentences",
    "text_units",
    "token_table",
    "visible",
    "write_html",
    "write_image",
]
