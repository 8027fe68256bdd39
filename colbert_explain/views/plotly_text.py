"""A user's text in Plotly: shown as written, never read as markup or mathematics."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import palette
from colbert_explain.views.plain_text import visible

LABEL_LENGTH = 24
#: First strong isolate and its end: right-to-left text keeps its order without turning its
#: surroundings around.
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def literal(text: str) -> str:
    """Escape text for Plotly, which draws some HTML tags and hands ``$...$`` to MathJax."""
    return html.escape(visible(text), quote=False).replace("$", "&#36;")


def label(token: Token) -> str:
    """Write a token as an axis label: structural ones in italics, unscored ones muted."""
    text = token.text if len(token.text) <= LABEL_LENGTH else token.text[: LABEL_LENGTH - 1] + "…"
    written = literal(text)
    if not written.strip():
        written = "␣"
    if token.role != "text":
        written = f"<i>{written}</i>"
    return (
        written if token.scored else f'<span style="color:{palette.UNSCORED_INK}">{written}</span>'
    )


def hover_label(tokens: TokenSequence, index: int) -> str:
    """Write a token with the words around it, its position and what is special about it."""
    token = tokens[index]
    left, right = (literal(part) for part in tokens.context(index))
    shown = literal(token.text)
    notes = [f"token {index}"]
    if token.role != "text":
        notes.append(f"{token.role}, stands for no text")
    if token.unknown:
        notes.append("unknown to this model")
    if not token.scored:
        notes.append("not scored")
    return f"{_ISOLATE}{left}<b>{shown}</b>{right}{_END_ISOLATE} ({', '.join(notes)})"


def axis_labels(tokens: TokenSequence) -> dict[str, str]:
    """Map positions to labels, for ``labelalias``; half positions, drawn when zoomed in, to blank.

    (Zoomed in on a dozen tokens of a long text, Plotly draws tenths as well, as bare numbers.)
    Aliases are looked up by position: repeated tokens stay apart, and Plotly thins the ticks.
    """
    blanks = {f"{i}.5": " " for i in range(len(tokens))}
    return {str(i): label(token) for i, token in enumerate(tokens)} | blanks


def footer(sentence: str, width: int = 108) -> str:
    """Break the provenance sentence into lines for the foot of a figure."""
    return "<br>".join(literal(line) for line in textwrap.wrap(sentence, width))


def n_lines(text: str) -> int:
    """Count the lines of a label that was put together with ``<br>``."""
    return text.count("<br>") + 1


def longest_label(tokens: Sequence[Token]) -> int:
    """Characters of the longest axis label."""
    return max((min(len(token.text), LABEL_LENGTH) for token in tokens), default=1)
