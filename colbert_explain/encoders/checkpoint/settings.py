"""Settings of how texts are read: each with its source, overridden by arguments, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, Literal, TypeVar

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.schema import (
    Rule,
    flag,
    list_of,
    one_of,
    shown,
    text,
    whole,
)

Side = Literal["query", "document"]
SIDES: tuple[Side, Side] = ("query", "document")
#: Sources that are asked for: what a caller said, what is as much as the model can read.
ARGUMENT, REACH = "argument", "what the model can read"
STRATEGIES = ("fixed", "min")
#: Far above what published checkpoints say (128 tokens of expansion, prompts of 200 characters,
#: skiplists of 40 words), and far below what a load or a text would take minutes over.
LONGEST_MARKER, LONGEST_PROMPT, MOST_WORDS = 256, 4096, 10_000
LONGEST_EXPANSION, LONGEST_TEXT = 4096, 1 << 20
_word_list = list_of(text(LONGEST_MARKER), MOST_WORDS, "a list of words")
_marker, _prompt = text(LONGEST_MARKER), text(LONGEST_PROMPT)
#: What each setting may be, whoever says it.
RULES: Mapping[str, Rule] = {
    "query_marker": _marker,
    "document_marker": _marker,
    "query_prompt": _prompt,
    "document_prompt": _prompt,
    "query_length": whole(1, LONGEST_TEXT),
    "document_length": whole(1, LONGEST_TEXT),
    "expansion_length": whole(1, LONGEST_EXPANSION),
    "query_expansion": one_of(*STRATEGIES, False),
    "expansion_attended": flag,
    "expansion_token": text(LONGEST_MARKER),
    "skiplist": _word_list,
    "skiplist_sides": _word_list,
}
_MAY_BE_LEFT_OPEN = ("query_length", "document_length", "expansion_length", "expansion_token")


Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """A value and where it comes from: a file, a default by name, or an argument."""

    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How texts are read, each setting with its source.

    Attributes
    ----------
    query_marker, document_marker, query_prompt, document_prompt
        What stands before a text: a marker's token with the space after it, then a text.
    query_length, document_length
        Most tokens read of a text; ``None`` for as much as the model can read.
    query_expansion
        ``"fixed"``, ``"min"`` or ``False``: how queries are filled up.
    expansion_length, expansion_attended, expansion_token
        Up to how many tokens, whether the query's words see them, and which token it is
        (``None``: [MASK], else end of text).
    skiplist, skiplist_sides
        Words that are read but not scored, and of which sides.
    similarity
        ``"cosine"``, or what a checkpoint asks for that is refused.
    """

    query_marker: Setting[str]
    document_marker: Setting[str]
    query_prompt: Setting[str]
    document_prompt: Setting[str]
    query_length: Setting[int | None]
    document_length: Setting[int | None]
    query_expansion: Setting[Literal["fixed", "min", False]]
    expansion_length: Setting[int | None]
    expansion_attended: Setting[bool]
    expansion_token: Setting[str | None]
    skiplist: Setting[list[str]]
    skiplist_sides: Setting[list[str]]
    similarity: Setting[str]

    @classmethod
    def defaults(cls, source: str) -> ReadingSettings:
        """Read texts as they are and score every token, because ``source`` says no more."""
        return ReadingSettings(
            query_marker=Setting("", source),
            document_marker=Setting("", source),
            query_prompt=Setting("", source),
            document_prompt=Setting("", source),
            query_length=Setting(None, REACH),
            document_length=Setting(None, REACH),
            query_expansion=Setting(False, source),
            expansion_length=Setting(None, source),
            expansion_attended=Setting(False, source),
            expansion_token=Setting(None, source),
            skiplist=Setting([], source),
            skiplist_sides=Setting(["document"], source),
            similarity=Setting("cosine", source),
        )

    def marker(self, side: Side) -> Setting[str]:
        """Return the marker of a side."""
        return self.query_marker if side == "query" else self.document_marker

    def prompt(self, side: Side) -> Setting[str]:
        """Return the prompt of a side."""
        return self.query_prompt if side == "query" else self.document_prompt

    def opening(self, side: Side) -> str:
        """Return all that stands before a text of a side."""
        return self.marker(side).value + self.prompt(side).value

    def with_opening(
        self, side: Side, marker: Setting[str], prompt: Setting[str]
    ) -> ReadingSettings:
        """Return the settings with another marker and prompt of a side."""
        if side == "query":
            return replace(self, query_marker=marker, query_prompt=prompt)
        return replace(self, document_marker=marker, document_prompt=prompt)

    def by_name(self) -> dict[str, Setting[Any]]:
        """Return all settings by their names, in their order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def known(setting: Setting[Value | None]) -> Value:
    """Return a value that has been filled in."""
    if setting.value is None:
        raise RuntimeError("the settings must be fitted to the model first")
    return setting.value


@dataclass(frozen=True, slots=True)
class Expansion:
    """Query expansion: tokens that fill a query up, which are scored like its words.

    Attributes
    ----------
    length
        Tokens of a filled-up query, structural ones included.
    attend
        Whether the query's words see them in the encoder.
    token_id
        Which token it is: [MASK], or the end-of-text token of a decoder.
    """

    length: int
    attend: bool
    token_id: int


def override(settings: ReadingSettings, arguments: Mapping[str, Any]) -> ReadingSettings:
    """Put arguments that are not ``None`` in the place of what the files say, and check all.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    if given.get("query_expansion") is True:
        given["query_expansion"] = "fixed"
    if "skiplist" in given:
        given["skiplist"] = _words(given["skiplist"])
    resolved = replace(settings, **{key: Setting(v, ARGUMENT) for key, v in given.items()})
    _check(resolved)
    length, floor = resolved.query_length, resolved.expansion_length
    usual: Setting[int | None] = Setting(32, "default of ColBERT")
    if resolved.query_expansion.value == "fixed":
        # One number: a fixed query is as long as it is filled up to.
        width = length if length.source == ARGUMENT or floor.value is None else floor
        width = width if width.value is not None else usual
        return replace(resolved, query_length=width, expansion_length=width)
    if resolved.query_expansion.value == "min" and floor.value is None:
        return replace(resolved, expansion_length=usual)
    return resolved


def _words(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"skiplist must be a list of words, got {value!r}")
    return list(value)


def _check(settings: ReadingSettings) -> None:
    for key, setting in settings.by_name().items():
        if key not in RULES or (setting.value is None and key in _MAY_BE_LEFT_OPEN):
            continue
        if (unmet := RULES[key](setting.value)) is not None:
            place = "" if setting.source == ARGUMENT else f" (in {setting.source})"
            raise CheckpointError(f"{key}{place} must be {unmet}, got {shown(setting.value)}")
    similarity = settings.similarity
    if similarity.value == "l2":
        raise CheckpointError(
            f"similarity (in {similarity.source}) is l2: this package explains cosines. Between "
            "unit vectors -(q - d)^2 is 2 cos - 2, so winners and order are the same: pass "
            "similarity='cosine' to explain the checkpoint by them"
        )
    if similarity.value != "cosine":
        raise CheckpointError(
            f"similarity (in {similarity.source}) must be cosine, got {shown(similarity.value)}: "
            "pass similarity='cosine' to explain the sum of the largest cosines instead"
        )
