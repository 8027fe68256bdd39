"""Gives a widget's page Plotly: the address of its script, or the script where no server has it.

A widget that draws figures has a trait ``plotly_script``, made by `plotly_script_trait`, accepts
the events `PLOTLY_EVENTS`, and answers the event ``"plotly"`` by `send_plotly`. Its script loads
Plotly by ``plotlyOf`` (figure/plotly.js).
"""

from __future__ import annotations

import anywidget
import traitlets

from colbert_explain.app.web.messages import Events
from colbert_explain.plotly_script.script import compressed_script, script_address

#: What a page sends when its server has no such script.
PLOTLY_EVENTS: Events = {"plotly": {}}


def plotly_script_trait() -> traitlets.Unicode[str, str | bytes]:
    """Return the trait with the script's address below the base URL of a Jupyter server."""
    return traitlets.Unicode(script_address()).tag(sync=True)


def send_plotly(widget: anywidget.AnyWidget) -> None:
    """Send the compressed script to the widget's page, as the answer to its event."""
    widget.send({"event": "plotly"}, buffers=[compressed_script()])
