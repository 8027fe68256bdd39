"""A user's text in Plotly: shown as written, never read as markup or mathematics."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from colbert_explain.text.sentence_parts import isolated
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.text.plain_text import visible
from colbert_explain.views.theme import Palette

LABEL_LENGTH = 24
#: Texts of more tokens mark one in its surroundings by brackets: written safely for HTML, a pair
#: of tags takes 37 bytes.
MOST_BOLD = 5000
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r" (?![^<>]*>)")  # not within a tag
#: First strong isolate and its end: right-to-left text keeps its order without turning its
#: surroundings around.
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def literal(text: str) -> str:
    """Escape text for Plotly, which draws some HTML tags and hands ``$...$`` to MathJax."""
    if text.isalnum():
        return text  # most tokens of a long text
    return html.escape(visible(text), quote=False).replace("$", "&#36;")


def name_in_text(text: str, length: int = LABEL_LENGTH) -> str:
    """Write a user's word within a text of a figure: cut, escaped, kept in its place."""
    return isolated(literal(shorten(text, length)))


def shorten(text: str, length: int = LABEL_LENGTH) -> str:
    """Cut a text to the length of a label."""
    return text if len(text) <= length else text[: length - 1] + "…"


def label(text: str, role: str, scored: bool, colours: Palette) -> str:
    """Write a token or word as an axis label: structural ones in italics, unscored ones muted."""
    written = literal(shorten(text))
    if not written.strip():
        written = "␣"
    if role != "text":
        written = f"<i>{written}</i>"
    return written if scored else f'<span style="color:{colours.unscored_ink}">{written}</span>'


def labels(tokens: TokenSequence, names: Sequence[str], colours: Palette) -> list[str]:
    """Write every token, by the name given, as an axis label."""
    return [
        # The short way, first, is that of most tokens.
        name
        if token.scored and token.role == "text" and len(name) <= LABEL_LENGTH and name.isalnum()
        else label(name, token.role, token.scored, colours)
        for name, token in zip(names, tokens, strict=True)
    ]


def hover_texts(tokens: TokenSequence, names: Sequence[str]) -> list[str]:
    """Write every token, by the name given, with its surroundings and what is special about it."""
    # Escaping two strings for each of 8,192 tokens is most of the time that a figure takes, and
    # hardly ever needed.
    shown = replace(tokens, text=visible(tokens.text))
    escape = str if literal(shown.text) == shown.text else literal
    open_, close = (_ISOLATE, _END_ISOLATE) if _RIGHT_TO_LEFT.search(shown.text) else ("", "")
    begin, end = ("<b>", "</b>") if len(tokens) <= MOST_BOLD else ("[", "]")
    texts = []
    for index, (name, token) in enumerate(zip(names, tokens, strict=True)):
        left, right = shown.context(index)
        text = f"{open_}{escape(left)}{begin}{literal(name)}{end}{escape(right)}{close}"
        if token.role != "text":
            text += f", {token.role}, stands for no text"
        if token.unknown:
            text += ", unknown to this model"
        if not token.scored:
            text += ", not scored"
        texts.append(text)
    return texts


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
