"""What a token is called: its text, numbered where several tokens share one character."""

from __future__ import annotations

from colbert_explain.tokens import TokenSequence


def token_names(tokens: TokenSequence) -> list[str]:
    """Name every token so that the pieces of one character can be told apart.

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
