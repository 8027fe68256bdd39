"""What a token is called, and how figures, tables and widgets label it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colbert_explain.text.wording import (
    END_ISOLATE,
    ISOLATE,
    is_right_to_left,
    one_line,
    shorten,
    visible,
)
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.charts.plotly_text import LABEL_LENGTH, literal
from colbert_explain.views.theme import Palette

#: Texts of more tokens mark one in its surroundings by brackets: written safely for HTML, a pair
#: of tags takes 37 bytes.
MOST_BOLD = 5000


def token_names(tokens: TokenSequence) -> list[str]:
    """Return a name for every token that tells the pieces of one character apart.

    A model without an entry for a character reads it in pieces (the bytes of an emoji, the
    letters of a Korean syllable), each of which stands for the same text: ``"🐘 1/4"``.
    """
    names = [token.text for token in tokens]
    run: list[int] = []
    span: tuple[int | None, int | None] = (None, None)
    for i, token in enumerate(tokens):
        if token.start != span[0] or token.end != span[1] or token.start in (None, token.end):
            _number(names, run)
            run, span = [], (token.start, token.end)
        run.append(i)
    _number(names, run)
    return names


def _number(names: list[str], run: list[int]) -> None:
    if len(run) > 1:
        for k, i in enumerate(run, 1):
            names[i] = f"{names[i]} {k}/{len(run)}"


def short_name(name: str) -> str:
    """Fit the name of a token or a word into a cell: short, on one line, never empty."""
    return shorten(one_line(name), LABEL_LENGTH)


def label(text: str, role: str, scored: bool, colours: Palette) -> str:
    """Write a token or word as an axis label: structural ones in italics, unscored ones muted."""
    written = literal(shorten(text, LABEL_LENGTH))
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
    open_, close = (ISOLATE, END_ISOLATE) if is_right_to_left(shown.text) else ("", "")
    begin, end = ("<b>", "</b>") if len(tokens) <= MOST_BOLD else ("[", "]")
    texts = []
    for index, (name, token) in enumerate(zip(names, tokens, strict=True)):
        left, right = shown.context(index)
        text = f"{open_}{escape(left)}{begin}{literal(name)}{end}{escape(right)}{close}"
        if token.role != "text":
            text += f", {token.role}, has no text"
        if token.unknown:
            text += ", unknown to this model"
        if not token.scored:
            text += ", not scored"
        texts.append(text)
    return texts
