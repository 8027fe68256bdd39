"""A user's text in Plotly: shown as written, never read as markup or mathematics."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Sequence

from colbert_explain.text.wording import isolated, shorten, visible

#: Characters of a label.
LABEL_LENGTH = 24
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r" (?![^<>]*>)")  # not within a tag


def literal(text: str) -> str:
    """Escape text for Plotly, which draws some HTML tags and hands ``$...$`` to MathJax."""
    if text.isalnum():
        return text  # most tokens of a long text
    return html.escape(visible(text), quote=False).replace("$", "&#36;")


def name_in_text(text: str, length: int = LABEL_LENGTH) -> str:
    """Write a user's word within a text of a figure: cut, escaped, kept in its place."""
    return isolated(literal(shorten(text, length)))


def aliases(written: Sequence[str]) -> dict[str, str]:
    """Map positions to labels, for ``labelalias``.

    Aliases are looked up by position: repeated tokens stay apart, and Plotly thins the ticks.
    """
    return {str(i): text for i, text in enumerate(written)}


def wrapped(title: str, width: int = 54) -> str:
    """Break a title, which may hold markup, into lines: Plotly cuts what does not fit."""
    lines = []
    for line in title.split("<br>"):
        begun = ""
        for word in _SPACE.split(line):
            longer = f"{begun} {word}" if begun else word
            if begun and len(unmarked(longer)) > width:
                lines.append(begun)
                longer = word
            begun = longer
        lines.append(begun)
    return "<br>".join(lines)


def footer(sentence: str, width: int = 68) -> str:
    """Break the provenance sentence into lines for the foot of a figure."""
    return "<br>".join(literal(line) for line in textwrap.wrap(sentence, width))


def unmarked(written: str) -> str:
    """Return the text that a label shows, its markup aside."""
    return html.unescape(_TAG.sub("", written.replace("<br>", "; ")))


def n_lines(text: str) -> int:
    """Count the lines of a label that was put together with ``<br>``."""
    return text.count("<br>") + 1


def drawn_width(text: str) -> int:
    """Estimate the pixels that a label of 12 pixels takes, its markup aside."""
    if "<" in text or "&" in text:
        text = unmarked(text)
    return 7 * len(text) if text.isascii() else sum(7 + 6 * _is_wide(c) for c in text)


def _is_wide(character: str) -> bool:
    return character > "\u1100" and unicodedata.east_asian_width(character) in "WF"
