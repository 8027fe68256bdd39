"""Both answers to "what if this were not there" as rows of a table, and the text to choose from."""

from __future__ import annotations

from typing import Any

import numpy as np

from colbert_explain.analysis.occlusion import Occlusion
from colbert_explain.explanation import Explanation
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.text.wording import visible
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.html.highlight.notes import text_items
from colbert_explain.views.html.render import shown_signs
from colbert_explain.views.token_labels import short_name, token_names

#: A change that three decimals do not show is none.
_SHOWN = 0.0005


def occlusion_rows(occlusion: Occlusion) -> dict[str, Any]:
    """Write both answers of an occlusion, for a page that lists them.

    Returns
    -------
    dict
        Ready for JSON: ``removed``; ``sentence``, and as ``sentence_parts``, each a text and
        whether it is emphasised; ``score`` before; ``masked`` and
        ``reencoded``, each with ``score`` and ``difference``, the latter None where it is not
        known; ``unchanged``, how many scored query tokens neither answer changes; ``rows`` of
        the others, each with ``name`` and, for ``before``, ``masked`` and ``reencoded``, the
        ``match`` and its ``value``. No text is escaped: show it as text, never as markup.
    """
    x, again = occlusion.original, occlusion.reencoded
    answers: dict[str, Explanation | None] = {
        "before": x,
        "masked": occlusion.masked,
        "reencoded": again if again is not None and again.query == x.query else None,
    }
    names = token_names(x.query)
    document_names = {
        answer: token_names(y.document) if y is not None else [] for answer, y in answers.items()
    }
    rows, unchanged = [], 0
    for i in np.flatnonzero(x.query.scored_mask).tolist():
        row: dict[str, Any] = {"name": short_name(names[i])}
        for answer, y in answers.items():
            row[answer] = y and {
                "match": short_name(document_names[answer][int(y.alignment[i])]),
                "value": float(y.contributions[i]),
            }
        changed = any(
            row[answer] and abs(row[answer]["value"] - row["before"]["value"]) >= _SHOWN
            for answer in ("masked", "reencoded")
        )
        rows += [row] if changed else []
        unchanged += not changed
    return {
        "removed": visible(" ".join(occlusion.removed.split())),
        "sentence": occlusion.sentence(),
        "sentence_parts": [list(part) for part in occlusion.sentence_parts()],
        "score": x.score,
        "masked": {"score": occlusion.masked.score, "difference": occlusion.masked_difference},
        "reencoded": None
        if again is None
        else {"score": again.score, "difference": occlusion.reencoded_difference},
        "rows": rows,
        "unchanged": unchanged,
    }


def text_units(tokens: TokenSequence) -> dict[str, Any]:
    """Cut the part of a text that was read into words and sentences to choose from.

    Returns
    -------
    dict
        Ready for JSON: ``text``, the part that was read; ``words`` and ``sentences``, pairs of
        character positions (code points) in order; ``signs``, pairs of a position and what is
        shown there, for characters that a page would drop or obey; ``unread``, how many
        characters follow.
    """
    end = len(tokens.text) if tokens.unread_start is None else tokens.unread_start
    text = tokens.text[:end]
    return {
        "text": text,
        "words": [[item.start, item.end] for item in text_items(tokens) if item.end is not None],
        "signs": [list(sign) for sign in shown_signs(text).items()],
        "sentences": [list(span) for span in sentence_spans(text)],
        "unread": len(tokens.text) - end,
    }
