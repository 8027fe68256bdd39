"""How a widget shows itself at the end of a cell, and what a saved notebook keeps of it."""

from __future__ import annotations

import os
import uuid
from typing import Any

from IPython import get_ipython
from IPython.display import display

from colbert_explain.views.html.saved_widget import saved_widget, static_text

WIDGET = "application/vnd.jupyter.widget-view+json"
#: How to get from the saved output back to the widget.
RUN_AGAIN = "Run this cell to use it: what is shown here was saved with the notebook."

Bundle = dict[str, Any]


def is_dashboard() -> bool:
    """Check whether cells are run for a page of Voilà, which shows widgets and saves nothing."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def is_unattended() -> bool:
    """Check whether a program such as nbconvert runs the notebook, without a reader.

    Such a program says with each cell that nobody can answer a question.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or is_dashboard():
        return False
    request = kernel.get_parent("shell").get("content", {})
    return not request.get("allow_stdin", True)


class ShownInCells:
    """A widget with a second output below it, which is what a saved notebook keeps.

    The page that shows the widget hides that output. The widget's own output cannot be updated when
    the widget changes: its page would start again from the beginning.
    """

    comm: Any
    model_id: str
    _display_id: str | None = None

    def saved_text(self) -> str:
        """Return what a notebook keeps, as text."""
        raise NotImplementedError

    def saved_html(self) -> str:
        """Return what a notebook keeps as HTML; by default its text."""
        return static_text(self.saved_text())

    def saved_forms(self) -> Bundle:
        """Return what a notebook keeps, and how to use the widget, as text and as HTML."""
        return {
            "text/plain": f"{self.saved_text()}\n{RUN_AGAIN}",
            "text/html": saved_widget(RUN_AGAIN, self.saved_html(), key=self._page_id),
        }

    def before_it_is_saved(self) -> None:
        """Finish the work in progress; called where no reader would see it finish."""

    @property
    def hiding_style(self) -> str:
        """The CSS rule with which the widget's page hides the second output."""
        return f".ce-saved-{self._page_id} {{ display: none; }}" if self._page_id else ""

    @property
    def _page_id(self) -> str:
        """The widget's id on its page; empty before a page knows it."""
        return self.model_id if self.comm is not None else ""

    def save_again(self) -> None:
        """Write the second output again, wherever it is shown."""
        if self._display_id is not None:
            _show(self.saved_forms(), display_id=self._display_id, update=True)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        """Show the widget where there are widgets, and its static form elsewhere."""
        if is_unattended():
            return self.saved_forms()
        return {**self._widget_view(), **self.saved_forms()}

    def _ipython_display_(self) -> None:
        # A notebook that is turned into a page would show the widget, which would be empty.
        if is_unattended():
            self.before_it_is_saved()
            self._show_saved_forms()
            return
        if is_dashboard() or get_ipython() is None:
            _show(self._repr_mimebundle_())
            return
        # Where there are no widgets the second output says it all.
        _show({**self._widget_view(), "text/plain": ""})
        self._show_saved_forms()

    def _show_saved_forms(self) -> None:
        self._display_id = self._display_id or f"colbert_explain-{uuid.uuid4().hex}"
        _show(self.saved_forms(), display_id=self._display_id)

    def _widget_view(self) -> Bundle:
        return {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}


def _show(bundle: Bundle, **options: Any) -> None:
    display(bundle, raw=True, **options)  # type: ignore[no-untyped-call]
