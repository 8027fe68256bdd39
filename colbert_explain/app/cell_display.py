"""How a widget shows itself at the end of a cell, and what a saved notebook keeps of it."""

from __future__ import annotations

import os
import uuid
from typing import Any

from IPython import get_ipython
from IPython.display import display

WIDGET = "application/vnd.jupyter.widget-view+json"
#: How to come back from what was saved to the widget.
RUN_AGAIN = "Run this cell to use it: what is shown here was saved with the notebook."

Bundle = dict[str, Any]


def is_dashboard() -> bool:
    """Check whether cells are run for a page of Voilà, which shows widgets and saves nothing."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def is_unattended() -> bool:
    """Check whether a program runs the notebook, such as nbconvert: nobody is at a page.

    Such a program says so with each cell: nobody could answer a question.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or is_dashboard():
        return False
    request = kernel.get_parent("shell").get("content", {})
    return not request.get("allow_stdin", True)


def chosen_forms(bundle: Bundle) -> Bundle:
    """Leave the widget out of a bundle where nobody could use it.

    A notebook that is turned into a page would show it, and nothing else, and it would be empty.
    """
    if is_unattended():
        return {kind: content for kind, content in bundle.items() if kind != WIDGET}
    return bundle


def show(bundle: Bundle, **options: Any) -> None:
    """Show a bundle in the cell that runs."""
    display(bundle, raw=True, **options)  # type: ignore[no-untyped-call]


class SavedForm:
    """A second output below a widget, which the widget's page hides: what the notebook keeps.

    The output of the widget itself cannot be written again: its page would begin anew.
    """

    def __init__(self) -> None:
        self._name = f"colbert_explain-{uuid.uuid4().hex}"
        self._is_shown = False

    def show(self, bundle: Bundle) -> None:
        """Show the static form below what the cell has shown."""
        show(bundle, display_id=self._name)
        self._is_shown = True

    def update(self, bundle: Bundle) -> None:
        """Write it again, wherever it is shown."""
        if self._is_shown:
            show(bundle, display_id=self._name, update=True)
