"""The best sentences of a document as rows of a list, near misses among them."""

from __future__ import annotations

from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import shorten, visible

_TEXT_SHOWN = 280  # characters of a sentence


def passage_rows(explanation: Explanation, k: int = 5) -> list[dict[str, Any]]:
    """Write the ``k`` best sentences, best first, for a page that lists them.

    Parameters
    ----------
    explanation
        Whose document.
    k
        At most so many.

    Raises
    ------
    ValueError
        If ``k`` is below 1.

    Returns
    -------
    list of dict
        Ready for JSON: ``rank``; ``text``, cut where it is long, not escaped; ``header``, the
        line that names the columns where the text is a row of a table; ``first`` token and
        the ``stop`` after its last; ``score``; ``share`` of the document's score and ``of_best``
        sentence's, both None where there is none because a score is not above 0.
    """
    passages = explanation.passages(k)
    best = passages[0].score if passages else 0.0
    return [
        {
            "rank": p.rank,
            "text": shorten(visible(" ".join(p.text.split())), _TEXT_SHOWN),
            "header": shorten(visible(" ".join(p.header.split())), _TEXT_SHOWN),
            "first": p.first_token,
            "stop": p.last_token + 1,
            "score": p.score,
            "share": p.share if explanation.score > 0 else None,
            "of_best": p.score / best if best > 0 else None,
        }
        for p in passages
    ]
