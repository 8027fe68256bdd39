"""From a user's text to vocabulary ids with character spans, read once and kept together."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from tokenizers import AddedToken, Tokenizer

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.error import is_panic, reason_of

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
    text = check.text(name, text)
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
    Yet only the opening's special tokens are special: one that a user types is text. So texts
    are read by a copy of the tokeniser that knows no special token and no marker, but
    placeholders for those of the opening.

    Parameters
    ----------
    tokenizer
        A tokeniser of transformers, with its special tokens and markers.
    opening
        What stands before every text, such as ``"[D] "`` or ``"[Q] search_query: "``.
    markers
        Openings of the model's other texts: their markers are plain text here.

    Raises
    ------
    ValueError
        If the tokeniser gives no character spans.
    """

    def __init__(self, tokenizer: Any, opening: str = "", markers: Iterable[str] = ()) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise ValueError(
                "tokenizer must be one of the tokenizers library, which gives character spans, "
                f"got {type(tokenizer).__name__}"
            )
        settings = json.loads(tokenizer.backend_tokenizer.to_str())
        added = {entry["id"]: entry for entry in settings["added_tokens"]}
        hidden = {entry["id"] for entry in settings["added_tokens"] if entry["special"]}
        hidden.update(tokenizer.all_special_ids)
        for text in markers:
            hidden.update(_added_ids(tokenizer, text, added))
        self._placeholders: list[str] = []
        real: dict[str, tuple[int, str]] = {}  # of placeholders: the id and entry they stand for
        written, end = "", 0
        entries = tokenizer(opening, add_special_tokens=False, return_offsets_mapping=True)
        for id_, (start, stop) in zip(entries["input_ids"], entries["offset_mapping"], strict=True):
            if id_ not in added:
                continue
            placeholder = f"\ufdd0{len(self._placeholders)}\ufdd1"  # noncharacters of Unicode
            self._placeholders.append(placeholder)
            real[placeholder] = id_, added[id_]["content"]
            hidden.add(id_)
            written += opening[end:start] + placeholder
            end = stop
        self._written = written + opening[end:]
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
        """Tokenise a text; ``name`` is what an error calls it.

        Raises
        ------
        ValueError
            If `check_text` refuses the text, or the tokeniser drops every character of it or
            gives up on it.
        """
        check_text(name, text)
        if any(placeholder in text for placeholder in self._placeholders):
            raise ValueError(f"{name} must not contain the noncharacters U+FDD0 and U+FDD1")
        try:
            encoding = self._plain.encode(self._written + text, add_special_tokens=False)
        except BaseException as error:
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            # Such as a pattern whose matches are tried in more ways than its engine allows.
            raise ValueError(
                f"{name} must be a text that the model's tokeniser can read, but a rule of its "
                f"tokenizer.json fails on these {len(text):,} characters: {reason_of(error)}"
            ) from error
        shift = len(self._written)
        n_opening = sum(end <= shift for _, end in encoding.offsets)
        if len(encoding.ids) == n_opening:
            raise ValueError(
                f"{name} must contain something to read, but the model's tokeniser drops all of "
                f"its {len(text)} character{'s' if len(text) != 1 else ''}"
            )
        names = self._name_of(encoding.ids)
        entries = [
            self._real.get(id_, (id_, entry))
            for id_, entry in zip(encoding.ids, names, strict=True)
        ]
        opening = []
        for (id_, entry), (start, end) in zip(entries[:n_opening], encoding.offsets, strict=False):
            written = self._written[start:end]
            label = entry if written in self._placeholders else written
            opening.append(Piece(id_, entry, label.strip()))
        spans = [
            (max(0, start - shift), end - shift) for start, end in encoding.offsets[n_opening:]
        ]
        pieces = []
        for i, ((id_, entry), (start, end)) in enumerate(
            zip(entries[n_opening:], spans, strict=True)
        ):
            later = (spans[j][0] for j in range(i + 1, len(spans)))
            following = next((first for first in later if first >= end), len(text))
            start, end = _as_written(text, entry, start, end, following)
            pieces.append(Piece(id_, entry, text[start:end], start, end))
        return Reading(text, tuple(opening), tuple(pieces))


def _added_ids(tokenizer: Any, text: str, added: Container[int]) -> list[int]:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return [id_ for id_ in ids if id_ in added]


def _hide(model: dict[str, Any], names: Container[str]) -> None:
    """Rename entries of a vocabulary, so that nobody can type them; their ids stay."""

    def renamed(name: str) -> str:
        return f"\ufdd2{name}" if name in names else name

    if isinstance(model["vocab"], dict):
        model["vocab"] = {renamed(name): id_ for name, id_ in model["vocab"].items()}
    else:
        model["vocab"] = [[renamed(name), *score] for name, *score in model["vocab"]]
    if isinstance(model.get("unk_token"), str):
        model["unk_token"] = renamed(model["unk_token"])


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
