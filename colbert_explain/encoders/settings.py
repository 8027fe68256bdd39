"""Settings of how texts are read: each with its source, overridden by arguments, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colbert_explain.encoders.layout import CheckpointError

ARGUMENT = "argument"
STRATEGIES = ("fixed", "min")


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
    for key, setting in settings.items():
        value = setting.value
        if key.endswith("_length"):
            valid = value is None or (type(value) is int and value > 0)
            rule = "a positive whole number"
        elif key.endswith(("_marker", "_prompt")):
            valid, rule = isinstance(value, str), "text"
        elif key == "query_expansion":
            valid, rule = value in (*STRATEGIES, False), "'fixed', 'min' or False"
        elif key == "expansion_attended":
            valid, rule = isinstance(value, bool), "True or False"
        elif key == "expansion_token":
            valid, rule = value is None or isinstance(value, str), "a token's name"
        elif key in ("skiplist", "skiplist_sides"):
            valid = isinstance(value, list) and all(isinstance(word, str) for word in value)
            rule = "a list of words"
        else:
            continue
        if not valid:
            place = "" if setting.source == ARGUMENT else f" (in {setting.source})"
            raise CheckpointError(f"{key}{place} must be {rule}, got {value!r}")
    similarity = settings["similarity"]
    if similarity.value == "l2":
        raise CheckpointError(
            f"similarity (in {similarity.source}) is l2: this package explains cosines. Between "
            "unit vectors -(q - d)^2 is 2 cos - 2, so winners and order are the same: pass "
            "similarity='cosine' to explain the checkpoint by them"
        )
    if similarity.value != "cosine":
        raise CheckpointError(
            f"similarity (in {similarity.source}) must be cosine, got {similarity.value!r}: pass "
            "similarity='cosine' to explain the sum of the largest cosines instead"
        )
