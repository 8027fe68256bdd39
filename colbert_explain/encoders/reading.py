"""From a user's text to vocabulary ids with character spans, read once and kept together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """The text tokens of one text, without structural tokens; parallel tuples.

    Attributes
    ----------
    text
        The text as given.
    ids
        Vocabulary ids.
    pieces
        Vocabulary entries.
    spans
        Character spans ``(start, end)`` in the text as given.
    """

    text: str
    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def check_text(name: str, text: object) -> str:
    """Return ``text`` if a model can be asked to read it.

    Raises
    ------
    ValueError
        If it is no string, is blank, or is not valid Unicode.
    """
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a string, got {type(text).__name__}")
    if not text or text.isspace():
        raise ValueError(f"{name} must contain text, got {'blank space' if text else 'nothing'}")
    if half := _SURROGATE.search(text):
        raise ValueError(
            f"{name} must be valid Unicode, but character {half.start() + 1} is half of a "
            f"surrogate pair (U+{ord(half.group()):04X})"
        )
    return text


def read_text(tokenizer: Any, name: str, text: str) -> Reading:
    """Tokenise a text as plain text: a special token typed by a user stays text.

    Raises
    ------
    ValueError
        If `check_text` refuses the text, or the tokeniser drops every character of it.
    """
    encoding = tokenizer(
        check_text(name, text),
        add_special_tokens=False,
        split_special_tokens=True,
        return_offsets_mapping=True,
        truncation=False,
        padding=False,
        verbose=False,
    )
    if not encoding["input_ids"]:
        raise ValueError(
            f"{name} must contain something to read, but the model's tokeniser drops all of its "
            f"{len(text)} character{'s' if len(text) != 1 else ''}"
        )
    ids = tuple(encoding["input_ids"])
    return Reading(
        text,
        ids,
        tuple(tokenizer.convert_ids_to_tokens(list(ids))),
        tuple(_with_dropped_accents(text, encoding["offset_mapping"])),
    )


def _with_dropped_accents(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Let each span end after the combining marks that follow it.

    A tokeniser that strips accents leaves a decomposed one outside every span; cutting the
    user's text there would take the accent off its letter.
    """
    whole = []
    for i, (start, end) in enumerate(spans):
        following = spans[i + 1][0] if i + 1 < len(spans) else len(text)
        while end < following and unicodedata.category(text[end]) == "Mn":
            end += 1
        whole.append((start, end))
    return whole
