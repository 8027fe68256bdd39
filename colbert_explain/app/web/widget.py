"""Base classes of the widgets: each accepts only what it expects from its page.

A page can send any message, and ipywidgets lets it set any trait. Anything unexpected is ignored:
it changes nothing, and a visitor sees no traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets
from ipywidgets.widgets.trait_types import InstanceDict
from ipywidgets.widgets.widget_string import HTMLStyle

from colbert_explain.app.web.cell_display import is_unattended
from colbert_explain.app.web.messages import Events, checked_fields, log_ignored

Receive = Callable[[str, dict[str, Any], list[Any]], object]


class GuardedWidget(ipywidgets.Widget):
    """A widget whose page may set the traits in ``set_by_page``, to values that they accept."""

    #: Names of traits.
    set_by_page: ClassVar[frozenset[str]] = frozenset()

    def open(self) -> None:
        """Send the widget to the page; if a program runs the notebook, there is no page.

        Such a program would save everything that is sent, including megabytes of scripts.
        """
        if not is_unattended():
            super().open()

    @property
    def model_id(self) -> str:
        """The page's id for the widget; asking for it sends the widget to the page first."""
        if self.comm is None:
            super().open()
        name: str = super().model_id
        return name

    def set_state(self, sync_data: Any) -> None:
        """Apply the parts of a page's update that the page may set."""
        given = sync_data if isinstance(sync_data, dict) else {}
        # Scripts count their views by themselves, and Plotly's sends a name that nobody has.
        updates = {
            name: value
            for name, value in given.items()
            if name in self.keys and name != "_view_count"
        }
        taken = {name: value for name, value in updates.items() if self.takes(name, value)}
        if len(taken) < len(updates) or not given:
            log_ignored(self, "an update")
        if taken:
            super().set_state(taken)

    def takes(self, name: str, value: Any) -> bool:
        """Return whether the page may set a trait to a value."""
        if name not in self.set_by_page:
            return False
        try:
            self.traits()[name].validate(self, value)
        except traitlets.TraitError:
            return False
        return True

    def _handle_msg(self, msg: Any) -> None:
        # ipywidgets would show a traceback for whatever is not as it should be.
        match msg:
            case {"content": {"data": {"method": "request_state"}}}:
                super()._handle_msg(msg)
            case {"content": {"data": {"method": "custom", "content": _}}, "buffers": _}:
                super()._handle_msg(msg)
            case {"content": {"data": {"method": "update", "state": dict() as state} as data}}:
                if data.get("buffer_paths"):  # no trait that a page may set is binary
                    log_ignored(self, "an update")
                else:
                    self.set_state(state)
            case _:
                log_ignored(self, "a message")


class _Layout(GuardedWidget, ipywidgets.Layout):
    pass


class _HtmlStyle(GuardedWidget, HTMLStyle):
    pass


class GuardedDomWidget(GuardedWidget, ipywidgets.DOMWidget):
    """A guarded widget with a place on the page."""

    layout = InstanceDict(_Layout).tag(sync=True, **ipywidgets.widget_serialization)


class PageBox(GuardedDomWidget, ipywidgets.VBox):
    """Widgets one below the other."""


class PageHtml(GuardedDomWidget, ipywidgets.HTML):
    """Markup of this package; the page cannot change it."""

    style = InstanceDict(_HtmlStyle).tag(sync=True, **ipywidgets.widget_serialization)


class PageOutput(GuardedDomWidget, ipywidgets.Output):
    """An output area for anything that a cell can show."""


class PageWidget(GuardedDomWidget, anywidget.AnyWidget):
    """A widget with a script of its own, whose page sends the events in ``events``.

    Parameters
    ----------
    receive
        Called with each event of the page, its fields, which have been checked, and its buffers.
    traits
        What to show at first.
    """

    #: What the page may send.
    events: ClassVar[Events] = {}

    def __init__(self, receive: Receive | None = None, **traits: Any) -> None:
        self._act = receive
        super().__init__(**traits)
        self.on_msg(self._receive)

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on an event of the page, whose fields have been checked."""
        if self._act is not None:
            self._act(event, fields, buffers)

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        fields = checked_fields(content, self.events)
        if fields is None:
            log_ignored(self, "a message")
        else:
            self.received(content["event"], fields, list(buffers or []))
