"""Tokens, with their ids for the model and their characters in the user's text.

Views take all token labels from here, so no text is tokenised twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, SupportsIndex, get_args, overload

import numpy as np
from jaxtyping import Bool

from colbert_explain import argument_checks as check
from colbert_explain.text.wording import count, shorten

Role = Literal["text", "special", "marker", "expansion"]
"""What a token stands for: text, or ``[CLS]`` and ``[SEP]``, a marker, query expansion."""
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Token:
    """One row of a token embedding matrix.

    Parameters
    ----------
    id
        Vocabulary id that was encoded; ``None`` for tokens without a vocabulary.
    piece
        The vocabulary entry, as the tokeniser spells it (``"##s"``).
    text
        The user's characters, case and accents kept (``"s"``); the piece (``"[CLS]"``) if the
        token has no text.
    start, end
        Character span in the text as given, ``text[start:end]``; both ``None`` if the token has
        no text. Pieces of one character (such as the letters of a Korean syllable) share its
        span.
    role
        ``"text"``, ``"special"`` ([CLS], [SEP]), ``"marker"`` ([Q], [D]) or ``"expansion"``.
    scored
        Whether this token takes part in MaxSim.
    unknown
        Whether the model has no vocabulary entry for this text and encoded a placeholder.
    window
        The window of a long text in which this token was encoded, from 0.
    """

    id: int | None
    piece: str
    text: str
    start: int | None
    end: int | None
    role: Role = "text"
    scored: bool = True
    unknown: bool = False
    window: int = 0

    def __post_init__(self) -> None:
        check.text("piece", self.piece)
        check.text("text", self.text)
        if self.role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}, got {self.role!r}")
        if (self.start is None) != (self.end is None):
            raise ValueError(
                f"start and end must both be given or both be None, got {self.start} and {self.end}"
            )
        if self.start is None or self.end is None:
            return
        check.whole_number("start", self.start)
        check.whole_number("end", self.end)
        if not 0 <= self.start <= self.end:
            raise ValueError(
                f"start and end must satisfy 0 <= start <= end, got {self.start} and {self.end}"
            )


@dataclass(frozen=True, slots=True, repr=False)
class TokenSequence:
    """A text and its tokens, in order.

    Parameters
    ----------
    text
        The text as given.
    tokens
        Its tokens; starts never decrease.
    n_unread
        How many further tokens were not encoded, because the text is longer than the limit.
    unread_start
        Character at which the text that was not encoded begins; ``None`` if there is none.
    """

    text: str
    tokens: tuple[Token, ...]
    n_unread: int = 0
    unread_start: int | None = None
    #: Shape ``(n_tokens,)``: ``True`` where a token takes part in MaxSim.
    scored_mask: Bool[np.ndarray, " tokens"] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        check.text("text", self.text)
        object.__setattr__(self, "tokens", check.several("tokens", self.tokens, Token))
        check.whole_number("n_unread", self.n_unread)
        previous = 0
        for position, token in enumerate(self.tokens):
            if token.start is None or token.end is None:
                continue
            if token.start < previous or token.end > len(self.text):
                raise ValueError(
                    f"token spans must be in text order and must lie within the {len(self.text)} "
                    f"characters of text, got {token.start}:{token.end} for token {position}"
                )
            previous = token.start
        if (self.n_unread > 0) != (self.unread_start is not None):
            raise ValueError(
                "unread_start must be given exactly when n_unread is above 0, "
                f"got n_unread {self.n_unread} and unread_start {self.unread_start}"
            )
        mask = np.array([token.scored for token in self.tokens])
        if len(mask) and mask.dtype != bool:
            scored: list[object] = [token.scored for token in self.tokens]
            k = next(k for k, one in enumerate(scored) if not isinstance(one, bool | np.bool_))
            raise ValueError(
                f"scored must be True or False for every token, got {scored[k]!r} for token {k}"
            )
        mask = mask.astype(bool, copy=False)
        mask.flags.writeable = False
        object.__setattr__(self, "scored_mask", mask)

    @classmethod
    def from_strings(cls, strings: Iterable[str]) -> TokenSequence:
        """Make a sequence from token strings, for vectors without character spans.

        The text is the strings joined by single spaces. Every token is scored.

        >>> TokenSequence.from_strings(["cats", "eat"])[1].start
        5
        """
        strings = tuple(strings) if isinstance(strings, str) else strings  # its letters
        pieces = check.several("strings", strings, str)
        tokens, position = [], 0
        for piece in pieces:
            tokens.append(Token(None, piece, piece, position, position + len(piece)))
            position += len(piece) + 1
        return cls(" ".join(pieces), tuple(tokens))

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> TokenSequence:
        """Make a sequence from the result of `to_columns`.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a column is missing, unknown or of another length, or a value is not allowed.
        """
        names = list(columns["tokens"])
        rows = zip(*columns["tokens"].values(), strict=True)
        tokens = tuple(Token(**dict(zip(names, row, strict=True))) for row in rows)
        return cls(columns["text"], tokens, columns["n_unread"], columns["unread_start"])

    def to_columns(self) -> dict[str, Any]:
        """Return all fields as JSON values, the tokens column by column."""
        return {
            "text": self.text,
            "n_unread": self.n_unread,
            "unread_start": self.unread_start,
            "tokens": {
                column.name: [getattr(token, column.name) for token in self]
                for column in fields(Token)
            },
        }

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Token: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Token]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Token | Sequence[Token]:
        return self.tokens[index]

    def __repr__(self) -> str:
        unread = f", {self.n_unread} not read" if self.n_unread else ""
        return f"TokenSequence({count(len(self), 'token')}{unread}: {shorten(self.text, 60)!r})"

    @property
    def n_unknown(self) -> int:
        """How many tokens have text that the model cannot encode."""
        return sum(token.unknown for token in self.tokens)

    @property
    def n_windows(self) -> int:
        """In how many windows the text was encoded: 1 unless it is longer than one window."""
        return 1 + max((token.window for token in self.tokens), default=0)

    def context(self, index: int, width: int = 24) -> tuple[str, str]:
        """Return up to ``width`` characters of text to the left and right of a token.

        Cut text is marked by ``…``; a token without text has no context.
        """
        token = self.tokens[check.whole_number("index", index)]
        width = check.whole_number("width", width)
        if token.start is None or token.end is None:
            return "", ""
        left_start, right_end = max(0, token.start - width), token.end + width
        left = self.text[left_start : token.start]
        right = self.text[token.end : right_end]
        return (
            ("…" if left_start > 0 else "") + left,
            right + ("…" if right_end < len(self.text) else ""),
        )
