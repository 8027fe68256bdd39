"""Settings for texts: their sources, their rules, and arguments that override them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, Literal, TypeVar

from colbert_explain.encoders.checkpoint import schema as rule
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.schema import Rules, shown

Side = Literal["query", "document"]
SIDES: tuple[Side, Side] = ("query", "document")
#: Sources of settings that other code compares.
ARGUMENT, REACH = "argument", "what the model can read"
STRATEGIES = ("fixed", "min")
#: Far more than in published checkpoints (128 tokens of expansion, prompts of 200 characters,
#: skiplists of 40 words), and too little to take minutes.
LONGEST_MARKER, LONGEST_PROMPT, MOST_WORDS = 256, 4096, 10_000
LONGEST_EXPANSION, LONGEST_TEXT = 4096, 1 << 20
_word_list = rule.list_of(rule.text(LONGEST_MARKER), MOST_WORDS, "a list of words")
_marker, _prompt = rule.text(LONGEST_MARKER), rule.text(LONGEST_PROMPT)
#: Rules for settings from files and arguments.
RULES: Rules = {
    "query_marker": _marker,
    "document_marker": _marker,
    "query_prompt": _prompt,
    "document_prompt": _prompt,
    "query_length": rule.whole(1, LONGEST_TEXT),
    "document_length": rule.whole(1, LONGEST_TEXT),
    "expansion_length": rule.whole(1, LONGEST_EXPANSION),
    "query_expansion": rule.one_of(*STRATEGIES, False),
    "expansion_attended": rule.flag,
    "expansion_token": rule.text(LONGEST_MARKER),
    "skiplist": _word_list,
    "skiplist_sides": _word_list,
}
_MAY_BE_NONE = ("query_length", "document_length", "expansion_length", "expansion_token")

Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """A value and its source: a file, a named default, or an argument.

    Attributes
    ----------
    value
        The value.
    source
        Where it comes from.
    key
        Its key in the file that it comes from; empty if it comes from none, or from a service.
    """

    value: Value
    source: str
    key: str = field(default="", compare=False, repr=False)


def called(name: str, setting: Setting[Any]) -> str:
    """Return what an error calls a setting: its key and file, or the ``name`` of the argument."""
    if setting.key:
        return f"{setting.key} in {setting.source}"
    return name if setting.source == ARGUMENT else f"{name} ({setting.source})"


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """All settings for texts, each with its source.

    Attributes
    ----------
    query_marker, document_marker, query_prompt, document_prompt
        The prefix of a text: a marker's token with the space after it, then a prompt.
    query_length, document_length
        Most tokens of a text; ``None`` for as many as the model can read.
    query_expansion
        ``"fixed"``, ``"min"`` or ``False``: how queries are filled up.
    expansion_length, expansion_attended, expansion_token
        The length to pad to, whether the query's words attend to the added tokens, and which token
        is added (``None``: [MASK], else end of text).
    skiplist, skiplist_sides
        Words that are encoded but not scored, and on which sides.
    similarity
        ``"cosine"``, or another name, which is refused.
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
        """Return settings without prefixes and expansion, in which every token is scored."""
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

    def prefix(self, side: Side) -> str:
        """Return marker and prompt of a side."""
        return self.marker(side).value + self.prompt(side).value

    def with_prefix(
        self, side: Side, marker: Setting[str], prompt: Setting[str]
    ) -> ReadingSettings:
        """Return the settings with another marker and prompt of a side."""
        if side == "query":
            return replace(self, query_marker=marker, query_prompt=prompt)
        return replace(self, document_marker=marker, document_prompt=prompt)

    def by_name(self) -> dict[str, Setting[Any]]:
        """Return all settings by their names, in their order."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def known(setting: Setting[Value | None]) -> Value:
    """Return the value of a setting that is not ``None`` any more."""
    if setting.value is None:
        raise RuntimeError("the settings must be completed from the model first")
    return setting.value


@dataclass(frozen=True, slots=True)
class Expansion:
    """Query expansion: copies of a token that are added to a query and scored like its words.

    ``length`` is that of the expanded query, structural tokens included; ``attend`` is whether the
    query's words attend to the added tokens.
    """

    length: int
    attend: bool
    token_id: int


def override(settings: ReadingSettings, arguments: Mapping[str, Any]) -> ReadingSettings:
    """Override settings by arguments that are not ``None``, and check all settings.

    Raises a `ValueError` if a value is out of range.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    if given.get("query_expansion") is True:
        given["query_expansion"] = "fixed"
    if "skiplist" in given:
        words = given["skiplist"]
        if isinstance(words, str) or not isinstance(words, Sequence):
            raise ValueError(f"skiplist must be a list of words, got {words!r}")
        given["skiplist"] = list(words)
    resolved = replace(settings, **{key: Setting(v, ARGUMENT) for key, v in given.items()})
    _check(resolved)
    length, floor = resolved.query_length, resolved.expansion_length
    usual: Setting[int | None] = Setting(32, "default of ColBERT")
    if resolved.query_expansion.value == "fixed":
        # A fixed query is always filled up to its length.
        width = length if length.source == ARGUMENT or floor.value is None else floor
        width = width if width.value is not None else usual
        return replace(resolved, query_length=width, expansion_length=width)
    if resolved.query_expansion.value == "min" and floor.value is None:
        return replace(resolved, expansion_length=usual)
    return resolved


def _check(settings: ReadingSettings) -> None:
    for key, setting in settings.by_name().items():
        if key not in RULES or (setting.value is None and key in _MAY_BE_NONE):
            continue
        if (unmet := RULES[key](setting.value)) is not None:
            raise CheckpointError(
                f"{called(key, setting)} must be {unmet}, got {shown(setting.value)}"
            )
    similarity = settings.similarity
    if similarity.value == "l2":
        raise CheckpointError(
            f"{called('similarity', similarity)} must be cosine, got l2. For unit vectors "
            "-(q - d)^2 is 2 cos - 2, so matches and ranking are the same: pass "
            "similarity='cosine' to explain the checkpoint by cosines"
        )
    if similarity.value != "cosine":
        raise CheckpointError(
            f"{called('similarity', similarity)} must be cosine, got {shown(similarity.value)}: "
            "pass similarity='cosine' to explain the sum of the largest cosines instead"
        )
