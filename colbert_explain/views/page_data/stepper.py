"""What the MaxSim stepper plays: one step per query token, as plain texts and colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest_tokens import most_similar
from colbert_explain.text import wording
from colbert_explain.text.printed_sums import adds_up
from colbert_explain.text.wording import count, isolated, visible
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.charts.heatmap.outlines import TIES_DRAWN
from colbert_explain.views.text.plain_text import warnings
from colbert_explain.views.theme import COSINE_STEPS, cosine_step, css_cosine
from colbert_explain.views.token_labels import short_name, token_names

#: A document of up to so many tokens is shown whole at every step.
SHOWN_WHOLE = 64
#: Of a longer one each step shows so many of the most similar tokens, with their neighbours ...
MOST_BEST = 12
#: ... and fewer for a long query, so that all its steps together stay about so many.
_BEST_OF_ALL_STEPS = 6000
#: Decimals of every number that a step shows.
_DIGITS = 2


def stepper_contents(
    explanation: Explanation, *, pooled_cosine: float | None = None
) -> dict[str, Any]:
    """Write an explanation as steps, for a page that plays them by itself.

    Every number is written out here, from the explanation; the page computes nothing.

    Parameters
    ----------
    explanation
        What to play.
    pooled_cosine
        What one vector per text would say, in ``[-1, 1]``; left out where it is None.

    Returns
    -------
    dict
        Ready for JSON. ``steps``: a start, one per query token in order, an end; each with a
        ``sentence`` (which says where a sum, of numbers as they are printed, would be another)
        and the running ``sum``, as a number and as ``sum_text``; that of a token
        also with its ``name``, what stands to its ``left`` and ``right``, the ``reason`` why it
        is skipped (None where it is scored), its ``contribution``, and its ``cells``: document
        position, similarity as text, the key of its colour (None where it does not count) and
        whether it is a winner. ``document``: by position, what a column is called.
        ``colours``: by key, declarations for a light page and a dark one. ``shortened``: a
        sentence if not all of the document is shown. No text is escaped: show it as text.

    Raises
    ------
    ValueError
        If ``pooled_cosine`` is no cosine.
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    if pooled_cosine is not None:
        check.number("pooled_cosine", pooled_cosine)
        if not abs(pooled_cosine) <= 1 + 1e-3:
            raise ValueError(f"pooled_cosine must lie in [-1, 1], got {pooled_cosine}")
    x = explanation
    best = max(2, min(MOST_BEST, _BEST_OF_ALL_STEPS // len(x.query)))
    whole = len(x.document) <= SHOWN_WHOLE
    names, columns = token_names(x.query), token_names(x.document)
    sums = np.cumsum(x.contributions, dtype=np.float64)
    steps: list[dict[str, Any]] = []
    shown: set[int] = set()
    keys: set[int] = set()
    for i, token in enumerate(x.query):
        places = np.arange(len(x.document)) if whole else _strongest(x, i, best)
        winners = set(x.winners(i)[:TIES_DRAWN].tolist())
        cells = []
        for j in places.tolist():
            value = float(x.similarity[i, j])
            key = cosine_step(value) if token.scored and x.document[j].scored else None
            cells.append([j, number(value), key, j in winners])
            shown.add(j)
            if key is not None:
                keys.add(key)
        key = cosine_step(float(x.contributions[i])) if token.scored else None
        if key is not None:
            keys.add(key)
        left, right = x.query.context(i)
        steps.append(
            {
                "name": short_name(names[i]),
                "left": visible(left),
                "right": visible(right),
                "reason": None if token.scored else skipped_because(token),
                "contribution": number(float(x.contributions[i])) if token.scored else None,
                "colour": key,
                "cells": cells,
                "sum": float(sums[i]),
                "sum_text": number(float(sums[i])),
                "share": _share(float(sums[i]), x.score),
                "sentence": _sentence(x, i, names, columns, float(sums[i])),
            }
        )
    n_scored = int(x.query.scored_mask.sum())
    start = {"sum": 0.0, "sum_text": number(0.0), "share": 0.0, "sentence": _start(n_scored)}
    end = {
        "sum": x.score,
        "sum_text": number(x.score),
        "share": _share(x.score, x.score),
        "sentence": _end(n_scored, x.score),
        "addition": _addition(x),
    }
    return {
        "steps": [start, *steps, end],
        "document": {str(j): _column(x.document, j, columns) for j in sorted(shown)},
        "n_document": len(x.document),
        "colours": {str(key): css_cosine(key / COSINE_STEPS) for key in sorted(keys)},
        "shortened": None if whole else _shortened(len(x.document), best),
        "score": number(x.score),
        "mean": number(x.mean_contribution),
        "pooled": None if pooled_cosine is None else number(float(pooled_cosine)),
        "warnings": warnings(x),
        "provenance": x.provenance_sentence(),
    }


def stepper_text(contents: dict[str, Any]) -> str:
    """Write all steps as text: for terminals, screen readers and saved notebooks."""
    lines = [step["sentence"] for step in contents["steps"]]
    if contents["pooled"] is not None:
        lines.append(f"Single-vector cosine: {contents['pooled']}.")
    return "\n".join([*lines, *contents["warnings"], contents["provenance"]])


def skipped_because(token: Token) -> str:
    """Return why a token is not scored."""
    if token.unknown:
        return "unknown to this model"
    if token.role == "text":
        return "left out of the score"
    return {
        "special": "a structural token that is not scored",
        "marker": "a marker that is not scored",
        "expansion": "an expansion token that is not scored",
    }[token.role]


def number(value: float) -> str:
    """Write a similarity or a sum as the steps show it."""
    return wording.number(value, _DIGITS)


def _strongest(x: Explanation, row: int, best: int) -> Int[np.ndarray, " places"]:
    """Choose what a step shows of a long document: the best tokens, winners, their neighbours."""
    top = np.concatenate([most_similar(x, row, best), x.winners(row)[:TIES_DRAWN]])
    around = np.concatenate([top - 1, top, top + 1])
    return np.unique(around[(around >= 0) & (around < len(x.document))])


def _column(tokens: TokenSequence, j: int, columns: list[str]) -> dict[str, Any]:
    left, right = tokens.context(j)
    return {
        "name": short_name(columns[j]),
        "left": visible(left),
        "right": visible(right),
        "reason": None if tokens[j].scored else skipped_because(tokens[j]),
    }


def _sentence(
    x: Explanation, row: int, names: list[str], columns: list[str], running: float
) -> str:
    name, token = isolated(short_name(names[row])), x.query[row]
    if not token.scored:
        return f"{name} is skipped, {skipped_because(token)}; the sum stays {number(running)}"
    match = isolated(short_name(columns[int(x.alignment[row])]))
    others = len(x.winners(row)) - 1
    tie = f", tied with {count(others, 'other')}" if others else ""
    added = float(x.contributions[row])
    rounded = "" if adds_up([running - added, added], running, _DIGITS) else " before rounding"
    return f"{name} → {match} {number(added)}{tie}, sum{rounded} {number(running)}"


def _start(n_scored: int) -> str:
    if n_scored == 1:
        return "Start: the query token will choose its most similar document token. The sum is 0."
    return (
        f"Start: each of the {n_scored:,} scored query tokens will choose its most similar "
        "document token. The sum is 0."
    )


def _end(n_scored: int, score: float) -> str:
    has = {1: "The scored query token has", 2: "Both have"}.get(n_scored, f"All {n_scored:,} have")
    return f"{has} chosen: the sum is the MaxSim score, {number(score)}."


def _addition(x: Explanation) -> str:
    """Write the whole sum, as far as a line or two can hold it."""
    parts = [number(float(c)) for c in x.contributions[x.query.scored_mask][:SHOWN_WHOLE]]
    more = int(x.query.scored_mask.sum()) - len(parts)
    if more:
        parts.append(f"… ({more:,} more)")
    # Of numbers that are left out, the sum cannot be checked.
    equal = more or adds_up(x.contributions[x.query.scored_mask], x.score, _DIGITS)
    return f"{' + '.join(parts)} {'=' if equal else '≈'} {number(x.score)}"


def _shortened(n_document: int, best: int) -> str:
    return (
        f"The document has {n_document:,} tokens. Each step shows the {best} that its query token "
        "is most similar to, and their neighbours."
    )


def _share(running: float, score: float) -> float:
    return min(1.0, max(0.0, running / score)) if score > 0 else 0.0
