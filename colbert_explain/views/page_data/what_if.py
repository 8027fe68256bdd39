"""What a page says of words that were removed from the document."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.analysis.changed_rank import changed_rank
from colbert_explain.analysis.occlusion import Occlusion
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import WordMatch
from colbert_explain.text.wording import number, ordinal, visible
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


def what_if(
    occlusion: Occlusion, ranking: Ranking | None = None, position: int = 0
) -> dict[str, Any]:
    """Write both answers to "what if these words were not there".

    Parameters
    ----------
    occlusion
        The answers.
    ranking, position
        The ranking that the document belongs to, None for none, and its position in the given
        order.

    Returns
    -------
    dict
        Ready for JSON: ``text`` that was removed; the scores ``before``, ``masked`` and
        ``reencoded`` (None where it is not known), and the same as ``texts``; ``places``, what
        ``masked`` and ``reencoded`` mean for the rank, empty without other documents;
        ``sentence``, and as ``sentence_parts``; ``moved``, one per query word that adds something
        else than before, each with ``label`` and, for ``before``, ``masked`` and ``reencoded``,
        the ``match`` and its ``value``.
    """
    x, again = occlusion.original, occlusion.reencoded
    answers = {"before": x, "masked": occlusion.masked, "reencoded": again}
    scores = {name: None if y is None else y.score for name, y in answers.items()}
    places = {}
    if ranking is not None and len(ranking) > 1:
        after = {name: score for name, score in scores.items() if name != "before"}
        places = {name: _place(ranking, position, s) for name, s in after.items() if s is not None}
    return {
        "text": visible(" ".join(occlusion.removed.split())),
        **scores,
        "texts": {name: s if s is None else number(s, 2) for name, s in scores.items()},
        "places": places,
        "sentence": occlusion.sentence(),
        "sentence_parts": [list(part) for part in occlusion.sentence_parts()],
        "moved": _moved(x, answers),
    }


def _place(ranking: Ranking, position: int, score: float) -> str:
    """Write a rank and that of the best other document, as in "still 1st (2nd: 6.17)"."""
    new = changed_rank(ranking, position, score)
    kept = "still" if new.after == new.before else "now"
    also = "also " if new.after == new.other_rank else ""
    other = f"{also}{ordinal(new.other_rank)}: {number(new.other_score, 2)}"
    return f"{kept} {ordinal(new.after)} ({other})"


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
