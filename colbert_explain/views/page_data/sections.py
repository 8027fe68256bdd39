"""What stands below the picture: best sentences, two documents compared, the table."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import Contrast
from colbert_explain.analysis.word_contrast import WordContrast, WordDifference
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import TokenMatch
from colbert_explain.explanation.scores import share_of
from colbert_explain.text.sentence_parts import plain
from colbert_explain.text.wording import percent, shorten, visible
from colbert_explain.views.charts.heatmap.grid import Level
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.page_data.documents import name_in_sentence
from colbert_explain.views.page_data.json_values import none_for_nan
from colbert_explain.views.token_labels import short_name, token_names

#: Characters of a sentence.
_SENTENCE_SHOWN = 280
_FIRM = {"tied": "tie", "close": "close call", "firm": ""}
#: Of a table, in order: the key of a column, its heading, and whether it holds numbers.
_COLUMNS = (
    ("word", "Query word", False),
    ("adds", "Adds to the score", True),
    ("share", "Share of the score", True),
    ("match", "Best match", False),
    ("similarity", "Similarity", True),
    ("kind", "Kind of match", False),
    ("runner_up", "Runner-up in another word", False),
    ("runner_up_adds", "Would add", True),
    ("firmness", "Tie or close call", False),
)


def best_sentences(x: Explanation, places: HeatmapPlaces, k: int = 5) -> list[dict[str, Any]]:
    """Return the ``k`` best sentences of a document, best first; ready for JSON.

    Each has ``rank``; ``text``, cut where it is long, and ``header`` (the line above the rows of a
    table), neither escaped; ``score``; ``share`` of the document's score and ``of_best``
    sentence's, both None where there is none because a score is not above 0; ``label`` (the share
    in words); and ``columns`` of the grid, first and one after the last, or None where none of
    them is in the grid.

    Raises a `ValueError` if ``k`` is below 1.
    """
    passages = x.passages(k)
    best = passages[0].score if passages else 0.0
    return [
        {
            "rank": p.rank,
            "text": shorten(visible(" ".join(p.text.split())), _SENTENCE_SHOWN),
            "header": shorten(visible(" ".join(p.header.split())), _SENTENCE_SHOWN),
            "score": p.score,
            "share": p.share if x.score > 0 else None,
            "of_best": p.score / best if best > 0 else None,
            "label": f"{percent(p.share)} of the score" if x.score > 0 else "",
            "columns": columns_of_tokens(places, p.first_token, p.last_token + 1),
        }
        for p in passages
    ]


def columns_of_tokens(places: HeatmapPlaces, first: int, stop: int) -> list[int] | None:
    """Find the columns that stand for a run of document tokens: first, and after the last."""
    held = [
        k for k, tokens in enumerate(places.column_tokens) if any(first <= j < stop for j in tokens)
    ]
    return [held[0], held[-1] + 1] if held else None


def compare(found: Contrast) -> dict[str, Any]:
    """Compare two documents for one query, word by word.

    Returns
    -------
    dict
        Ready for JSON: ``sentence``, and as ``sentence_parts``, each a text and whether it is
        emphasised; ``names`` and ``scores`` of the two; ``difference`` of the scores; ``scale``,
        the largest difference of a word; ``rows``, one per scored query word, each with ``place``
        (0 for the largest difference), ``name``, ``difference`` and, for ``first`` and
        ``second``, the ``match`` and its ``value``. Differences and values have two decimals:
        printed, the differences sum to that of the scores, and each is that of its two values;
        they are within 0.01 of the true ones.
    """
    compared = WordContrast(found.first, found.second)
    one, other = (
        name_in_sentence(name, x.document.text)
        for name, x in zip(found.names, (found.first, found.second), strict=True)
    )
    parts = compared.sentence_parts((one, other))
    places = {id(word): place for place, word in enumerate(compared.largest_first())}
    rows = [_compared_row(word) | {"place": places[id(word)]} for word in compared.words]
    return {
        "sentence": plain(parts),
        "sentence_parts": [list(part) for part in parts],
        "names": [visible(name) for name in found.names],
        "scores": [found.first.score, found.second.score],
        "difference": compared.printed_difference,
        "scale": max([0.1, *(abs(row["difference"]) for row in rows)]),
        "rows": rows,
    }


def _compared_row(word: WordDifference) -> dict[str, Any]:
    sides = zip(("first", "second"), (word.first, word.second), word.printed_values, strict=True)
    return {
        "name": short_name(word.first.word.text),
        "difference": word.printed,
        **{
            side: {"match": short_name(match.pieces[0].match.text), "value": value}
            for side, match, value in sides
        },
    }


def contribution_table(x: Explanation, level: Level = "word") -> dict[str, Any]:
    """Tabulate what every query word or token adds to the score, unscored ones included.

    Returns
    -------
    dict
        Ready for JSON: ``columns``, each with ``key``, ``heading`` and ``number`` (whether its
        values are numbers); ``rows``, each with a value per key, None where there is none, and
        its ``tokens`` (query positions), in the order of the text; ``sum``, the score.
    """
    rows = _word_rows(x) if level == "word" else _token_rows(x)
    return {
        "columns": [
            {
                "key": key,
                "heading": heading.replace("word", level) if key == "word" else heading,
                "number": number,
            }
            for key, heading, number in _COLUMNS
        ],
        "rows": rows,
        "sum": x.score,
    }


def _word_rows(x: Explanation) -> list[dict[str, Any]]:
    words = x.words()
    matches = {match.word.positions: match for match in x.word_matches}
    rows = []
    for i, word in enumerate(words.query):
        match = matches.get(word.positions)
        facts = None
        if match is not None:
            similarity = float(words.similarity[i, words.alignment[i]])
            facts = _facts(x, match.pieces[0], match.contribution, match.runner_up_similarity)
            facts |= {"similarity": similarity, "kind": match.kind}
            facts |= {"firmness": _FIRM[match.firmness]}
        rows.append(_row(word.text, word.positions, facts))
    return rows


def _token_rows(x: Explanation) -> list[dict[str, Any]]:
    names, of_document = token_names(x.query), token_names(x.document)
    kinds = {p: match.kind for match in x.word_matches for p in match.word.positions}
    rows = []
    for i, match in enumerate(x.token_matches):
        facts = None
        if match is not None:
            facts = _facts(x, match, match.similarity, match.runner_up_similarity)
            facts |= {"match": short_name(of_document[match.match_position])}
            facts |= {"kind": kinds[i], "firmness": _FIRM[match.firmness]}
        rows.append(_row(names[i], (i,), facts))
    return rows


def _row(name: str, tokens: tuple[int, ...], facts: dict[str, Any] | None) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(key for key, _, _ in _COLUMNS)
    found = facts or {"match": "not scored"}
    return empty | {"word": short_name(name), "tokens": list(tokens)} | found


def _facts(x: Explanation, match: TokenMatch, value: float, near: float) -> dict[str, Any]:
    return {
        "adds": value,
        "share": none_for_nan(share_of(value, x.score)),
        "match": short_name(match.match.text),
        "similarity": match.similarity,
        "runner_up": short_name(match.runner_up.text) if match.runner_up else None,
        "runner_up_adds": none_for_nan(near),
    }
