"""What a notebook cell shows that ends in an explanation."""

from __future__ import annotations

import json
from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.views.figure_style import CELL_CONFIG
from colbert_explain.views.heatmap_figure import heatmap
from colbert_explain.views.heatmap_table import heatmap_table
from colbert_explain.views.highlighted_text import highlight
from colbert_explain.views.html_parts import notices, token_table
from colbert_explain.views.plain_text import plain_text


def mimebundle(explanation: Explanation) -> dict[str, Any]:
    """Show an explanation in every form a host may ask for.

    Returns
    -------
    dict
        MIME type to content: the interactive heatmap with score and provenance for hosts that
        draw Plotly figures, the same as static HTML for those that do not, and plain text.
    """
    # A host without Plotly shows the HTML: no script in it, so it survives any export.
    x = explanation
    static = notices(x) + heatmap_table(x) + highlight(x)._repr_html_() + token_table(x)
    return {
        "application/vnd.plotly.v1+json": {
            **json.loads(heatmap(explanation).to_json()),
            "config": CELL_CONFIG,
        },
        "text/html": static,
        "text/plain": plain_text(explanation),
    }
