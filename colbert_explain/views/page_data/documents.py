"""The documents of a ranking as a page lists them: names, snippets, scores, a mark per word."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from colbert_explain.analysis import Ranking
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.words import words_of
from colbert_explain.similarity import first_best
from colbert_explain.text.wording import one_line
from colbert_explain.views.theme import Palette
from colbert_explain.views.token_labels import short_name

#: What `rank` and forms call documents that have no name.
_NO_NAME = re.compile(r"\s*(document \d+)?\s*", re.IGNORECASE)
#: What sets the name of a repeated text apart.
_REPEATED = re.compile(r" \(\d+\)$")
#: Characters of a name made of first words, and of a snippet.
_NAME, _SNIPPET = 32, 90
#: Characters of a snippet that stand before the match.
_BEFORE = 28


def document_name(name: str, text: str) -> str:
    """Return the name of a document; its first words where it has none.

    >>> document_name("Document 1", "Every day, the average elephant consumes roughly 150 kg.")
    'Every day, the average elephant…'
    >>> document_name("Wikipedia", "Elephants eat grass.")
    'Wikipedia'
    """
    return _first_words(text, _NAME) if _NO_NAME.fullmatch(name) else one_line(name)


def name_in_sentence(name: str, text: str) -> str:
    """Return the name of a document for a sentence; first words that stand for it are quoted.

    >>> name_in_sentence("document 0", "Elephants eat grass.")
    '“Elephants eat grass.”'
    >>> name_in_sentence("Elephants eat…", "Elephants eat grass.")
    '“Elephants eat…”'
    >>> name_in_sentence("Wikipedia", "Elephants eat grass.")
    'Wikipedia'

    So are those of a text that is given twice, whose second name ends in a number.

    >>> name_in_sentence("Elephants eat… (2)", "Elephants eat grass.")
    '“Elephants eat… (2)”'
    """
    called = document_name(name, text)
    words = _REPEATED.sub("", called).rstrip("…")
    is_text = " " in words and one_line(text).startswith(words)
    return f"“{called}”" if is_text or _NO_NAME.fullmatch(name) else called


def document_entry(
    x: Explanation, colours: Palette, *, name: str, position: int = 0, rank: int = 1, best: float
) -> dict[str, Any]:
    """Describe one document, ready for JSON.

    Returns
    -------
    dict
        ``position``, ``rank``, ``name``, ``snippet``, ``score``; ``of_best``, a part of the score
        ``best`` (None where that is not above 0); ``marks``, one per scored query word, each with
        ``label``, ``value`` (what it adds), ``pieces`` (scored tokens, of which that is the sum)
        and ``colour``.
    """
    return {
        "position": position,
        "rank": rank,
        "name": document_name(name, x.document.text),
        "snippet": snippet(x),
        "score": x.score,
        "of_best": x.score / best if best > 0 else None,
        "marks": _marks(x, colours),
    }


def ranking_entries(ranking: Ranking, colours: Palette) -> list[dict[str, Any]]:
    """Describe the documents of a ranking, best first; each is explained in turn, none is kept."""
    entries: list[dict[str, Any]] = []
    best = 0.0
    ranks = ranking.ranks
    for i in ranking.order.tolist():
        x = ranking.explanations[i]
        best = best if entries else x.score
        name, rank = ranking.names[i], int(ranks[i])
        entries.append(document_entry(x, colours, name=name, position=i, rank=rank, best=best))
    return entries


def snippet(x: Explanation) -> str:
    """Return the words around the best match of a document, or its first words."""
    text = x.document.text
    scored = np.flatnonzero(x.query.scored_mask)
    found = scored[first_best(x.contributions[scored])]
    token = x.document[int(x.alignment[found])]
    if token.start is None or token.end is None or token.start < _SNIPPET - _BEFORE:
        return _first_words(text, _SNIPPET)
    start = token.start - _BEFORE
    begun = text[start : token.start]
    cut = begun.find(" ") + 1  # a word that may be cut is left out
    return "…" + _first_words(text[start + cut :].lstrip(), _SNIPPET)


def _first_words(text: str, length: int) -> str:
    """Return the beginning of a text, cut between two words where there are any."""
    line = one_line(text[: 4 * length])
    if len(line) <= length and len(text) <= 4 * length:
        return line
    begun = line[:length]
    if not line[length : length + 1].isspace() and " " in begun.strip():
        begun = begun[: begun.rindex(" ")]
    return begun.rstrip(" ,;:.") + "…"


def _marks(x: Explanation, colours: Palette) -> list[dict[str, Any]]:
    marks = []
    for word in words_of(x.query):
        if word.scored:
            held = [p for p in word.positions if x.query[p].scored]
            value = float(x.contributions[held].sum(dtype=np.float64))
            colour = colours.cosine_colour(value / len(held))
            marks.append(
                {
                    "label": short_name(word.text),
                    "value": value,
                    "pieces": len(held),
                    "colour": colour,
                }
            )
    return marks
