"""A sentence in parts: what is emphasised is said beside the text, which may hold any sign."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.text.wording import named

#: A piece of text, and whether it is emphasised.
Part = tuple[str, bool]
Parts = tuple[Part, ...]


def quoted(text: str) -> Parts:
    """Put a user's text into quotation marks, on one line, and emphasise it.

    Examples
    --------
    >>> quoted("2 * 3")
    (('“', False), ('2 * 3', True), ('”', False))
    """
    return ("“", False), (named(text), True), ("”", False)


def joined(*pieces: str | Parts) -> Parts:
    """Join plain text and parts; neighbours of a kind become one.

    Examples
    --------
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
    """List pieces with commas and an "and" before the last.

    Examples
    --------
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
