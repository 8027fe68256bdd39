"""What the files of a checkpoint say of how texts are read, in each format's own words."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.formats import (
    METADATA,
    PIPELINE_CONFIG,
    PROJECTION,
    Layout,
    weight_shapes,
)
from colbert_explain.encoders.checkpoint.json_files import read_object
from colbert_explain.encoders.checkpoint.schema import (
    Rule,
    anything,
    check,
    either,
    flag,
    list_of,
    object_of,
    one_of,
    shown,
    text,
    whole,
)
from colbert_explain.encoders.checkpoint.settings import (
    LONGEST_MARKER,
    LONGEST_PROMPT,
    MOST_WORDS,
    STRATEGIES,
    Setting,
)

_ENCODER_CONFIG = "sentence_bert_config.json"
_ENCODER_CONFIGS = (
    _ENCODER_CONFIG,
    *(
        f"sentence_{name}_config.json"
        for name in ("roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
    ),
)
_short, _prompt = text(LONGEST_MARKER), text(2 * LONGEST_PROMPT)
_word_list = list_of(_short, MOST_WORDS, "a list of words")
#: What the files may say, for all that is read of them before settings are made of it. Lengths
#: and token names are checked as settings.
_OF_METADATA: Mapping[str, Rule] = {
    "query_token_id": _short,
    "doc_token_id": _short,
    "attend_to_mask_tokens": flag,
    "mask_punctuation": flag,
    "similarity": _short,
    # Another interaction is another sum than MaxSim.
    "interaction": one_of("colbert"),
    "dim": whole(1, 1 << 16),
}
_OF_PIPELINE: Mapping[str, Rule] = {
    "model_type": _short,
    "prompts": object_of(_prompt, 100),
    "query_prefix": _short,
    "document_prefix": _short,
    "do_query_expansion": flag,
    "attend_to_expansion_tokens": flag,
    "attend_to_mask_tokens": flag,
    "skiplist_words": _word_list,
    "similarity_fn_name": _short,
}
_options = object_of(anything, 100)
_OF_ENCODER: Mapping[str, Rule] = {
    "transformer_task": one_of("feature-extraction"),
    "modality_config": object_of(object_of(_short, 10), 20),
    "module_output_name": one_of("token_embeddings"),
    "processing_kwargs": object_of(_options, 10),
    "unpad_inputs": flag,
    "max_seq_length": whole(1, 1 << 30),
    "do_lower_case": flag,
    **dict.fromkeys(("model_args", "tokenizer_args", "config_args"), _options),
    **dict.fromkeys(("model_kwargs", "processor_kwargs", "config_kwargs"), _options),
}
_OF_MASK: Mapping[str, Rule] = {
    "skiplist_words": _word_list,
    "skiplist_tasks": either(_short, _word_list),
    "keep_only_token_ids": list_of(whole(0, 1 << 24), MOST_WORDS, "a list of token ids"),
}
_OF_EXPANSION: Mapping[str, Rule] = {"attend": flag}


def read_settings(layout: Layout) -> dict[str, Setting]:
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
    if layout.kind == "Stanford":
        return _of_stanford(layout)
    return _of_bge_m3(layout) if layout.kind == "BGE-M3" else _of_pipeline(layout)


def read_mask(layout: Layout) -> dict[str, Any]:
    """Read and check what the configuration of a ``MultiVectorMask`` says; empty without one."""
    if layout.mask is None:
        return {}
    mask_file = f"{layout.mask}/config.json"
    mask = read_object(layout.folder, mask_file)
    check(mask, _OF_MASK, mask_file)
    return mask


def _of_stanford(layout: Layout) -> dict[str, Setting]:
    metadata = read_object(layout.folder, METADATA)
    if isinstance(metadata.get("config"), dict):  # some versions nest it
        metadata = {**metadata, **metadata["config"]}
    check(metadata, _OF_METADATA, METADATA)
    width = weight_shapes(layout.folder)[PROJECTION][0]
    if metadata.get("dim") not in (None, width):
        raise CheckpointError(
            f"dim in {METADATA} must be {width}, the numbers that {PROJECTION} gives for a token, "
            f"got {metadata['dim']}"
        )

    def setting(key: str, default: Any) -> Setting:
        value = metadata.get(key)
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


def _of_bge_m3(layout: Layout) -> dict[str, Setting]:
    """No markers, no expansion; every token but the leading <s> is scored, on both sides."""
    encoder = read_object(layout.folder, _ENCODER_CONFIG)
    check(encoder, _OF_ENCODER, _ENCODER_CONFIG)
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


def _of_pipeline(layout: Layout) -> dict[str, Setting]:
    pipeline = read_object(layout.folder, PIPELINE_CONFIG)
    encoder_file = f"{layout.transformer_settings}/{_ENCODER_CONFIG}".lstrip("/")
    encoder = read_object(layout.folder, encoder_file)
    check(pipeline, _OF_PIPELINE, PIPELINE_CONFIG)
    for name in _ENCODER_CONFIGS:  # sentence-transformers takes the first that is there
        place = f"{layout.transformer_settings}/{name}".lstrip("/")
        check(read_object(layout.folder, place), _OF_ENCODER, place)
    library = f"default of {layout.kind}"

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
    if layout.mask is not None:
        mask_file, mask = f"{layout.mask}/config.json", read_mask(layout)
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
