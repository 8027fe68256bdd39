"""The document as running text, its matched words coloured by their similarity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from colbert_explain.explanation import Explanation
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.html_parts import render, theme_class
from colbert_explain.views.palette import COSINE_TITLE, PageTheme, css_cosine
from colbert_explain.views.pinned_pair import check_pinned
from colbert_explain.views.plain_text import plain_text, warnings
from colbert_explain.views.text_segments import Segment, fold


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class HighlightedText:
    """A notebook display: HTML where there is a page, plain text where there is none."""

    explanation: Explanation
    pinned: tuple[int, int] | None = None
    theme: PageTheme = "auto"

    def _repr_html_(self) -> str:
        x = self.explanation
        query_row, document_column = self.pinned if self.pinned is not None else (None, None)
        matched_by = _matches(x)
        return render(
            "highlight.html.j2",
            query=list(fold(_segments(x.query, _query_notes(x), query_row, self.theme))),
            document=list(fold(_segments(x.document, matched_by, document_column, self.theme))),
            pinned=self._pinned_sentence(),
            structural=_structural_matches(x, matched_by),
            warnings=warnings(x),
            provenance=x.provenance_sentence(),
            scale=[(v, css_cosine(v, self.theme)) for v in (0.0, 0.25, 0.5, 0.75, 1.0)],
            scale_title=COSINE_TITLE,
            theme_class=theme_class(self.theme),
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return plain_text(self.explanation)

    def _pinned_sentence(self) -> str:
        if self.pinned is None:
            return ""
        x, (i, j) = self.explanation, self.pinned
        query, document = x.query[i], x.document[j]
        sentence = (
            f"Pinned: query token {i} “{query.text}” and document token {j} “{document.text}”, "
            f"{COSINE_TITLE} {x.similarity[i, j]:.3f}."
        )
        if not query.scored:
            return f"{sentence} This query token is not scored."
        best = int(x.alignment[i])
        if j in x.winners(i):
            return f"{sentence} This is the query token's best match and counts towards the score."
        return (
            f"{sentence} It does not count: the query token's best match is token {best} "
            f"“{x.document[best].text}”, {x.contributions[i]:.3f}."
        )


def highlight(
    explanation: Explanation,
    *,
    pinned: tuple[int, int] | None = None,
    theme: PageTheme = "auto",
) -> HighlightedText:
    """Show query and document as text, every matched word coloured by its similarity.

    The colour is that of the heatmap: the highest cosine similarity with which the word was
    chosen by a query token. Text that is read but not scored is muted, text that the model
    does not know is underlined with dots, text that was not read is struck through.

    Parameters
    ----------
    explanation
        What to show.
    pinned
        Query and document position of a pair to outline.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: as the page around it is.

    Raises
    ------
    ValueError
        If ``pinned`` lies outside the matrix, or there is no such theme.
    """
    check_pinned(explanation, pinned)
    theme_class(theme)
    return HighlightedText(explanation, pinned, theme)


#: For a token position: the similarity that colours it and what hovering it says.
_Notes = dict[int, tuple[float, str]]


def _matches(x: Explanation) -> _Notes:
    chosen_by: dict[int, list[int]] = defaultdict(list)
    for i, token in enumerate(x.query):
        if token.scored:
            for j in x.winners(i):
                chosen_by[int(j)].append(i)
    notes: _Notes = {}
    for j, rows in chosen_by.items():
        rows.sort(key=lambda i: -float(x.contributions[i]))
        listed = ", ".join(f"{x.query[i].text} {x.contributions[i]:.3f}" for i in rows)
        notes[j] = (float(x.contributions[rows[0]]), f"best match of: {listed}")
    return notes


def _query_notes(x: Explanation) -> _Notes:
    return {
        i: (
            float(x.contributions[i]),
            f"{x.contributions[i]:.3f}, best match: {x.document[int(x.alignment[i])].text}",
        )
        for i, token in enumerate(x.query)
        if token.scored
    }


def _structural_matches(x: Explanation, notes: _Notes) -> list[str]:
    """List matches with document tokens that stand for no text and so cannot be coloured."""
    return [
        f"{x.document[j].text}: {note}"
        for j, (_, note) in sorted(notes.items())
        if x.document[j].start is None
    ]


def _segments(
    tokens: TokenSequence, notes: _Notes, pinned: int | None, theme: PageTheme
) -> Iterator[Segment]:
    """Cut a text into runs that look alike; every character appears exactly once, in order."""
    text, plain_from = tokens.text, 0
    read_until = tokens.unread_start if tokens.unread_start is not None else len(text)
    for start, end, pieces in _spans(tokens):
        segment = _segment(text[start:end], [tokens[i] for i in pieces])
        matched = sorted((notes[i] for i in pieces if i in notes), reverse=True)
        if matched:
            note = "; ".join(note for _, note in matched)
            segment = Segment(text[start:end], "match", note, css_cosine(matched[0][0], theme))
        if pinned in pieces:
            segment = replace(segment, pinned=True)
        if segment.state == "plain" and not segment.pinned:
            continue
        if start > plain_from:
            yield Segment(text[plain_from:start])
        yield segment
        plain_from = end
    if read_until > plain_from:
        yield Segment(text[plain_from:read_until])
    if read_until < len(text):
        yield Segment(text[read_until:], "unread", "not read: past the length limit")


def _spans(tokens: TokenSequence) -> Iterator[tuple[int, int, list[int]]]:
    """Yield character spans with the positions of their tokens.

    Tokens that share a character, as the letters of a Korean syllable do, share a span.
    """
    start = end = 0
    pieces: list[int] = []
    for index, token in enumerate(tokens):
        if token.start is None or token.end is None or token.start == token.end:
            continue
        if pieces and token.start >= end:
            yield start, end, pieces
            pieces = []
        if not pieces:
            start = token.start
        end = max(end, token.end)
        pieces.append(index)
    if pieces:
        yield start, end, pieces


def _segment(text: str, pieces: list[Token]) -> Segment:
    """Show a span that no query token chose."""
    if any(token.unknown for token in pieces):
        return Segment(text, "unknown", "this model does not know this text")
    if not any(token.scored for token in pieces):
        return Segment(text, "unscored", "read, but not scored")
    return Segment(text)
