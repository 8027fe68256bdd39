"""The tabs below the heatmap: which section of the results is on show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

_HERE = Path(__file__).parent


class SectionTabs(anywidget.AnyWidget):
    """A list of tabs; the section ``name`` is what has the class ``ce-panel-name`` beside it.

    Showing and hiding happens in the page, so it does not wait for a busy kernel.
    """

    _esm = _HERE / "section_tabs.js"
    _css = _HERE / "section_tabs.css"

    #: The tabs on show, each with ``name`` and ``title``.
    tabs = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)

    def offer(self, tabs: dict[str, str]) -> None:
        """Show these tabs, name to title; a section that is gone gives way to the first."""
        listed: list[dict[str, Any]] = [
            {"name": name, "title": title} for name, title in tabs.items()
        ]
        if listed != self.tabs:
            self.tabs = listed
        if self.selected not in tabs:
            self.selected = next(iter(tabs), "")


def section_panel(name: str, section: ipywidgets.DOMWidget) -> ipywidgets.VBox:
    """Put a section where the tab ``name`` finds it."""
    panel = ipywidgets.VBox([section])
    panel.add_class("ce-panel")
    panel.add_class(f"ce-panel-{name}")
    return panel
