"""From a user's text to vocabulary ids with character spans, read once and kept together."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

_SURROGATE = re.compile("[\ud800-\udfff]")
#: How SentencePiece and byte-level BPE write the space before a word.
_SPACES = "▁Ġ"


@dataclass(frozen=True, slots=True)
class Piece:
    """One vocabulary entry that was read, with the characters it stands for.

    Attributes
    ----------
    id, name
        Vocabulary id and entry, as the tokeniser spells it.
    text
        The characters it stands for.
    start, end
        Where they stand in the text as given; ``None`` in an opening.
    """

    id: int
    name: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tokeniser makes of one text, without the ids that frame every text.

    Attributes
    ----------
    text
        The text as given.
    opening
        The pieces of what the model puts before the text: a marker, a prompt.
    pieces
        The pieces of the text.
    """

    text: str
    opening: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


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


class TextReader:
    """Tokenise texts with what a model puts before them, and keep every piece's span.

    Opening and text are read together, because a piece may depend on what stands before it.
    Yet only the opening's special tokens are special: one that a user types is text. So the
    tokeniser is copied, all its special tokens are made plain text in the copy, and those of
    the opening are written as placeholders that the copy knows.

    Parameters
    ----------
    tokenizer
        A tokeniser of transformers, with its special tokens and markers.
    opening
        What stands before every text, such as ``"[D] "`` or ``"[Q] search_query: "``.

    Raises
    ------
    ValueError
        If the tokeniser gives no character spans.
    """

    def __init__(self, tokenizer: Any, opening: str = "") -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise ValueError(
                "tokenizer must be one of the tokenizers library, which gives character spans, "
                f"got {type(tokenizer).__name__}"
            )
        self.opening = opening
        settings = json.loads(tokenizer.backend_tokenizer.to_str())
        added = {entry["id"]: entry for entry in settings["added_tokens"]}
        free = max([*tokenizer.get_vocab().values(), *added]) + 1
        self._placeholders: dict[int, tuple[str, int, str]] = {}  # its text, real id and name
        written, end = "", 0
        entries = tokenizer(opening, add_special_tokens=False, return_offsets_mapping=True)
        for id_, (start, stop) in zip(entries["input_ids"], entries["offset_mapping"], strict=True):
            if id_ not in added:
                continue
            placeholder = f"\ufdd0{len(self._placeholders)}\ufdd1"  # noncharacters of Unicode
            self._placeholders[free] = placeholder, id_, added[id_]["content"]
            settings["added_tokens"].append(
                {**added[id_], "id": free, "content": placeholder}
                | {"normalized": False, "special": False}
            )
            added[id_]["special"] = True
            written += opening[end:start] + placeholder
            free, end = free + 1, stop
        self._written = written + opening[end:]
        for entry in settings["added_tokens"]:
            entry["special"] |= entry["id"] in tokenizer.all_special_ids
        settings["truncation"] = settings["padding"] = None
        self._plain = Tokenizer.from_str(json.dumps(settings))
        self._plain.encode_special_tokens = True
        self._name_of = tokenizer.convert_ids_to_tokens

    def read(self, name: str, text: str) -> Reading:
        """Tokenise a text; ``name`` is what an error calls it.

        Raises
        ------
        ValueError
            If `check_text` refuses the text, or the tokeniser drops every character of it.
        """
        check_text(name, text)
        if any(placeholder in text for placeholder, _, _ in self._placeholders.values()):
            raise ValueError(f"{name} must not contain the noncharacters U+FDD0 and U+FDD1")
        encoding = self._plain.encode(self._written + text, add_special_tokens=False)
        shift = len(self._written)
        n_opening = sum(end <= shift for _, end in encoding.offsets)
        if len(encoding.ids) == n_opening:
            raise ValueError(
                f"{name} must contain something to read, but the model's tokeniser drops all of "
                f"its {len(text)} character{'s' if len(text) != 1 else ''}"
            )
        names = self._name_of(encoding.ids)
        opening = []
        for id_, entry, (start, end) in zip(
            encoding.ids[:n_opening], names, encoding.offsets, strict=False
        ):
            _, real_id, marker = self._placeholders.get(id_, ("", id_, ""))
            opening.append(
                Piece(real_id, marker or entry, marker.strip() or self._written[start:end].strip())
            )
        entries = zip(encoding.ids, names, encoding.offsets, strict=True)
        rest = [
            (id_, entry, max(0, start - shift), end - shift)
            for id_, entry, (start, end) in list(entries)[n_opening:]
        ]
        pieces = []
        for i, (id_, entry, start, end) in enumerate(rest):
            following = rest[i + 1][2] if i + 1 < len(rest) else len(text)
            start, end = _as_written(text, entry, start, end, following)
            pieces.append(Piece(id_, entry, text[start:end], start, end))
        return Reading(text, tuple(opening), tuple(pieces))


def _as_written(text: str, entry: str, start: int, end: int, following: int) -> tuple[int, int]:
    """Give a piece the span that a reader would give it: no space around, accents kept.

    A tokeniser that strips accents leaves a decomposed one outside every span; cutting the
    user's text there would take the accent off its letter. One that writes spaces into its
    pieces counts them to the word; and where it puts a space that the user did not type, that
    piece claims the first letter of the word, though it stands for no character.
    """
    while end < following and unicodedata.category(text[end]) == "Mn":
        end += 1
    characters = text[start:end]
    if not characters.strip():
        return start, end
    if not entry.strip(_SPACES) and characters.strip(_SPACES):
        return start, start
    return end - len(characters.lstrip()), start + len(characters.rstrip())
