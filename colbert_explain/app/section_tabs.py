"""The tabs below the heatmap: which section of the results is on show."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from colbert_explain.app.page_widgets import PageBox, PageWidget, page_script, page_text


class SectionTabs(PageWidget):
    """A list of tabs; the section of the tab ``name`` has the class ``ce-panel-name``.

    Showing and hiding happens in the page, so it does not wait for a busy kernel.
    """

    _esm = page_script("section_tabs.js")
    _css = page_text("section_tabs.css")
    set_by_page = frozenset({"selected"})

    #: The tabs, each with ``name`` and ``title``.
    tabs = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)

    def takes(self, name: str, value: Any) -> bool:
        """Return whether the page may set a trait to a value, which must be one of the tabs."""
        return super().takes(name, value) and value in [tab["name"] for tab in self.tabs]

    def offer(self, tabs: dict[str, str]) -> None:
        """Show these tabs, name to title; select the first if the selected one is gone."""
        listed: list[dict[str, Any]] = [
            {"name": name, "title": title} for name, title in tabs.items()
        ]
        if listed != self.tabs:
            self.tabs = listed
        if self.selected not in tabs:
            self.selected = next(iter(tabs), "")


def section_panel(name: str, section: ipywidgets.DOMWidget) -> PageBox:
    """Wrap a section for the tab ``name``."""
    panel = PageBox([section])
    panel.add_class("ce-panel")
    panel.add_class(f"ce-panel-{name}")
    return panel
