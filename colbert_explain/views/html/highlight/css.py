"""The style rules of a highlighted text that depend on what it shows; numbers only, no text."""

from __future__ import annotations

from collections.abc import Iterable

from colbert_explain.views.html.highlight.segments import Segment
from colbert_explain.views.theme import (
    COSINE_STEPS,
    PageTheme,
    cosine_step,
    css_cosine,
    inline_cosine,
)

#: Query words beyond so many light up nothing, which keeps the rules of a pasted page small.
MOST_LINKED = 400


def segment_classes(segment: Segment) -> str:
    """Return the classes of a run: its state, colour, partners and pin."""
    names = []
    if segment.state == "match" and segment.value is not None:
        names.append(f"ce-s{COSINE_STEPS + cosine_step(segment.value)}")
    elif segment.state != "plain":
        names.append(f"ce-{segment.state}")
    if segment.unknown and segment.state != "unknown":
        names.append("ce-unknown")
    names += [f"ce-q{number}" for number in segment.partners if number < MOST_LINKED]
    if segment.pinned:
        names.append("ce-pin")
    return " ".join(names)


def colour_rules(segments: Iterable[Segment], theme: PageTheme) -> str:
    """Write one rule for each colour that occurs.

    A page may hold several displays in different themes: the class of the theme keeps their
    rules apart, while equal displays may share theirs.
    """
    place = ".ce-highlight" if theme == "auto" else f".ce-highlight.ce-{theme}"
    steps = {
        cosine_step(segment.value)
        for segment in segments
        if segment.state == "match" and segment.value is not None
    }
    colours = {step: css_cosine(step / COSINE_STEPS, theme) for step in sorted(steps)}
    return "\n".join(
        # Over the inline colour, which is there for hosts that strip this sheet.
        f"{place} .ce-s{COSINE_STEPS + step}{{{_important(colour)}}}"
        for step, colour in colours.items()
    )


def inline_colour(segment: Segment, theme: PageTheme) -> str:
    """Return the colour of a match for its ``style`` attribute; nothing for other runs."""
    if segment.state != "match" or segment.value is None:
        return ""
    return inline_cosine(cosine_step(segment.value) / COSINE_STEPS, theme)


def link_rules(segments: Iterable[Segment]) -> str:
    """Write the rule by which pointing at a word, or tabbing to it, highlights its matches.

    ``:has()`` looks for the word that is pointed at within one display, so that displays on a
    page do not light each other and no element needs a name of its own.
    """
    numbers = {n for segment in segments for n in segment.partners if n < MOST_LINKED}
    if not numbers:
        return ""
    selectors = ",\n".join(
        f".ce-highlight:has(.ce-q{n}:is(:hover,:focus)) .ce-q{n}" for n in sorted(numbers)
    )
    return selectors + "{outline:2.5px solid var(--ce-frame);outline-offset:1px}"


def _important(declarations: str) -> str:
    return declarations.replace(";", "!important;") + "!important"
