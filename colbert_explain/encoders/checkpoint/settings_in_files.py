"""What the files of a checkpoint say of how texts are read, in each format's own words."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import (
    ENCODER_CONFIG,
    METADATA,
    PIPELINE_CONFIG,
    CheckpointFiles,
)
from colbert_explain.encoders.checkpoint.schema import Rule, check, flag, one_of, shown
from colbert_explain.encoders.checkpoint.settings import STRATEGIES, Setting

_OF_EXPANSION: Mapping[str, Rule] = {"attend": flag}


def read_settings(files: CheckpointFiles) -> dict[str, Setting]:
    """Read what the checkpoint's own files say.

    Raises
    ------
    CheckpointError
        If a file says something of the wrong kind.

    Returns
    -------
    dict
        ``query_marker``, ``document_marker``, ``query_prompt``, ``document_prompt`` (text);
        ``query_length``, ``document_length`` (``None``: as much as the model reads);
        ``query_expansion`` (``"fixed"``, ``"min"`` or ``False``), ``expansion_length``,
        ``expansion_attended``, ``expansion_token`` (``None``: [MASK], else end of text);
        ``skiplist`` and ``skiplist_sides``; ``similarity``.
    """
    if files.format == "Stanford":
        return _of_stanford(files)
    return _of_bge_m3() if files.format == "BGE-M3" else _of_pipeline(files)


def _of_stanford(files: CheckpointFiles) -> dict[str, Setting]:
    def setting(key: str, default: Any) -> Setting:
        value = files.metadata.get(key)
        if value is None:
            return Setting(default, "default of ColBERT")
        return Setting(value, METADATA)

    punctuation = setting("mask_punctuation", True)
    query_length = setting("query_maxlen", 32)
    query, document = setting("query_token_id", "[unused0]"), setting("doc_token_id", "[unused1]")
    return {
        # The space after a marker is no part of it: it parts the marker from the word.
        "query_marker": Setting(f"{query.value} ", query.source),
        "document_marker": Setting(f"{document.value} ", document.source),
        "query_prompt": Setting("", "default of ColBERT"),
        "document_prompt": Setting("", "default of ColBERT"),
        "query_length": query_length,
        "document_length": _or_reach(setting("doc_maxlen", None)),
        # ColBERT always fills queries up; its files do not say so.
        "query_expansion": Setting("fixed", "default of ColBERT"),
        "expansion_length": query_length,
        "expansion_attended": setting("attend_to_mask_tokens", False),
        "expansion_token": Setting(None, "default of ColBERT"),
        "skiplist": Setting(
            list(string.punctuation) if punctuation.value else [], punctuation.source
        ),
        "skiplist_sides": Setting(["document"], "default of ColBERT"),
        "similarity": setting("similarity", "cosine"),
    }


def _of_bge_m3() -> dict[str, Setting]:
    """No markers, no expansion; every token but the leading <s> is scored, on both sides."""
    own = "BGE-M3's own code"
    nothing, length = Setting("", own), _or_reach(Setting(None, ""))
    return {
        **dict.fromkeys(("query_marker", "document_marker"), nothing),
        **dict.fromkeys(("query_prompt", "document_prompt"), nothing),
        **dict.fromkeys(("query_length", "document_length"), length),
        **_expansion_of(None, own),
        "skiplist": Setting(["<s>"], own),
        "skiplist_sides": Setting(["query", "document"], own),
        "similarity": Setting("cosine", own),
    }


def _or_reach(setting: Setting) -> Setting:
    return setting if setting.value is not None else Setting(None, "what the model can read")


def _of_pipeline(files: CheckpointFiles) -> dict[str, Setting]:
    pipeline, encoder, mask = files.pipeline, files.encoder, files.mask
    encoder_file = f"{files.encoder_place}/{ENCODER_CONFIG}".lstrip("/")
    library = f"default of {files.format}"

    def length(key: str) -> Setting:
        for source, values in ((encoder_file, encoder), (PIPELINE_CONFIG, pipeline)):
            if values.get(key) is not None:
                return Setting(values[key], source)
        return _or_reach(Setting(None, ""))

    settings = {
        **_openings(pipeline, library),
        "query_length": length("query_length"),
        "document_length": length("document_length"),
        **_expansion(pipeline, encoder, encoder_file, library),
        "similarity": Setting("cosine", library),
    }
    if settings["query_expansion"].value == "fixed":
        settings["query_length"] = settings["expansion_length"]
    if pipeline.get("similarity_fn_name") is not None:
        name = str(pipeline["similarity_fn_name"])
        is_maxsim = name.lower() in ("maxsim", "cosine")
        settings["similarity"] = Setting("cosine" if is_maxsim else name, PIPELINE_CONFIG)
    if files.mask_place is not None:
        mask_file = f"{files.mask_place}/config.json"
        settings["skiplist"] = Setting(mask.get("skiplist_words") or [], mask_file)
        sides = mask.get("skiplist_tasks") or ["document"]
        settings["skiplist_sides"] = Setting(
            [sides] if isinstance(sides, str) else sides, mask_file
        )
    else:
        words = pipeline.get("skiplist_words")
        settings["skiplist"] = (
            Setting(list(string.punctuation), library)
            if words is None
            else Setting(words, PIPELINE_CONFIG)
        )
        settings["skiplist_sides"] = Setting(["document"], library)
    return settings


def _openings(pipeline: Mapping[str, Any], library: str) -> dict[str, Setting]:
    settings = {}
    prompts = pipeline.get("prompts") or {}
    for side in ("query", "document"):
        marker, prompt = pipeline.get(f"{side}_prefix"), prompts.get(side)
        settings[f"{side}_marker"] = Setting(
            marker or "", PIPELINE_CONFIG if f"{side}_prefix" in pipeline else library
        )
        settings[f"{side}_prompt"] = Setting(
            (prompt or "").removeprefix(marker or ""),
            PIPELINE_CONFIG if prompt is not None else library,
        )
    return settings


def _expansion(
    pipeline: Mapping[str, Any], encoder: Mapping[str, Any], encoder_file: str, library: str
) -> dict[str, Setting]:
    """Follow the spellings of three libraries, the newest first."""
    for source, values in ((encoder_file, encoder), (PIPELINE_CONFIG, pipeline)):
        if "query_expansion" in values:
            return _expansion_of(values["query_expansion"], source)
    flat = ("do_query_expansion", "attend_to_expansion_tokens", "attend_to_mask_tokens")
    signs = (*flat, "query_length", "document_length", "query_prefix", "document_prefix")
    if not any(key in pipeline for key in (*signs, "skiplist_words")):
        return _expansion_of(None, library)
    wanted = pipeline.get("do_query_expansion")
    source = library if wanted is None else PIPELINE_CONFIG
    if wanted is False:
        return _expansion_of(None, source)
    attend = next((pipeline[key] for key in flat[1:] if key in pipeline), None)
    length = pipeline.get("query_length")
    return {
        "query_expansion": Setting("fixed", source),
        "expansion_length": Setting(32, library)
        if length is None
        else Setting(length, PIPELINE_CONFIG),
        "expansion_attended": Setting(bool(attend), library if attend is None else PIPELINE_CONFIG),
        "expansion_token": Setting(None, library),
    }


def _expansion_of(value: Any, source: str) -> dict[str, Setting]:
    if value is None:
        value = {"strategy": False}
    known = one_of(*STRATEGIES, False)
    if not isinstance(value, dict) or known(value.get("strategy")) is not None:
        raise CheckpointError(
            f"query_expansion in {source} must name a strategy, {' or '.join(STRATEGIES)}, "
            f"got {shown(value)}"
        )
    check(value, _OF_EXPANSION, f"query_expansion in {source}")
    return {
        "query_expansion": Setting(value["strategy"], source),
        "expansion_length": Setting(value.get("length"), source),
        "expansion_attended": Setting(bool(value.get("attend")), source),
        "expansion_token": Setting(value.get("token"), source),
    }
