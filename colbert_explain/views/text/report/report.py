"""An explanation in plain sentences, for readers who see no figure or want none."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.views.html.render import render
from colbert_explain.views.text.report.sections import ReportSection, report_sections


class Report(str):
    """The text of a report; a notebook shows its headings and lists as such."""

    __slots__ = ("_sections",)

    _sections: tuple[ReportSection, ...]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = render("report.html.j2", sections=self._sections)
        return {"text/html": html, "text/plain": str(self)}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))  # IPython prefers its own printer of strings to the bundle


def report(
    explanation: Explanation,
    *,
    percentiles: ArrayLike | None = None,
) -> str:
    """Say an explanation in plain sentences.

    The score and what it is the sum of; what every query word adds, the largest first, and the
    word it found; how firm that is; what was not scored, not known or not read; the best
    sentences of the document; what computed it. Numbers are rounded to three decimals.

    Parameters
    ----------
    explanation
        What to tell.
    percentiles
        For each query token, how many percent of unrelated texts of the document's length match
        it less well, 0 to 100, as `Calibration.of` gives it; NaN where that is not known.
        An array, a tensor or a list, shape ``(n_query,)``.

    Returns
    -------
    str
        Shown as a page in a notebook. Paragraphs with headings, lines that begin with ``- ``
        where it lists. What the words add,
        what the rest of a long query adds and what other tokens add make up the score.

    Raises
    ------
    ValueError
        If ``percentiles`` does not fit the query, or a value lies outside ``[0, 100]``.
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    sections = report_sections(explanation, percentiles=percentiles)
    written = Report(
        "\n\n".join(
            "\n".join(
                [section.heading, *section.sentences, *(f"- {item}" for item in section.items)]
            )
            for section in sections
        )
    )
    written._sections = sections
    return written
