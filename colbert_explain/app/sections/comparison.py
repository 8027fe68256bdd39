"""What the section "Compare two" shows."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import contrast
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import visible
from colbert_explain.views.page_data.sections import compare

_OTHER_MODEL = (
    "The two come from different models. Each model has its own scale of similarities: compare "
    "where the matches lie, not the scores."
)
_OTHER_QUERY = (
    "The two have different queries. A score grows with the length of its query, so these scores "
    "can't be compared with each other."
)


def comparison(first: Explanation, second: Explanation, names: tuple[str, str]) -> dict[str, Any]:
    """Compare two explanations word by word, or say why they can't be.

    Parameters
    ----------
    first, second
        The explanations.
    names
        What they are called.

    Returns
    -------
    dict
        Ready for JSON: what `compare` returns; or ``note``, the reason, with ``names``,
        ``scores`` and no ``rows``.
    """
    if not first.provenance.same_model(second.provenance):
        note = _OTHER_MODEL
    elif first.query != second.query:
        note = _OTHER_QUERY
    else:
        return compare(contrast(first, second, names))
    return {
        "note": note,
        "names": [visible(name) for name in names],
        "scores": [first.score, second.score],
        "rows": [],
    }
