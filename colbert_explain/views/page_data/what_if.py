"""What a page says of words that were removed from the document."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis.occlusion import Occlusion
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import WordMatch
from colbert_explain.text.wording import number, visible
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.token_labels import short_name

#: A change that two decimals do not show is none.
_SHOWN = 0.005


def span_of_columns(
    x: Explanation, places: HeatmapPlaces, first: int, stop: int
) -> tuple[int, int] | None:
    """Find the characters of the document that some columns stand for, with all between them.

    Parameters
    ----------
    x, places
        The explanation, and where its tokens stand.
    first, stop
        The first column, and one after the last.

    Returns
    -------
    tuple of int
        Start and end; None where the columns have no text or there are no such columns.
    """
    held = [x.document[j] for tokens in places.column_tokens[first:stop] for j in tokens]
    spans = [(t.start, t.end) for t in held if t.start is not None and t.end is not None]
    if not spans or first < 0:
        return None
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    text = x.document.text[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return (start, end) if start < end else None


def what_if(occlusion: Occlusion) -> dict[str, Any]:
    """Write both answers to "what if these words were not there".

    Returns
    -------
    dict
        Ready for JSON: ``text`` that was removed; the scores ``before``, ``masked`` and
        ``reencoded`` (None where it is not known), and the same as ``texts``; ``sentence``, and
        as ``sentence_parts``; ``moved``, one per query word that adds something else than before,
        each with ``label`` and, for ``before``, ``masked`` and ``reencoded``, the ``match`` and
        its ``value``.
    """
    x, again = occlusion.original, occlusion.reencoded
    answers = {"before": x, "masked": occlusion.masked, "reencoded": again}
    scores = {name: None if y is None else y.score for name, y in answers.items()}
    return {
        "text": visible(" ".join(occlusion.removed.split())),
        **scores,
        "texts": {name: s if s is None else number(s, 2) for name, s in scores.items()},
        "sentence": occlusion.sentence(),
        "sentence_parts": [list(part) for part in occlusion.sentence_parts()],
        "moved": _moved(x, answers),
    }


def _moved(x: Explanation, answers: dict[str, Explanation | None]) -> list[dict[str, Any]]:
    found = {
        name: {} if y is None or y.query.text != x.query.text else _by_word(y)
        for name, y in answers.items()
    }
    moved = []
    for match in x.word_matches:
        of_word = {name: found[name].get(match.word.positions) for name in answers}
        changes = [
            abs(other.contribution - match.contribution)
            for other in of_word.values()
            if other is not None
        ]
        if max(changes) >= _SHOWN:
            sides = {name: _match(other) for name, other in of_word.items()}
            moved.append({"label": short_name(match.word.text), **sides})
    return moved


def _by_word(x: Explanation) -> dict[tuple[int, ...], WordMatch]:
    return {match.word.positions: match for match in x.word_matches}


def _match(match: WordMatch | None) -> dict[str, Any] | None:
    if match is None:
        return None
    return {"match": short_name(match.pieces[0].match.text), "value": match.contribution}
