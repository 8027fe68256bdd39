"""Runs of text that are shown alike, and the folding of long stretches among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from colbert_explain.tokens import TokenSequence
from colbert_explain.views.html.highlight.notes import Note, TextItem

#: A stretch without evidence is folded when it is longer than this many characters, leaving
#: this many at both ends.
FOLD_FROM, FOLD_ENDS = 900, 240

_TITLES = {
    "unknown": "this model does not know this text",
    "unscored": "read, but not scored",
    "unread": "not read: past the length limit",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text that is shown alike.

    Attributes
    ----------
    text
        The characters, as the user wrote them.
    state
        ``"plain"``, ``"match"``, ``"weak"`` (no match), ``"unscored"``, ``"unknown"`` or
        ``"unread"``.
    title
        What hovering it says; empty for plain text.
    value
        The similarity that colours a match or was too low for one; ``None`` elsewhere.
    partners
        Numbers of the query items that light up with it.
    evident
        Whether it must not be folded away.
    unknown
        Whether the model does not know a part of it, whatever its state.
    pinned
        Whether it belongs to the pinned pair.
    positions
        Of its tokens, where it is compared or pinned.
    """

    text: str
    state: str = "plain"
    title: str = ""
    value: float | None = None
    partners: tuple[int, ...] = ()
    evident: bool = False
    unknown: bool = False
    pinned: bool = False
    positions: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Fold:
    """A long stretch without evidence: its ends are shown, the middle opens on demand."""

    segments: tuple[Segment, ...]

    @property
    def n_characters(self) -> int:
        """Characters that are folded away."""
        return sum(len(segment.text) for segment in self.segments)

    @property
    def read(self) -> bool:
        """Whether the model read it."""
        return self.segments[0].state != "unread"


def item_segment(
    item: TextItem, tokens: TokenSequence, note: Note | None, pinned: int | None
) -> Segment:
    """Show a word, or tokens that have no text, by what is noted of it."""
    pieces = [tokens[position] for position in item.positions]
    unknown = any(token.unknown for token in pieces)
    is_pinned = pinned in item.positions
    if note is None:
        scored = any(token.scored for token in pieces)
        state = "unknown" if unknown else "plain" if scored else "unscored"
        title = _TITLES.get(state, "")
        held = item.positions if is_pinned else ()
        return Segment(item.name, state, title, unknown=unknown, pinned=is_pinned, positions=held)
    title = f"{note.title}; {_TITLES['unknown']}" if unknown else note.title
    return Segment(
        *(item.name, "weak" if note.weak else "match", title, note.value, note.partners),
        evident=note.evident,
        unknown=unknown,
        pinned=is_pinned,
        positions=item.positions,
    )


def cut_into_segments(
    tokens: TokenSequence,
    items: tuple[TextItem, ...],
    notes: dict[int, Note],
    pinned: int | None,
) -> list[Segment]:
    """Cut a text into runs that look alike; every character appears exactly once, in order.

    Neighbours that are all unscored, or all unknown, are one run with the blanks between them.
    """
    text, plain_from = tokens.text, 0
    segments: list[Segment] = []
    for number, item in enumerate(items):
        if item.start is None or item.end is None:
            continue
        segment = item_segment(item, tokens, notes.get(number), pinned)
        if segment.state == "plain" and not segment.pinned:
            continue
        before = text[plain_from : item.start]
        last = segments[-1] if segments else None
        quiet = (segment.state, segment.title, segment.value, segment.pinned)
        if (
            last is not None
            and segment.value is None
            and quiet == (last.state, last.title, last.value, last.pinned)
            and not before.strip()
        ):
            segments[-1] = replace(last, text=last.text + before + segment.text)
        else:
            segments += [*([Segment(before)] if before else []), segment]
        plain_from = item.end
    read_until = tokens.unread_start if tokens.unread_start is not None else len(text)
    if read_until > plain_from:
        segments.append(Segment(text[plain_from:read_until]))
    if read_until < len(text):
        segments.append(Segment(text[read_until:], "unread", _TITLES["unread"]))
    return segments


def fold(segments: Iterable[Segment]) -> Iterator[Segment | Fold]:
    """Fold the middle of every long stretch without evidence; no character is lost.

    Text that was not read is a stretch of its own. Short texts come back as they are.
    """
    quiet: list[Segment] = []
    for segment in segments:
        if segment.evident or segment.pinned:
            yield from _fold_stretch(quiet)
            quiet = []
            yield segment
        else:
            if quiet and (quiet[-1].state == "unread") != (segment.state == "unread"):
                yield from _fold_stretch(quiet)
                quiet = []
            quiet.append(segment)
    yield from _fold_stretch(quiet)


def _fold_stretch(stretch: list[Segment]) -> Iterator[Segment | Fold]:
    length = sum(len(segment.text) for segment in stretch)
    if length <= FOLD_FROM:
        yield from stretch
        return
    head, rest = _cut(stretch, FOLD_ENDS)
    middle, tail = _cut(rest, length - 2 * FOLD_ENDS)
    if not middle:  # one long word, which is never cut
        yield from stretch
        return
    yield from head
    yield Fold(tuple(middle))
    yield from tail


def _cut(segments: list[Segment], at: int) -> tuple[list[Segment], list[Segment]]:
    """Cut a run of segments after ``at`` characters, moved back to the end of a word."""
    head: list[Segment] = []
    for index, segment in enumerate(segments):
        if len(segment.text) > at:
            space = segment.text.rfind(" ", 0, at) + 1
            boxed = segment.value is not None
            cut = 0 if boxed else space if space else at
            parts = [replace(segment, text=t) for t in (segment.text[:cut], segment.text[cut:])]
            return [*head, *parts[: bool(cut)]], [parts[1], *segments[index + 1 :]]
        head.append(segment)
        at -= len(segment.text)
    return head, []
