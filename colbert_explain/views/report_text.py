"""An explanation in plain sentences, for readers who see no figure or want none."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from colbert_explain.explanation import Explanation
from colbert_explain.views.report_sections import report_sections


def report(
    explanation: Explanation,
    *,
    percentiles: Float[np.ndarray, " query"] | None = None,
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
        For each query token, the fraction of unrelated texts of the document's length that match
        it less well, in ``[0, 1]``, as `Calibration.of` gives it; NaN where that is not known.

    Returns
    -------
    str
        Paragraphs with headings, lines that begin with ``- `` where it lists. What the words add,
        what the rest of a long query adds and what other tokens add make up the score.

    Raises
    ------
    ValueError
        If ``percentiles`` does not fit the query, or a value lies outside ``[0, 1]``.
    """
    return "\n\n".join(
        "\n".join([section.heading, *section.sentences, *(f"- {item}" for item in section.items)])
        for section in report_sections(explanation, percentiles=percentiles)
    )
