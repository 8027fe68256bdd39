"""Settings of how texts are read: each with its source, overridden by arguments, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

ARGUMENT = "argument"
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


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it comes from: a file, a default by name, or an argument."""

    value: Any
    source: str


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


def override(settings: Mapping[str, Setting], arguments: Mapping[str, Any]) -> dict[str, Setting]:
    """Put arguments that are not ``None`` in the place of what the files say, and check all.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    if "query_expansion" in given:
        wanted = given["query_expansion"]
        given["query_expansion"] = "fixed" if wanted is True else wanted
    if "skiplist" in given:
        given["skiplist"] = _words(given["skiplist"])
    resolved = {**settings, **{key: Setting(value, ARGUMENT) for key, value in given.items()}}
    _check(resolved)
    strategy = resolved["query_expansion"].value
    length, floor = resolved["query_length"], resolved["expansion_length"]
    if strategy == "fixed":
        # One number: a fixed query is as long as it is filled up to.
        width = length if length.source == ARGUMENT or floor.value is None else floor
        width = width if width.value is not None else Setting(32, "default of ColBERT")
        resolved["query_length"] = resolved["expansion_length"] = width
    elif strategy == "min" and floor.value is None:
        resolved["expansion_length"] = Setting(32, "default of ColBERT")
    return resolved


def _words(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"skiplist must be a list of words, got {value!r}")
    return list(value)


def _check(settings: Mapping[str, Setting]) -> None:
    for key, rule in RULES.items():
        value = settings[key].value
        if value is None and key in _MAY_BE_LEFT_OPEN:
            continue
        if (unmet := rule(value)) is not None:
            source = settings[key].source
            place = "" if source == ARGUMENT else f" (in {source})"
            raise CheckpointError(f"{key}{place} must be {unmet}, got {shown(value)}")
    similarity = settings["similarity"]
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
