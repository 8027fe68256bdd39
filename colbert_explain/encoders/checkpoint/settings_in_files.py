"""Read the settings for texts from a checkpoint's files, in each format's own keys."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import (
    ENCODER_CONFIG,
    METADATA,
    PIPELINE_CONFIG,
    CheckpointFiles,
)
from colbert_explain.encoders.checkpoint.schema import Rule, check, flag, one_of, shown
from colbert_explain.encoders.checkpoint.settings import (
    REACH,
    SIDES,
    STRATEGIES,
    ReadingSettings,
    Setting,
)

_OF_EXPANSION: Mapping[str, Rule] = {"attend": flag}
_COLBERT = "default of ColBERT"


def read_settings(files: CheckpointFiles) -> ReadingSettings:
    """Return the settings in a checkpoint's files; `settings.override` checks their values."""
    if files.format == "Stanford":
        return _of_stanford(files.metadata)
    if files.format == "BGE-M3":
        # No markers, no expansion; every token but the leading <s> is scored, on both sides.
        own = "BGE-M3's own code"
        return replace(
            ReadingSettings.defaults(own),
            skiplist=Setting(["<s>"], own),
            skiplist_sides=Setting(["query", "document"], own),
        )
    return _of_pipeline(files)


def _of_stanford(metadata: Mapping[str, Any]) -> ReadingSettings:
    def setting(key: str, default: Any) -> Setting[Any]:
        value = metadata.get(key)
        return Setting(default, _COLBERT) if value is None else Setting(value, METADATA, key)

    punctuation, query_length = setting("mask_punctuation", True), setting("query_maxlen", 32)
    query, document = setting("query_token_id", "[unused0]"), setting("doc_token_id", "[unused1]")
    settings = replace(
        ReadingSettings.defaults(_COLBERT),
        # A space separates the marker from the word after it.
        query_marker=replace(query, value=f"{query.value} "),
        document_marker=replace(document, value=f"{document.value} "),
        query_length=query_length,
        # ColBERT always fills up queries; its files do not say so.
        query_expansion=Setting("fixed", _COLBERT),
        expansion_length=query_length,
        expansion_attended=setting("attend_to_mask_tokens", False),
        skiplist=replace(punctuation, value=list(string.punctuation) if punctuation.value else []),
        similarity=setting("similarity", "cosine"),
    )
    if metadata.get("doc_maxlen") is None:
        return settings
    return replace(settings, document_length=setting("doc_maxlen", None))


def _of_pipeline(files: CheckpointFiles) -> ReadingSettings:
    library = f"default of {files.format}"
    # The file of the newer format comes first.
    sources = {
        f"{files.encoder_place}/{ENCODER_CONFIG}".lstrip("/"): files.encoder,
        PIPELINE_CONFIG: files.pipeline,
    }

    def length(key: str) -> Setting[int | None]:
        found = (
            Setting(values[key], at, key)
            for at, values in sources.items()
            if values.get(key) is not None
        )
        return next(found, Setting(None, REACH))

    settings = ReadingSettings.defaults(library)
    settings = _with_prefixes(settings, files.pipeline, library)
    settings = replace(
        settings, query_length=length("query_length"), document_length=length("document_length")
    )
    settings = _with_expansion(settings, sources, library)
    if settings.query_expansion.value == "fixed":
        settings = replace(settings, query_length=settings.expansion_length)
    if files.pipeline.get("similarity_fn_name") is not None:
        name = str(files.pipeline["similarity_fn_name"])
        similarity = "cosine" if name.lower() in ("maxsim", "cosine") else name
        from_file = Setting(similarity, PIPELINE_CONFIG, "similarity_fn_name")
        settings = replace(settings, similarity=from_file)
    return _with_skiplist(settings, files, library)


def _with_prefixes(
    settings: ReadingSettings, pipeline: Mapping[str, Any], library: str
) -> ReadingSettings:
    prompts = pipeline.get("prompts") or {}
    for side in SIDES:
        key = f"{side}_prefix"
        marker, prompt = pipeline.get(key), prompts.get(side)
        rest = (prompt or "").removeprefix(marker or "")
        settings = settings.with_prefix(
            side,
            Setting(marker or "", PIPELINE_CONFIG, key)
            if key in pipeline
            else Setting("", library),
            Setting(rest, library)
            if prompt is None
            else Setting(rest, PIPELINE_CONFIG, f"{side} in prompts"),
        )
    return settings


def _with_skiplist(
    settings: ReadingSettings, files: CheckpointFiles, library: str
) -> ReadingSettings:
    if files.mask_place is None:
        words = files.pipeline.get("skiplist_words")
        if words is None:
            return replace(settings, skiplist=Setting(list(string.punctuation), library))
        return replace(settings, skiplist=Setting(words, PIPELINE_CONFIG, "skiplist_words"))
    mask_file = f"{files.mask_place}/config.json"
    sides = files.mask.get("skiplist_tasks") or ["document"]
    return replace(
        settings,
        skiplist=Setting(files.mask.get("skiplist_words") or [], mask_file, "skiplist_words"),
        skiplist_sides=Setting(
            [sides] if isinstance(sides, str) else sides, mask_file, "skiplist_tasks"
        ),
    )


def _with_expansion(
    settings: ReadingSettings, sources: Mapping[str, Mapping[str, Any]], library: str
) -> ReadingSettings:
    """Read query expansion in the keys of three libraries, the newest first."""
    for source, values in sources.items():
        if "query_expansion" in values:
            return _with_expansion_object(settings, values["query_expansion"], source)
    pipeline = sources[PIPELINE_CONFIG]
    flat = ("do_query_expansion", "attend_to_expansion_tokens", "attend_to_mask_tokens")
    signs = (*flat, "query_length", "document_length", "query_prefix", "document_prefix")
    if not any(key in pipeline for key in (*signs, "skiplist_words")):
        return settings
    wanted = pipeline.get("do_query_expansion")
    if wanted is False:
        return _with_expansion_object(settings, None, PIPELINE_CONFIG)
    attend = next((key for key in flat[1:] if key in pipeline), "")
    length = pipeline.get("query_length")
    return replace(
        settings,
        query_expansion=Setting("fixed", library)
        if wanted is None
        else Setting("fixed", PIPELINE_CONFIG, "do_query_expansion"),
        expansion_length=Setting(32, library)
        if length is None
        else Setting(length, PIPELINE_CONFIG, "query_length"),
        expansion_attended=Setting(False, library)
        if pipeline.get(attend) is None
        else Setting(pipeline[attend], PIPELINE_CONFIG, attend),
    )


def _with_expansion_object(settings: ReadingSettings, value: Any, source: str) -> ReadingSettings:
    if value is None:
        value = {"strategy": False}
    known = one_of(*STRATEGIES, False)
    if not isinstance(value, dict) or known(value.get("strategy")) is not None:
        raise CheckpointError(
            f"query_expansion in {source} must name a strategy, {' or '.join(STRATEGIES)}, "
            f"got {shown(value)}"
        )
    check(value, _OF_EXPANSION, f"query_expansion in {source}")
    key = "{} in query_expansion".format
    return replace(
        settings,
        query_expansion=Setting(value["strategy"], source, key("strategy")),
        expansion_length=Setting(value.get("length"), source, key("length")),
        expansion_attended=Setting(bool(value.get("attend")), source, key("attend")),
        expansion_token=Setting(value.get("token"), source, key("token")),
    )
