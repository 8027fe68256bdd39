"""The contributions to a score as rows of a list: groups, runners-up, how firm they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import Firmness
from colbert_explain.explanation.score_groups import score_groups
from colbert_explain.explanation.scores import share_of
from colbert_explain.views.charts.heatmap.grid import Level
from colbert_explain.views.text.report import firmness_section, kinds_section
from colbert_explain.views.theme import Palette, Theme, palette_of
from colbert_explain.views.token_labels import short_name, token_names

#: What a row says of how firm its match is.
_FIRM: dict[Firmness, str] = {"tied": "tie", "close": "close", "firm": ""}


def contribution_rows(
    explanation: Explanation, *, level: Level = "token", theme: Theme = "light"
) -> dict[str, Any]:
    """Write what each query token or word adds to the score, for a page that lists it.

    Parameters
    ----------
    explanation
        What to list.
    level
        A row per ``"token"`` or per ``"word"``.
    theme
        Whose colours.

    Returns
    -------
    dict
        Ready for JSON: ``score``; ``sentences`` on how firm the matches are; ``scale``, the
        largest value; ``unscored``, names of what is not scored; ``groups``, each with ``name``,
        ``subtotal``, ``share`` (None where the score is not above 0) and ``rows``. A row has
        ``tokens`` (query positions) and the ``pair`` to pin; ``name``, ``value``, ``share``,
        ``colour``, ``match``, ``at`` (document position), ``runner_up`` with
        ``runner_up_value`` (both None where there is none), ``pieces`` and ``firm``: ``""``,
        ``"tie"`` or ``"close"``. No text is escaped: show it as text, never as markup.
    """
    x, colours = explanation, palette_of(theme)
    rows = _token_rows(x, colours) if level == "token" else _word_rows(x, colours)
    groups = []
    for group in score_groups(x):
        held = set(group.positions)
        groups.append(
            {
                "name": group.name,
                "subtotal": group.subtotal,
                "share": none_for_nan(group.share),
                "rows": [row for row in rows if row["tokens"][0] in held],
            }
        )
    texts = [match for match in x.word_matches if match.word.role == "text"]
    names = token_names(x.query)
    return {
        "score": x.score,
        "sentences": list(firmness_section(texts, np.full(len(x.query), np.nan)).sentences),
        "scale": max([1.0, *(row["value"] for row in rows)]),
        "unscored": [short_name(names[i]) for i, token in enumerate(x.query) if not token.scored],
        "groups": groups,
    }


def summary_sentences(explanation: Explanation) -> tuple[str, ...]:
    """Return up to three sentences: what the score is made of, by kind of match."""
    texts = [match for match in explanation.word_matches if match.word.role == "text"]
    return kinds_section(explanation, texts).items


def _token_rows(x: Explanation, colours: Palette) -> list[dict[str, Any]]:
    of_query, of_document = token_names(x.query), token_names(x.document)
    rows = []
    for match in x.token_matches:
        if match is None:
            continue
        i, j, second = match.position, match.match_position, match.runner_up_position
        value, found = match.similarity, second >= 0
        rows.append(
            {
                "tokens": [i],
                "pair": [i, j],
                "name": short_name(of_query[i]),
                "value": value,
                "share": none_for_nan(share_of(value, x.score)),
                "colour": colours.cosine_colour(value),
                "match": short_name(of_document[j]),
                "at": j,
                "runner_up": short_name(of_document[second]) if found else None,
                "runner_up_value": match.runner_up_similarity if found else None,
                "pieces": 1,
                "firm": _FIRM[match.firmness],
            }
        )
    return rows


def _word_rows(x: Explanation, colours: Palette) -> list[dict[str, Any]]:
    rows = []
    for match in x.word_matches:
        strongest, n_pieces = match.pieces[0], len(match.pieces)
        near = match.runner_up_similarity
        rows.append(
            {
                "tokens": sorted(piece.position for piece in match.pieces),
                "pair": [strongest.position, strongest.match_position],
                "name": short_name(match.word.text),
                "value": match.contribution,
                "share": none_for_nan(share_of(match.contribution, x.score)),
                "colour": colours.cosine_colour(match.contribution / n_pieces),
                "match": short_name(strongest.match.text),
                "at": strongest.match_position,
                "runner_up": short_name(strongest.runner_up.text) if strongest.runner_up else None,
                "runner_up_value": none_for_nan(near),
                "pieces": n_pieces,
                "firm": _FIRM[match.firmness],
            }
        )
    return rows


def none_for_nan(value: float) -> float | None:
    """Return a number as JSON holds it: none where it is not known."""
    return None if np.isnan(value) else value
