"""The document as running text, its words coloured by their similarity to the query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.views.html.highlight.as_text import highlight_plain_text, in_numbers
from colbert_explain.views.html.highlight.css import (
    colour_rules,
    inline_colour,
    link_rules,
    segment_classes,
)
from colbert_explain.views.html.highlight.notes import DIRECTIONS, Direction
from colbert_explain.views.html.highlight.parts import STATES, HighlightParts, highlight_parts
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.pinned_pair import check_pinned, pinned_sentence
from colbert_explain.views.query_numbers import query_numbers
from colbert_explain.views.text.plain_text import warnings
from colbert_explain.views.theme import COSINE_TITLE, PageTheme, css_cosine

#: What the colours of the document mean, by direction.
_MEANINGS: dict[Direction, str] = {
    "query_to_document": "words in which a query token found its best match; these add up to "
    "the score",
    "document_to_query": "every word by its highest similarity to any query token; these do "
    "not add up to the score, which takes the best match of every query token, not of every word",
}
_FOLDED: dict[Direction, str] = {
    "query_to_document": "without a match",
    "document_to_query": "without a query token's best match",
}
#: A document with more coloured words than this is no row of stops for the keyboard: the query
#: words are, and each lights its matches.
_MOST_STOPS = 200
#: A query up to this many characters stays in sight while the document scrolls.
_STAYS = 300


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class HighlightedText:
    """A notebook display: HTML where there is a page, plain text where there is none."""

    explanation: Explanation
    direction: Direction
    #: One per query token; NaN for none.
    thresholds: Float[np.ndarray, " query"]
    pinned: tuple[int, int] | None
    theme: PageTheme

    def _parts(self) -> HighlightParts:
        return highlight_parts(self.explanation, self.direction, self.thresholds, self.pinned)

    def _repr_html_(self) -> str:
        return self._html(self._parts())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        parts = self._parts()
        return {"text/html": self._html(parts), "text/plain": self._text(parts)}

    def __repr__(self) -> str:
        return self._text(self._parts())

    def _text(self, parts: HighlightParts) -> str:
        return highlight_plain_text(
            self.explanation,
            parts,
            meaning=_MEANINGS[self.direction],
            folded=_FOLDED[self.direction],
            pinned=pinned_sentence(self.explanation, self.pinned),
        )

    def _html(self, parts: HighlightParts, *, alone: bool = True) -> str:
        x = self.explanation
        values = [segment.value for segment in parts.segments() if segment.state == "match"]
        lowest = min((value for value in values if value is not None), default=0.0)
        marks = -1.0 if lowest < -0.5 else -0.5 if lowest < 0 else 0.0
        n_boxes = sum(bool(segment.partners) for segment in parts.document.segments())
        return render(
            "highlight.html.j2",
            parts=parts,
            states=[(state, name) for state, name in STATES.items() if state in parts.states()],
            weak="weak" in parts.states(),
            meaning=_MEANINGS[self.direction],
            folded=_FOLDED[self.direction],
            classes=segment_classes,
            in_numbers=in_numbers,
            inline=lambda segment: inline_colour(segment, self.theme),
            rules=[colour_rules(parts.segments(), self.theme), link_rules(parts.segments())],
            linked=n_boxes > 0,
            stops=n_boxes <= _MOST_STOPS,
            stays=len(x.query.text) <= _STAYS,
            pinned=pinned_sentence(x, self.pinned),
            warnings=warnings(x) if alone else [],
            provenance=x.provenance_sentence() if alone else "",
            scale=[(v, css_cosine(v, self.theme)) for v in np.arange(marks, 1.01, 0.25).tolist()]
            if values
            else [],
            scale_title=COSINE_TITLE,
            theme_class=theme_class(self.theme),
        )


def highlight(
    explanation: Explanation,
    *,
    direction: Direction = "query_to_document",
    threshold: float | ArrayLike | None = None,
    pinned: tuple[int, int] | None = None,
    theme: PageTheme = "auto",
) -> HighlightedText:
    """Show query and document as text, words coloured by their similarity.

    The colour is that of the heatmap. A query word has the mean of its tokens' contributions; a
    document word, the highest similarity with which a query token chose it. Pointing at a word, or
    tabbing to it, highlights its matches on the other side and says what it adds, piece by piece.
    Text that is read but not scored is grey, text that the model does not know is underlined with
    dots, text that was not read is struck through. Long stretches without a match are collapsed.

    Parameters
    ----------
    explanation
        What to show.
    direction
        ``"query_to_document"``: the words in which query tokens found their best matches, which
        make the score. ``"document_to_query"``: every scored document word by its highest
        similarity to any query token; these do not add up to the score.
    threshold
        Similarity below which a best match does not count as a match, such as the 95th percentile
        of unrelated texts (`Calibration.threshold`); or one per query token, an array, a tensor or
        a list of shape ``(n_query,)``, with NaN for tokens that have none. A word of several tokens
        has no match if none of its tokens has one. By default every best match is a match.
    pinned
        Query and document position of a pair to outline.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: as the page around it is.

    Raises
    ------
    ValueError
        If ``threshold`` does not fit the query or lies outside ``[-1, 1]``, ``pinned`` lies
        outside the matrix, or there is no such direction or theme.
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    check.choice("direction", direction, DIRECTIONS)
    n_query = len(explanation.query)
    thresholds = query_numbers("threshold", threshold, n_query, -1.0, 1.0, one_for_all=True)
    check_pinned(explanation, pinned)
    theme_class(theme)
    return HighlightedText(explanation, direction, thresholds, pinned, theme)


def highlight_part(explanation: Explanation, theme: PageTheme) -> str:
    """Write the HTML of `highlight` for a page that names its source and its warnings itself."""
    text = highlight(explanation, theme=theme)
    return text._html(text._parts(), alone=False)
