"""Tokens as rows of whole numbers, and back, without an encoder.

Pieces and the texts of tokens without a span are entries of a list of strings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Int

from colbert_explain.tokens import ROLES, Token, TokenSequence

#: id, start, end, window, piece, text, flags
N_COLUMNS = 7
_NONE = -1
_SCORED, _UNKNOWN, _HAS_ID = 8, 16, 32
_ROLE = 7


class Strings:
    """Strings that are numbered in the order of their first use."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, string: str) -> int:
        """Return the number of a string."""
        return self.numbers.setdefault(string, len(self.numbers))


def token_rows(tokens: TokenSequence, strings: Strings) -> Iterator[tuple[int, ...]]:
    """Return one row per token."""
    for token in tokens:
        span_is_text = (
            token.start is not None and token.text == tokens.text[token.start : token.end]
        )
        flags = ROLES.index(token.role)
        flags |= _SCORED * token.scored | _UNKNOWN * token.unknown
        flags |= _HAS_ID * (token.id is not None)
        yield (
            0 if token.id is None else token.id,
            _NONE if token.start is None else token.start,
            _NONE if token.end is None else token.end,
            token.window,
            strings.number(token.piece),
            _NONE if span_is_text else strings.number(token.text),
            flags,
        )


def packed(rows: Sequence[tuple[int, ...]]) -> Int[np.ndarray, "tokens 7"]:
    """Return rows as an array of 32 bits a number, or 64 if an id needs them."""
    table = np.array(rows, np.int64).reshape(-1, N_COLUMNS)
    small = table.astype(np.int32)
    return small if (small == table).all() else table


def tokens_from(
    text: str,
    rows: Int[np.ndarray, "tokens 7"],
    strings: Sequence[str],
    n_unread: int,
    unread_start: int | None,
) -> TokenSequence:
    """Return the tokens of a text from their rows."""
    tokens = []
    for id_, start, end, window, piece, label, flags in rows.tolist():
        has_span = start != _NONE
        tokens.append(
            Token(
                id_ if flags & _HAS_ID else None,
                strings[piece],
                text[start:end] if label == _NONE else strings[label],
                start if has_span else None,
                end if has_span else None,
                ROLES[flags & _ROLE],
                bool(flags & _SCORED),
                bool(flags & _UNKNOWN),
                window,
            )
        )
    return TokenSequence(text, tuple(tokens), n_unread, unread_start)
