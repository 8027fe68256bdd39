"""User texts in sentences: on one line, quoted, and with emphasis as separate data."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

#: A piece of text and whether it is emphasised; the text may contain any character.
Part = tuple[str, bool]
Parts = tuple[Part, ...]
#: "First strong isolate" and its end; in HTML the element ``bdi``.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL", "AN")


def one_line(text: str) -> str:
    """Return a text on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split())) or "␣"


def shorten(text: str, limit: int) -> str:
    """Cut a text to ``limit`` characters, the last of them ``…``."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def isolated(text: str) -> str:
    """Isolate right-to-left text, so that it does not reorder the sentence around it."""
    if text.isascii() or not any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text):
        return text
    return f"{ISOLATE}{text}{END_ISOLATE}"


def named(text: str) -> str:
    """Return a user's text for a sentence: on one line and isolated."""
    return isolated(one_line(text))


def quoted(text: str) -> Parts:
    """Return a user's text as emphasised part between quotation marks.

    >>> quoted("2 * 3")
    (('“', False), ('2 * 3', True), ('”', False))
    """
    return ("“", False), (named(text), True), ("”", False)


def joined(*pieces: str | Parts) -> Parts:
    """Join plain text and parts; neighbours of the same emphasis become one.

    >>> joined("a ", quoted("b"), ".")
    (('a “', False), ('b', True), ('”.', False))
    """
    parts: list[Part] = []
    for piece in pieces:
        for text, emphasised in ((piece, False),) if isinstance(piece, str) else piece:
            if parts and parts[-1][1] == emphasised:
                parts[-1] = (parts[-1][0] + text, emphasised)
            elif text:
                parts.append((text, emphasised))
    return tuple(parts)


def listed(pieces: Sequence[Parts]) -> Parts:
    """Join pieces with commas and an "and" before the last.

    >>> plain(listed([quoted("a"), quoted("b"), quoted("c")]))
    '“a”, “b” and “c”'
    """
    *first, last = pieces
    if not first:
        return last
    return joined(first[0], *(part for p in first[1:] for part in (", ", p)), " and ", last)


def plain(parts: Parts) -> str:
    """Return the sentence as text."""
    return "".join(text for text, _ in parts)
