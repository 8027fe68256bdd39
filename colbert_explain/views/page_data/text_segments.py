"""A text cut into the words of the grid and what lies between them."""

from __future__ import annotations

from typing import Any

from colbert_explain.tokens import TokenSequence
from colbert_explain.views.html.highlight.segments import FOLD_ENDS, FOLD_FROM
from colbert_explain.views.html.render import with_shown_signs
from colbert_explain.views.page_data.shown_grid import ShownGrid

Segment = dict[str, Any]


def text_segments(shown: ShownGrid, rows: list[Segment]) -> dict[str, list[Segment]]:
    """Cut both texts into segments; together they are the texts, character by character.

    Signs that a page would drop or obey, such as those that turn text around, are shown instead.

    A segment has ``text``. That of a word in the grid has its ``row`` or ``column``, and
    ``also``, further rows or columns that stand for the same characters. A query word that is
    scored has the ``value`` and ``colour`` of its match; so has a document word that is the match
    of ``rows``, from the one that it matches best. A long stretch without a match is
    ``{"fold": True, "text", "count", "words"}``, with the number of its characters, and three
    numbers for each of its words: how much text lies before it, its length and its column, in the
    units in which JavaScript counts. What the model did not read is such a stretch too, with
    ``unread`` and without words.
    """
    grid = shown.grid
    query: dict[int, Segment] = {}
    document: dict[int, Segment] = {}
    for i, row in enumerate(rows):
        if not row["scored"]:
            continue
        # The pieces of a word add up; a similarity is their mean.
        found = {"value": row["value"] / row["pieces"], "colour": row["colour"]}
        query[i] = found | {"rows": [i]}
        for j in grid.winners[i]:
            best = document.setdefault(j, found | {"rows": []})
            best["rows"].append(i)
            if found["value"] > best["value"]:
                best.update(found)
    x = shown.explanation
    sides = {
        "query": _cut(x.query, grid.row_tokens, "row", query),
        "document": _folded(_cut(x.document, grid.column_tokens, "column", document)),
    }
    for segment in (*sides["query"], *sides["document"]):
        segment["text"] = with_shown_signs(segment["text"])
    return sides


def _cut(
    tokens: TokenSequence,
    groups: tuple[tuple[int, ...], ...],
    side: str,
    facts: dict[int, Segment],
) -> list[Segment]:
    text, reached = tokens.text, 0
    segments: list[Segment] = []
    last: Segment | None = None
    for start, end, number in sorted(_spans(tokens, groups)):
        if start < reached and last is not None:
            last.setdefault("also", []).append(number)
            _add_facts(last, facts.get(number))
            if end <= reached:
                continue
            # One token may hold the bytes of two characters: both are one segment.
            last["text"] += text[reached:end]
        else:
            if start > reached:
                segments.append({"text": text[reached:start]})
            last = {"text": text[start:end], side: number, **facts.get(number, {})}
            segments.append(last)
        reached = end
    stop = len(text) if tokens.unread_start is None else max(reached, tokens.unread_start)
    if stop > reached:
        segments.append({"text": text[reached:stop]})
    if stop < len(text):
        segments.append({"text": text[stop:], "unread": True})
    return segments


def _add_facts(segment: Segment, facts: Segment | None) -> None:
    if facts is None:
        return
    better = facts["value"] > segment.get("value", float("-inf"))
    rows = [*segment.get("rows", []), *facts["rows"]]
    segment.update(facts if better else {}, rows=list(dict.fromkeys(rows)))


def _spans(
    tokens: TokenSequence, groups: tuple[tuple[int, ...], ...]
) -> list[tuple[int, int, int]]:
    """List the characters, without the blanks around them, that each row or column stands for."""
    spans = []
    for number, held in enumerate(groups):
        first, last = tokens[held[0]], tokens[held[-1]]
        if first.role != "text" or first.start is None or last.end is None:
            continue
        start, end = first.start, max(tokens[p].end or 0 for p in held)
        text = tokens.text[start:end]
        stripped = text.strip()
        if stripped:
            start += text.index(stripped)
            spans.append((start, start + len(stripped), number))
    return spans


def _folded(segments: list[Segment]) -> list[Segment]:
    """Fold the middle of every long stretch without a match."""
    result: list[Segment] = []
    quiet: list[Segment] = []
    for segment in segments:
        if "rows" in segment or "unread" in segment:
            result += _fold(quiet, opens=not result, ends="unread" in segment)
            quiet = []
            unread = {"fold": True, "count": len(segment["text"])} if "unread" in segment else {}
            result.append(segment | unread)
        else:
            quiet.append(segment)
    return result + _fold(quiet, opens=not result, ends=True)


def _fold(stretch: list[Segment], *, opens: bool, ends: bool) -> list[Segment]:
    """Fold a stretch between its first and last words; at an end of the text there is but one."""
    if sum(len(segment["text"]) for segment in stretch) <= FOLD_FROM:
        return stretch
    first = 0 if opens and not ends else _reach(stretch)
    stop = len(stretch) if ends else len(stretch) - _reach(stretch[::-1])
    text = "".join(segment["text"] for segment in stretch[first:stop])
    if not text:
        return stretch
    return [
        *stretch[:first],
        {"fold": True, "text": text, "count": len(text), "words": _words(stretch[first:stop])},
        *stretch[stop:],
    ]


def _words(stretch: list[Segment]) -> list[int]:
    """List the words of a stretch: the length of what lies before, their own, their column."""
    words: list[int] = []
    before = 0
    for segment in stretch:
        length = len(with_shown_signs(segment["text"]).encode("utf-16-le", "surrogatepass")) // 2
        if "column" in segment:
            words += [before, length, segment["column"]]
            before = 0
        else:
            before += length
    return words


def _reach(stretch: list[Segment]) -> int:
    """Count the segments that `FOLD_ENDS` characters have room for."""
    length = 0
    for n, segment in enumerate(stretch):
        length += len(segment["text"])
        if length > FOLD_ENDS:
            return n
    return len(stretch)
