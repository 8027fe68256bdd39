"""A highlighted text before it is written as HTML or as plain text: what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.scores import share_of
from colbert_explain.text.wording import number as shown
from colbert_explain.text.wording import percent
from colbert_explain.views.html.highlight.notes import (
    Comparison,
    Direction,
    all_document_notes,
    chosen_document_notes,
    query_notes,
)
from colbert_explain.views.html.highlight.segments import (
    Fold,
    Segment,
    cut_into_segments,
    fold,
    item_segment,
)
from colbert_explain.views.theme import COSINE_TITLE

#: What each state is called beside a sample of it.
STATES = {
    "unscored": "grey: read, not scored",
    "unknown": "underlined: unknown to the model",
    "unread": "struck through: not read",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """Tokens of one kind that have no text, shown beside the text.

    Attributes
    ----------
    segment
        How they are drawn; its text is their piece.
    count
        How many they are.
    role
        Their role.
    remark
        What is written beside them.
    """

    segment: Segment
    count: int
    role: str
    remark: str


@dataclass(frozen=True, slots=True)
class Side:
    """Query or document: its text in runs, and the tokens that have no text."""

    runs: tuple[Segment | Fold, ...]
    chips: tuple[Chip, ...]

    def segments(self) -> Iterator[Segment]:
        """Yield every run in order, those that are folded away and chips included."""
        for run in self.runs:
            yield from run.segments if isinstance(run, Fold) else (run,)
        for chip in self.chips:
            yield chip.segment

    @property
    def folded(self) -> bool:
        """Whether a stretch is folded away."""
        return any(isinstance(run, Fold) for run in self.runs)


@dataclass(frozen=True, slots=True)
class HighlightParts:
    """Both sides, and what the legend has to explain.

    Attributes
    ----------
    query, document
        The two sides.
    threshold
        What is called no match, in words; empty without a threshold.
    """

    query: Side
    document: Side
    threshold: str

    def segments(self) -> Iterator[Segment]:
        """Yield every run of both sides."""
        yield from self.query.segments()
        yield from self.document.segments()

    def states(self) -> set[str]:
        """Return the states that occur, of words that are unknown and matched both."""
        found = {segment.state for segment in self.segments()}
        if any(segment.unknown for segment in self.segments()):
            found.add("unknown")
        return found


def highlight_parts(
    x: Explanation,
    direction: Direction,
    thresholds: Float[np.ndarray, " query"],
    pinned: tuple[int, int] | None,
) -> HighlightParts:
    """Arrange an explanation as two texts; a threshold of NaN stands for none."""
    row, column = pinned if pinned is not None else (None, None)
    comparison = Comparison(x, thresholds)
    of_query = query_notes(comparison)
    chosen = chosen_document_notes(comparison)
    all_words = direction == "document_to_query"
    of_document = all_document_notes(comparison) if all_words else chosen
    runs = [
        tuple(fold(cut_into_segments(*arguments)))
        for arguments in (
            (x.query, comparison.query, of_query, row),
            (x.document, comparison.document, of_document, column),
        )
    ]
    query_chips = []
    for number, item in enumerate(comparison.query):
        note = of_query.get(number)
        if item.start is None and note is not None:
            segment = item_segment(item, x.query, note, row)
            n_scored = sum(x.query[i].scored for i in item.positions)
            total = float(x.contributions[list(item.positions)].sum())
            share = percent(share_of(total, x.score), 1)
            remark = f"{share} of the score" if share else shown(total)
            query_chips.append(Chip(segment, n_scored, item.role, remark))
    document_chips = []
    for number, item in enumerate(comparison.document):
        # What no query token chose is not listed: it has no text and adds nothing.
        if item.start is None and (number in chosen or column in item.positions):
            segment = item_segment(item, x.document, of_document.get(number), column)
            document_chips.append(Chip(segment, len(item.positions), item.role, segment.title))
    return HighlightParts(
        Side(runs[0], tuple(query_chips)),
        Side(runs[1], tuple(document_chips)),
        threshold_sentence(thresholds),
    )


def threshold_sentence(thresholds: Float[np.ndarray, " query"]) -> str:
    """Return below which similarity a word is no match; nothing without a threshold."""
    given = thresholds[~np.isnan(thresholds)]
    if not len(given):
        return ""
    low, high = float(given.min()), float(given.max())
    if low == high and len(given) == len(thresholds):
        return f"no match: best {COSINE_TITLE} below {shown(low)}"
    rest = "; tokens without a threshold always match" if len(given) < len(thresholds) else ""
    limits = shown(low) if low == high else f"{shown(low)} to {shown(high)}"
    return f"no match: best {COSINE_TITLE} below the query token's threshold ({limits}{rest})"
