"""The hits of a search as a page lists them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from colbert_explain.explanation import Explanation, Passage
from colbert_explain.search import Document, Hits
from colbert_explain.similarity import TIE_TOLERANCE, ordered
from colbert_explain.text.wording import one_line

#: Characters of the best sentence that are shown, and of those that stand before its best match.
_SHOWN, _BEFORE = 170, 60
#: A match of at least this similarity is emphasised.
_CLEAR = 0.4
_WORD = re.compile(r"\w+")


def with_titles(hits: Hits) -> Hits:
    """Return hits that are called as `titled_names` calls their documents."""
    return replace(hits, names=titled_names(hits.documents))


def titled_names(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the titles of documents, and the ids of those that have none."""
    titles = [str(one.metadata.get("title") or "").strip() for one in documents]
    often = Counter(titles)
    names = []
    for document, title in zip(documents, titles, strict=True):
        if not title:
            names.append(document.id)
        elif often[title] > 1:
            names.append(f"{one_line(title)} ({document.id})")
        else:
            names.append(one_line(title))
    return tuple(names)


def hit_rows(
    hits: Hits, right: Collection[str] = (), *, is_exact: bool = True
) -> list[dict[str, Any]]:
    """Describe each hit, best first; ready for JSON.

    Parameters
    ----------
    hits
        From `with_titles`.
    right
        Ids of documents that are known to answer the query.
    is_exact
        Whether the index holds the encoder's own vectors.

    Returns
    -------
    list of dict
        Each with ``position``, ``id``, ``name``; ``sentence``, its best one, whole; ``parts`` of
        it, cut around its best match, each a text and whether it is a match; ``index_score`` and
        ``difference`` (exact less index; both None for an exact index);
        ``metadata``, names with values; ``right``.
    """
    rows = []
    for i in hits.order.tolist():
        x, document = hits.explanations[i], hits.documents[i]
        title = str(document.metadata.get("title") or "")
        best = best_sentence(x, title)
        rows.append(
            {
                "position": i,
                "id": document.id,
                "name": hits.names[i],
                "sentence": "" if best is None else one_line(best.text),
                "parts": [] if best is None else snippet_parts(x, best),
                "index_score": None if is_exact else float(hits.index_scores[i]),
                "difference": None if is_exact else float(hits.differences[i]),
                "metadata": [
                    [name, str(value)]
                    for name, value in document.metadata.items()
                    if name != "title"
                ],
                "right": document.id in right,
            }
        )
    return rows


def best_sentence(x: Explanation, title: str) -> Passage | None:
    """Return the best sentence of a document other than its title, which stands above it."""
    found = x.passages(2)
    for passage in found:
        if passage.text.strip() != title.strip():
            return passage
    return found[0] if found else None


def snippet_parts(x: Explanation, passage: Passage) -> list[list[Any]]:
    """Cut a sentence around its best match; return its parts, and whether each is a match."""
    text = passage.text
    spans = _matches(x, passage)
    start = 0
    if len(text) > _SHOWN and spans:
        first = spans[0][0]
        start = max(0, min(first - _BEFORE, len(text) - _SHOWN))
        start = text.find(" ", start) + 1 if start else 0
    stop = min(len(text), start + _SHOWN)
    if stop < len(text):
        cut = text.rfind(" ", start, stop)
        stop = cut if cut > start else stop
    parts: list[list[Any]] = [["…", False]] if start else []
    at = start
    for first, last in sorted(spans):
        if first < at or last > stop:
            continue
        parts += [[text[at:first], False], [text[first:last], True]]
        at = last
    parts.append([text[at:stop] + ("…" if stop < len(text) else ""), False])
    return [
        [one_line(part) if len(parts) == 1 else part.replace("\n", " "), is_match]
        for part, is_match in parts
        if part
    ]


def _matches(x: Explanation, passage: Passage) -> list[tuple[int, int]]:
    """Return where matches of the document stand in a sentence, the best first, as whole words."""
    words = [found.span() for found in _WORD.finditer(passage.text)]
    kept: list[tuple[int, int]] = []
    for i in ordered(passage.contributions).tolist():
        j = int(passage.alignment[i])
        if j < 0 or passage.contributions[i] < _CLEAR:
            continue
        # A better match elsewhere in the document is the one that counts.
        if passage.contributions[i] < x.contributions[i] - TIE_TOLERANCE:
            continue
        token = x.document[j]
        if token.start is None or token.end is None:
            continue
        begin, end = token.start - passage.start, token.end - passage.start
        for span in words:
            if span[0] < end and begin < span[1] and span not in kept:
                kept.append(span)
    return kept
