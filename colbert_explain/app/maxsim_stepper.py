"""`MaxSimStepper`: MaxSim played through, one query token after the other."""

from __future__ import annotations

import traitlets

from colbert_explain.app.cell_display import ShownInCells
from colbert_explain.app.page_widgets import PageWidget, page_text
from colbert_explain.explanation import Explanation
from colbert_explain.views.theme import css_variables
from colbert_explain.views.widget_data.stepper import stepper_contents, stepper_text


class MaxSimStepper(ShownInCells, PageWidget):
    """Step through a score: each query token's similarities, its winner, the running sum.

    Buttons, a click on a query token, arrow keys, Home and End move; the space bar plays and
    pauses. Once it is shown it needs no kernel.

    Parameters
    ----------
    explanation
        What to play.
    pooled_cosine
        What one vector per text would say of the same texts (`pooled_cosine` computes it),
        shown beside the sum; left out where it is None. An explanation holds no vectors, so it
        cannot be told from one.

    Raises
    ------
    ValueError
        If ``pooled_cosine`` is no cosine.

    Examples
    --------
    >>> import colbert_explain as ce
    >>> print(ce.MaxSimStepper(ce.explain("Cats eat.", "A cat eats.")).text[:63])
    Start: each of the 2 scored query tokens will choose its most s
    """

    _esm = page_text("maxsim_stepper.js")
    _css = css_variables() + page_text("maxsim_stepper.css")

    #: What `stepper_contents` wrote.
    contents = traitlets.Dict().tag(sync=True)
    #: A rule that hides what a saved notebook keeps where the stepper itself is shown.
    saved_style = traitlets.Unicode().tag(sync=True)

    def __init__(self, explanation: Explanation, *, pooled_cosine: float | None = None) -> None:
        super().__init__(contents=stepper_contents(explanation, pooled_cosine=pooled_cosine))
        self.saved_style = self.hiding_style
        self.add_class("ce-stepper-place")

    @property
    def text(self) -> str:
        """Every step as a line of text."""
        return stepper_text(self.contents)

    def __repr__(self) -> str:
        return f"MaxSimStepper({len(self.contents['steps']) - 2} query tokens)"

    def saved_text(self) -> str:
        """Return every step as a line of text."""
        return self.text
