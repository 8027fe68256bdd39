"""`MaxSimStepper`: MaxSim step by step, one query token after the other."""

from __future__ import annotations

import traitlets

from colbert_explain.app.teaching.form_with_result import form_files
from colbert_explain.app.web.cell_display import ShownInCells
from colbert_explain.app.web.widget import PageWidget
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import count
from colbert_explain.views.page_data.stepper import stepper_contents, stepper_text


class MaxSimStepper(ShownInCells, PageWidget):
    """Step through a score: each query token's similarities, its best match, the running sum.

    Buttons, a click on a query token, arrow keys, Home and End move; the space bar plays and
    pauses. Once it is shown it needs no kernel.

    Parameters
    ----------
    explanation
        The explanation to step through.
    pooled_cosine
        The cosine of the two texts with one vector per text (`pooled_cosine` computes it), shown
        beside the sum; None leaves it out. It cannot be computed from an explanation, which holds
        no vectors.

    Raises
    ------
    ValueError
        If ``pooled_cosine`` is not within [-1, 1].

    Examples
    --------
    >>> import colbert_explain as ce
    >>> print(ce.MaxSimStepper(ce.explain("Cats eat.", "A cat eats.")).text[:63])
    Start: each of the 2 scored query tokens will choose its most s
    """

    _esm, _css = form_files("teaching/maxsim_stepper.js")

    #: Output of `stepper_contents`.
    contents = traitlets.Dict().tag(sync=True)
    #: CSS rule that hides the saved output where the stepper itself is shown.
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
        return f"MaxSimStepper({count(len(self.contents['steps']) - 2, 'query token')})"

    def saved_text(self) -> str:
        """Return every step as a line of text."""
        return self.text
