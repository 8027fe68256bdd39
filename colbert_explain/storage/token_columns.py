"""Tokens from a file, every value checked before a view shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.storage.json_values import (
    LARGEST,
    a_bool,
    a_list,
    a_text,
    a_whole_number,
    an_object,
    shown,
)
from colbert_explain.tokens import ROLES, Token, TokenSequence

COLUMNS = tuple(column.name for column in fields(Token))


def read_tokens(name: str, content: object) -> TokenSequence:
    """Make tokens from stored columns, as `TokenSequence.to_columns` gives them.

    A `ValueError`, which begins with ``name``, is raised if a value is missing, unknown, of
    another type or out of range, or a token's text differs from the text at its span.
    """
    parts = an_object(name, content, ("text", "n_unread", "unread_start", "tokens"))
    text = a_text(f"{name} text", parts["text"])
    columns = an_object(f"{name} tokens", parts["tokens"], COLUMNS)
    n_tokens = len(a_list(f"{name} token ids", columns["id"]))
    for column in COLUMNS:
        a_list(f"{name} tokens, column {column!r},", columns[column], n_tokens)
    checks = _checks(len(text), n_tokens)
    for number, row in enumerate(zip(*(columns[column] for column in COLUMNS), strict=True)):
        token = dict(zip(COLUMNS, row, strict=True))
        for column, check_value in checks.items():
            check_value(f"{name} token {number}: {column}", token[column])
        _check_text(f"{name} token {number}", token, text)
    a_whole_number(f"{name} n_unread", parts["n_unread"])
    if parts["unread_start"] is not None:
        read_to = max((start for start in columns["start"] if start is not None), default=0)
        a_whole_number(f"{name} unread_start", parts["unread_start"], read_to, len(text))
    return TokenSequence.from_columns(parts)


def _checks(n_characters: int, n_tokens: int) -> dict[str, Callable[[str, object], object]]:
    """Return a check for each column; `TokenSequence` checks the order of spans."""

    def number_or_none(largest: int) -> Callable[[str, object], object]:
        return lambda name, value: (
            None if value is None else a_whole_number(name, value, 0, largest)
        )

    return {
        "id": number_or_none(LARGEST),
        "piece": a_text,
        "text": a_text,
        "start": number_or_none(n_characters),
        "end": number_or_none(n_characters),
        "role": lambda name, value: check.choice(name, value, ROLES),
        "scored": a_bool,
        "unknown": a_bool,
        # Every window has at least one token.
        "window": lambda name, value: a_whole_number(name, value, 0, n_tokens - 1),
    }


def _check_text(name: str, token: dict[str, Any], text: str) -> None:
    start, end = token["start"], token["end"]
    if start is None and end is None:
        return
    if start is None or end is None or start > end:
        raise ValueError(
            f"{name}: start and end must both be given, the start first, got {start} and {end}"
        )
    if token["text"] != text[start:end]:
        raise ValueError(
            f"{name}: text must be the characters {start}:{end}, {shown(text[start:end])}, "
            f"got {shown(token['text'])}"
        )
