"""Check a tokeniser's files before a library reads them.

The tokenizers library has no limits: an id of four billion makes four billion rows, and a
normaliser whose rules each double the text makes a terabyte of forty letters.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PretrainedConfig
from transformers.models.auto import AutoTokenizer

from colbert_explain.encoders.checkpoint import schema as rule
from colbert_explain.encoders.checkpoint.error import CheckpointError, is_panic, reason_of
from colbert_explain.encoders.checkpoint.files import (
    LARGEST_VOCABULARY,
    check_file_size,
    read_json,
    read_object,
)
from colbert_explain.encoders.checkpoint.network_sizes import check_vocabulary
from colbert_explain.encoders.checkpoint.schema import Rules, check, shown

#: How many times longer a normaliser may make a text; published ones double it at most.
MOST_GROWTH = 32
#: Tokens that a post-processor may add; published ones add two or three.
MOST_ADDED_TO_TEXT = 100
#: Bytes for one character; the longest in SentencePiece's own table are 33.
_LONGEST_OF_TABLE = 64
#: Published tokenisers have up to 7,000.
_MOST_ADDED = 20_000
_OTHER_JSON = (
    *("generation_config.json", "preprocessor_config.json"),
    *("processor_config.json", "chat_template.json"),
)
#: Without one of these, transformers makes a tokeniser with an empty vocabulary.
_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "*.model", "*.tiktoken", "*.bpe")
_token = rule.either(rule.text(256), rule.object_of(rule.anything, 20))
_OF_CONFIG: Rules = {
    "model_max_length": rule.number(1.0, 1e31),
    "extra_ids": rule.whole(0, 10_000),
    "additional_special_tokens": rule.list_of(_token, 10_000, "a list of tokens"),
    "extra_special_tokens": rule.either(
        rule.list_of(_token, 10_000, "a list of tokens"), rule.object_of(_token, 10_000)
    ),
    "added_tokens_decoder": rule.object_of(rule.object_of(rule.anything, 20), 10_000),
    "tokenizer_class": rule.text(256),
    **dict.fromkeys(("padding_side", "truncation_side"), rule.one_of("left", "right")),
    "model_input_names": rule.list_of(rule.text(256), 100, "a list of names"),
    "do_lower_case": rule.flag,
    "add_prefix_space": rule.flag,
    **dict.fromkeys(
        (f"{name}_token" for name in ("unk", "pad", "cls", "sep", "mask", "bos", "eos")), _token
    ),
}


def check_tokenizer_files(folder: Path, rows: int | None) -> None:
    """Check sizes, ids and normaliser of the tokeniser in a folder.

    ``rows`` is the number of rows of the word embedding, if it is known.

    Raises a `CheckpointError` if a file is too large or of the wrong kind, an id has no row, or a
    text could grow too much.
    """
    vocabularies = [path for pattern in _VOCABULARIES for path in folder.glob(pattern)]
    if not vocabularies:
        raise CheckpointError(
            f"model must have a tokeniser, but there is no tokenizer.json in {folder}: copy the "
            "tokeniser's files there"
        )
    for path in (*vocabularies, folder / "merges.txt", folder / "chat_template.jinja"):
        if path.is_file():
            check_file_size(path)
    for name in _OTHER_JSON:
        read_json(folder, name)
    config = read_object(folder, "tokenizer_config.json", most=LARGEST_VOCABULARY)
    check(config, _OF_CONFIG, "tokenizer_config.json")
    check(read_object(folder, "special_tokens_map.json"), _OF_CONFIG, "special_tokens_map.json")
    tokenizer = read_object(folder, "tokenizer.json", most=LARGEST_VOCABULARY)
    entries = rule.list_of(rule.anything, _MOST_ADDED, "a list of tokens")
    check(tokenizer, {"added_tokens": entries}, "tokenizer.json")
    added = read_object(folder, "added_tokens.json")
    ids = _ids(tokenizer, config) | {id_ for id_ in added.values() if type(id_) is int}
    if not tokenizer and (folder / "vocab.txt").is_file():
        with (folder / "vocab.txt").open("rb") as lines:
            ids |= set(range(sum(1 for _ in lines)))
    if ids and rows is not None:
        check_vocabulary(max(ids), len(ids), rows)
    growth = _growth(tokenizer.get("normalizer"))
    if growth > MOST_GROWTH:
        raise CheckpointError(
            f"the normalizer in tokenizer.json must make a text at most {MOST_GROWTH} times "
            f"longer, but its rules multiply the length by up to {growth:,.0f}"
        )
    added_to_text = _added(tokenizer.get("post_processor"))
    if added_to_text > MOST_ADDED_TO_TEXT:
        raise CheckpointError(
            f"the post_processor in tokenizer.json must add at most {MOST_ADDED_TO_TEXT:,} tokens "
            f"to a text, but it adds {added_to_text:,}"
        )
    _check_lengths(tokenizer)


def tokenizer_fault(folder: Path) -> str:
    """Return why the tokeniser of a folder cannot be loaded; empty if it can.

    Libraries report any fault as a missing tokeniser.
    """
    path = folder / "tokenizer.json"
    for place, load in (
        (path, lambda: path.is_file() and Tokenizer.from_file(str(path))),
        (
            folder / "tokenizer_config.json",
            lambda: AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, config=PretrainedConfig()
            ),
        ),
    ):
        try:
            load()
        except BaseException as error:
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            return f"{place} must hold a tokeniser that can be read: {reason_of(error)}"
    return ""


def _ids(tokenizer: Mapping[str, Any], config: Mapping[str, Any]) -> set[int]:
    """Return every id in the files; the library checks all else."""
    model, added = tokenizer.get("model"), tokenizer.get("added_tokens")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    ids: set[Any] = set()
    if isinstance(vocabulary, dict):
        ids.update(id_ for id_ in vocabulary.values() if type(id_) is int)
    elif isinstance(vocabulary, list):
        ids.update(range(len(vocabulary)))
    if isinstance(added, list):
        ids.update(entry.get("id") for entry in added if isinstance(entry, dict))
    ids.update(int(key) for key in config.get("added_tokens_decoder") or {} if key.isdecimal())
    return {id_ for id_ in ids if type(id_) is int}


def _growth(normalizer: Any) -> float:
    """Return how many times longer a normaliser may make a text."""
    if not isinstance(normalizer, dict):
        return 1.0
    if isinstance(inner := normalizer.get("normalizers"), list):
        total = 1.0
        for each in inner:
            total = min(total * _growth(each), 1e300)
        return total
    match normalizer.get("type"):
        case "Replace":
            content = len(str(normalizer.get("content") or ""))
            return max(1.0, content / _shortest_match(normalizer.get("pattern")))
        case "Prepend":
            return 1.0 + len(str(normalizer.get("prepend") or ""))
        case "Precompiled":
            longest = _longest_of_table(normalizer.get("precompiled_charsmap"))
            return float(longest) if longest > _LONGEST_OF_TABLE else 1.0
    return 1.0


def _added(processor: Any) -> int:
    """Return how many tokens a post-processor adds to a text, or to a pair of texts."""
    if not isinstance(processor, dict):
        return 0
    if isinstance(inner := processor.get("processors"), list):
        return sum(_added(each) for each in inner)
    named = processor.get("special_tokens")
    n_ids = {
        name: len(entry["ids"])
        for name, entry in (named.items() if isinstance(named, dict) else ())
        if isinstance(entry, dict) and isinstance(entry.get("ids"), list)
    }
    sides = [processor.get(side) for side in ("single", "pair")]
    return max(
        sum(_ids_of(entry, n_ids) for entry in side) if isinstance(side, list) else 0
        for side in sides
    )


def _ids_of(entry: Any, n_ids: Mapping[str, int]) -> int:
    special = entry.get("SpecialToken") if isinstance(entry, dict) else None
    name = special.get("id") if isinstance(special, dict) else None
    return n_ids.get(name, 1) if isinstance(name, str) else 1


def _shortest_match(pattern: Any) -> float:
    """Return the fewest characters of a match; one half if it can be empty."""
    if not isinstance(pattern, dict):
        return 1.0
    if isinstance(written := pattern.get("String"), str):
        return float(len(written)) or 0.5
    try:
        matches_nothing = re.match(str(pattern.get("Regex")), "") is not None
    except (re.error, RecursionError, OverflowError):  # of another dialect
        matches_nothing = True
    return 0.5 if matches_nothing else 1.0


def _longest_of_table(table: Any) -> int:
    """Return the bytes of the longest replacement of a character in SentencePiece's table."""
    try:
        content = base64.b64decode(table or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        return 0  # the library refuses it
    size = int.from_bytes(content[:4], "little")
    return max(map(len, content[4 + size :].split(b"\0")), default=0)


def _check_lengths(tokenizer: Mapping[str, Any]) -> None:
    """Refuse padding or truncation to an excessive length."""
    padding, truncation = tokenizer.get("padding"), tokenizer.get("truncation")
    strategy = padding.get("strategy") if isinstance(padding, dict) else None
    for place in (padding, truncation, strategy):
        for key, value in place.items() if isinstance(place, dict) else ():
            if type(value) is int and value > 1 << 24:
                raise CheckpointError(
                    f"{key} in tokenizer.json must be at most {1 << 24:,}, got {shown(value)}"
                )
