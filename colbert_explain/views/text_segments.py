"""Runs of text that are shown alike, and the folding of long stretches among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

#: A stretch without a match is folded when it is longer than this many characters, leaving
#: this many at both ends.
FOLD_FROM, FOLD_ENDS = 900, 240


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text that is shown alike.

    Attributes
    ----------
    text
        The characters, as the user wrote them.
    state
        ``"plain"``, ``"match"``, ``"unscored"``, ``"unknown"`` or ``"unread"``.
    note
        What hovering it says; empty for plain text.
    style
        CSS declarations for the colours of a match; empty otherwise.
    pinned
        Whether it belongs to the pinned pair.
    """

    text: str
    state: str = "plain"
    note: str = ""
    style: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """A long stretch without a match: its ends are shown, the middle opens on demand."""

    segments: tuple[Segment, ...]

    @property
    def n_characters(self) -> int:
        """Characters that are folded away."""
        return sum(len(segment.text) for segment in self.segments)


def fold(segments: Iterable[Segment]) -> Iterator[Segment | Fold]:
    """Fold the middle of every long stretch without a match; no character is lost.

    Short texts come back as they are.
    """
    quiet: list[Segment] = []
    for segment in segments:
        if segment.state == "match" or segment.pinned:
            yield from _fold_stretch(quiet)
            quiet = []
            yield segment
        else:
            quiet.append(segment)
    yield from _fold_stretch(quiet)


def _fold_stretch(stretch: list[Segment]) -> Iterator[Segment | Fold]:
    length = sum(len(segment.text) for segment in stretch)
    if length <= FOLD_FROM:
        yield from stretch
        return
    head, rest = _cut(stretch, FOLD_ENDS)
    middle, tail = _cut(rest, length - 2 * FOLD_ENDS)
    yield from head
    yield Fold(tuple(middle))
    yield from tail


def _cut(segments: list[Segment], at: int) -> tuple[list[Segment], list[Segment]]:
    """Cut a run of segments after ``at`` characters, moved back to the end of a word."""
    head: list[Segment] = []
    for index, segment in enumerate(segments):
        if len(segment.text) > at:
            space = segment.text.rfind(" ", 0, at) + 1
            cut = space if space else at
            parts = [replace(segment, text=t) for t in (segment.text[:cut], segment.text[cut:])]
            return [*head, parts[0]], [parts[1], *segments[index + 1 :]]
        head.append(segment)
        at -= len(segment.text)
    return head, []
