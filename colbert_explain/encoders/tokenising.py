"""Tokenise a user's text to vocabulary ids with character spans."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from tokenizers import AddedToken, Tokenizer

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.error import is_panic, reason_of

#: The signs of SentencePiece and byte-level BPE for the space before a word.
_SPACES = "▁Ġ"


@dataclass(frozen=True, slots=True)
class Piece:
    """A vocabulary entry with its characters and their span in the text; a prefix has no span."""

    id: int
    name: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The pieces of a text, and of the prefix (marker and prompt) before it."""

    text: str
    prefix: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


def check_text(name: str, text: object) -> str:
    """Return ``text`` if it is a string that is not blank and valid Unicode."""
    text = check.text(name, text)
    if not text or text.isspace():
        raise ValueError(f"{name} must contain text, got {'blank space' if text else 'nothing'}")
    return check.valid_unicode(name, text)


class TextReader:
    """Tokenise texts after a prefix, with the character span of every piece.

    Prefix and text are tokenised together, because a piece may depend on the characters before
    it. Special tokens in the prefix are special; the same characters in a user's text are text.
    So this class uses a copy of the tokeniser without special tokens and markers, in which
    placeholders replace those of the prefix.

    Parameters
    ----------
    tokenizer
        A tokeniser of transformers, with its special tokens and markers.
    prefix
        The text before every text, such as ``"[D] "`` or ``"[Q] search_query: "``.
    prefixes
        All prefixes of the model; their markers are plain text in a user's text.

    Raises
    ------
    ValueError
        If the tokeniser gives no character spans.
    """

    def __init__(self, tokenizer: Any, prefix: str = "", prefixes: Iterable[str] = ()) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise ValueError(
                "tokenizer must come from the tokenizers library, which gives character spans, "
                f"got {type(tokenizer).__name__}"
            )
        settings = json.loads(tokenizer.backend_tokenizer.to_str())
        added = {entry["id"]: entry for entry in settings["added_tokens"]}
        hidden = {entry["id"] for entry in settings["added_tokens"] if entry["special"]}
        hidden.update(tokenizer.all_special_ids)
        for text in prefixes:
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            hidden.update(id_ for id_ in ids if id_ in added)
        self._placeholders: list[str] = []
        real: dict[str, tuple[int, str]] = {}  # placeholder to id and entry
        written, end = "", 0
        entries = tokenizer(prefix, add_special_tokens=False, return_offsets_mapping=True)
        for id_, (start, stop) in zip(entries["input_ids"], entries["offset_mapping"], strict=True):
            if id_ not in added:
                continue
            placeholder = f"\ufdd0{len(self._placeholders)}\ufdd1"  # noncharacters of Unicode
            self._placeholders.append(placeholder)
            real[placeholder] = id_, added[id_]["content"]
            hidden.add(id_)
            written += prefix[end:start] + placeholder
            end = stop
        self._written = written + prefix[end:]
        kept = [entry for id_, entry in added.items() if id_ not in hidden]
        real |= {entry["content"]: (entry["id"], entry["content"]) for entry in kept}
        settings["added_tokens"] = kept
        settings["truncation"] = settings["padding"] = settings["post_processor"] = None
        _hide(settings["model"], {added[id_]["content"] for id_ in hidden if id_ in added})
        self._plain = Tokenizer.from_str(json.dumps(settings))
        self._plain.add_tokens(
            [AddedToken(placeholder, normalized=False) for placeholder in self._placeholders]
        )
        self._real = {self._plain.token_to_id(content): entry for content, entry in real.items()}
        self._name_of = tokenizer.convert_ids_to_tokens

    def read(self, name: str, text: str) -> Reading:
        """Tokenise a text; ``name`` is its name in an error.

        Raises a `ValueError` if `check_text` refuses the text, or the tokeniser drops all of it or
        fails.
        """
        check_text(name, text)
        if any(placeholder in text for placeholder in self._placeholders):
            raise ValueError(f"{name} must not contain the noncharacters U+FDD0 and U+FDD1")
        try:
            encoding = self._plain.encode(self._written + text, add_special_tokens=False)
        except BaseException as error:
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            # Such as a regular expression that exceeds its engine's limit.
            raise ValueError(
                f"{name} must be a text that the model's tokeniser can read, but a rule of its "
                f"tokenizer.json fails on these {len(text):,} characters: {reason_of(error)}"
            ) from error
        shift = len(self._written)
        n_prefix = sum(end <= shift for _, end in encoding.offsets)
        if len(encoding.ids) == n_prefix:
            raise ValueError(
                f"{name} must contain something to read, but the model's tokeniser drops all of "
                f"its {len(text)} character{'s' if len(text) != 1 else ''}"
            )
        names = self._name_of(encoding.ids)
        entries = [
            self._real.get(id_, (id_, entry))
            for id_, entry in zip(encoding.ids, names, strict=True)
        ]
        prefix = []
        for (id_, entry), (start, end) in zip(entries[:n_prefix], encoding.offsets, strict=False):
            written = self._written[start:end]
            label = entry if written in self._placeholders else written
            prefix.append(Piece(id_, entry, label.strip()))
        spans = [(max(0, start - shift), end - shift) for start, end in encoding.offsets[n_prefix:]]
        pieces = []
        for i, ((id_, entry), (start, end)) in enumerate(
            zip(entries[n_prefix:], spans, strict=True)
        ):
            later = (spans[j][0] for j in range(i + 1, len(spans)))
            following = next((first for first in later if first >= end), len(text))
            start, end = as_written(text, entry, start, end, following)
            pieces.append(Piece(id_, entry, text[start:end], start, end))
        return Reading(text, tuple(prefix), tuple(pieces))


def _hide(model: dict[str, Any], names: Container[str]) -> None:
    """Rename entries of a vocabulary so that no typed text gives their ids."""

    def renamed(name: str) -> str:
        return f"\ufdd2{name}" if name in names else name

    if isinstance(model["vocab"], dict):
        model["vocab"] = {renamed(name): id_ for name, id_ in model["vocab"].items()}
    else:
        model["vocab"] = [[renamed(name), *score] for name, *score in model["vocab"]]
    if isinstance(model.get("unk_token"), str):
        model["unk_token"] = renamed(model["unk_token"])


def as_written(text: str, entry: str, start: int, end: int, following: int) -> tuple[int, int]:
    """Correct a piece's span: no space around, accents with their letter.

    A tokeniser that strips accents leaves a decomposed accent outside every span. One with spaces
    in its pieces includes them in the span of the word. If it adds a space that the user did not
    type, the span of this piece is the first letter of the word; here it becomes empty.
    """
    while end < following and unicodedata.category(text[end]) == "Mn":
        end += 1
    characters = text[start:end]
    if not characters.strip():
        return start, end
    if not entry.strip(_SPACES) and characters.strip(_SPACES):
        return start, start
    return end - len(characters.lstrip()), start + len(characters.rstrip())
