"""How texts are put into sentences."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Fit a text into a sentence: one line, without what a terminal would obey or hide."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split())) or "␣"


def shorten(text: str, limit: int) -> str:
    """Cut a text to ``limit`` characters, the last of which says so."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
