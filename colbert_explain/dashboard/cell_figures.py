"""Has the figures of a notebook's cells drawn by the dashboard's page, with one script."""

from __future__ import annotations

import os
from typing import Any

from ipykernel.zmqshell import ZMQDisplayPublisher

from colbert_explain.views.charts import page_figure

PLOTLY_MIME = "application/vnd.plotly.v1+json"


def draw_figures_in_page(publisher: ZMQDisplayPublisher) -> None:
    """Show figures as elements that the page draws; call it in a kernel, before plotly is imported.

    Parameters
    ----------
    publisher
        What sends to the page what cells display.
    """
    page_figure.page_draws_figures = True
    # Else Plotly also writes its script of five megabytes into the page.
    os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")
    publisher.register_hook(_with_element)  # type: ignore[no-untyped-call]


def _with_element(message: dict[str, Any]) -> dict[str, Any]:
    """Replace a figure in a message by an element of the page."""
    content = message["content"]
    data = content.get("data", {})
    if PLOTLY_MIME not in data:
        return message
    # Imports plotly, which only pages with a figure need.
    from colbert_explain.views.charts.notebook_figure import drawn_form

    return {**message, "content": {**content, "data": drawn_form(data[PLOTLY_MIME])}}
