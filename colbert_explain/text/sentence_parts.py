"""User texts in sentences: on one line, quoted, and with emphasis as separate data."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.text.wording import named

#: A piece of text and whether it is emphasised; the text may contain any character.
Part = tuple[str, bool]
Parts = tuple[Part, ...]


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
