"""A highlighted text for terminals, logs and screen readers: what its HTML says, as lines."""

from __future__ import annotations

from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import count, named, number, visible
from colbert_explain.views.html.highlight.parts import HighlightParts, Side
from colbert_explain.views.html.highlight.segments import Fold, Segment
from colbert_explain.views.text.plain_text import plain_text

#: Words that are listed with their similarities.
_MOST_LISTED = 200


def highlight_plain_text(
    explanation: Explanation, parts: HighlightParts, *, meaning: str, folded: str, pinned: str
) -> str:
    """Write the table of contributions, then both texts with what is coloured in brackets.

    Returns
    -------
    str
        Several lines. ``[eat 0.872]`` is a coloured word with its similarity, ``[eat 0.212, no
        match]`` one below the threshold, ``[zzz, unknown]`` and ``[... 80 characters not read
        ...]`` what the model did not read.
    """
    lines = [*([pinned] if pinned else []), plain_text(explanation)]
    for name, side in (("Query", parts.query), (f"Document, {meaning}", parts.document)):
        lines += [f"{name}:", "  " + _one_side(side, folded)]
        for chip in side.chips:
            times = f"{chip.count} x " if chip.count > 1 else ""
            lines.append(f"  + {times}{visible(_marked(chip.segment))}: {visible(chip.remark)}")
    if parts.threshold:
        lines.append(parts.threshold)
    return "\n".join(lines)


def in_numbers(side: Side) -> str:
    """List the coloured words with their similarities, in the order of the text."""
    compared = [(s, s.value) for s in side.segments() if s.value is not None]
    listed = [
        f"{named(s.text)} {number(value, 2)}{' (no match)' * (s.state == 'weak')}"
        for s, value in compared[:_MOST_LISTED]
    ]
    n_more = len(compared) - len(listed)
    return " · ".join(listed + ([count(n_more, "more word")] if n_more else []))


def _one_side(side: Side, folded: str) -> str:
    written = "".join(
        f"[... {count(run.n_characters, 'character')} {folded if run.read else 'not read'} ...]"
        if isinstance(run, Fold)
        else _marked(run)
        for run in side.runs
    )
    return visible(" ".join(written.split()))


def _marked(segment: Segment) -> str:
    if segment.state == "unread":
        return f"[... {count(len(segment.text), 'character')} not read ...]"
    parts = [segment.text]
    if segment.value is not None:
        parts[0] += f" {number(segment.value)}"
    if segment.state == "weak":
        parts.append("no match")
    if segment.unknown:
        parts.append("unknown")
    if segment.pinned:
        parts.append("pinned")
    if segment.state == "unscored":
        # Mostly punctuation, of which brackets would make a thicket.
        return segment.text if not segment.pinned else f"[{segment.text}, pinned]"
    return f"[{', '.join(parts)}]" if parts != [segment.text] else segment.text
