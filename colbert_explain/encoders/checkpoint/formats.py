"""Recognise the format of a ColBERT checkpoint, and read its files.

There are four formats:

- Stanford: one file of weights with ``linear.weight``, and ``artifact.metadata``
- PyLate: ``modules.json``, settings in ``config_sentence_transformers.json``
- sentence-transformers: ``modules.json`` with a ``MultiVectorMask``
- BGE-M3: a projection in ``colbert_linear.safetensors``, converted from its pickle

Some repositories have two of them, some an unrelated ``modules.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from colbert_explain.encoders.checkpoint import schema as rule
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import (
    ENCODER_CONFIG,
    METADATA,
    PIPELINE_CONFIG,
    CheckpointFiles,
    NetworkPart,
    read_json,
    read_object,
)
from colbert_explain.encoders.checkpoint.near_checkpoints import (
    HEAD,
    no_late_interaction,
    no_projection,
    not_a_checkpoint,
    part_of_a_checkpoint,
)
from colbert_explain.encoders.checkpoint.schema import Rules, check, shown
from colbert_explain.encoders.checkpoint.settings import (
    LONGEST_MARKER,
    LONGEST_PROMPT,
    MOST_WORDS,
)
from colbert_explain.encoders.checkpoint.weight_files import (
    WEIGHTS,
    check_weight_files,
    weight_files,
    weight_shapes,
)

#: The projection in the weights of a checkpoint in Stanford's format.
PROJECTION = "linear.weight"
_KNOWN_MODULES = ("Transformer", "Dense", "MultiVectorMask", "Normalize")
_MOST_MODULES = 32
_BGE_M3_SCORE = (
    "BGE-M3 divides the sum by the number of scored query tokens; the score here is the sum, as "
    "in ColBERT: the order of documents is the same"
)
_ENCODER_CONFIGS = (
    ENCODER_CONFIG,
    *(
        f"sentence_{name}_config.json"
        for name in ("roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
    ),
)
_short, _prompt = rule.text(LONGEST_MARKER), rule.text(2 * LONGEST_PROMPT)
_word_list = rule.list_of(_short, MOST_WORDS, "a list of words")
_options = rule.object_of(rule.anything, 100)
#: Rules for the files' values. Lengths and token names are checked as settings, the sizes of the
#: network when its weights are known.
_OF_CONFIG: Rules = {"architectures": rule.list_of(rule.text(200), 100, "a list of names")}
_OF_METADATA: Rules = {
    "query_token_id": _short,
    "doc_token_id": _short,
    "attend_to_mask_tokens": rule.flag,
    "mask_punctuation": rule.flag,
    "similarity": _short,
    # Other interactions are not MaxSim.
    "interaction": rule.one_of("colbert"),
    "dim": rule.whole(1, 1 << 16),
}
_OF_PIPELINE: Rules = {
    "model_type": _short,
    "prompts": rule.object_of(_prompt, 100),
    "query_prefix": _short,
    "document_prefix": _short,
    "do_query_expansion": rule.flag,
    "attend_to_expansion_tokens": rule.flag,
    "attend_to_mask_tokens": rule.flag,
    "skiplist_words": _word_list,
    "similarity_fn_name": _short,
}
_OF_ENCODER: Rules = {
    "transformer_task": rule.one_of("feature-extraction"),
    "modality_config": rule.object_of(rule.object_of(_short, 10), 20),
    "module_output_name": rule.one_of("token_embeddings"),
    "processing_kwargs": rule.object_of(_options, 10),
    "unpad_inputs": rule.flag,
    "max_seq_length": rule.whole(1, 1 << 30),
    "do_lower_case": rule.flag,
    **dict.fromkeys(("model_args", "tokenizer_args", "config_args"), _options),
    **dict.fromkeys(("model_kwargs", "processor_kwargs", "config_kwargs"), _options),
}
_OF_DENSE: Rules = {
    "in_features": rule.whole(1, 1 << 20),
    "out_features": rule.whole(1, 1 << 20),
    "bias": rule.flag,
    "use_residual": rule.flag,
    "activation_function": rule.text(200),
}
_OF_MASK: Rules = {
    "skiplist_words": _word_list,
    "skiplist_tasks": rule.either(_short, _word_list),
    "keep_only_token_ids": rule.list_of(rule.whole(0, 1 << 24), MOST_WORDS, "a list of token ids"),
}


def read_checkpoint(folder: Path) -> CheckpointFiles:
    """Recognise the format of a checkpoint, and read its small files.

    A ``modules.json`` with a projection decides. One without a projection is ignored beside a
    checkpoint in Stanford's format.

    Raises a `CheckpointError` if the folder holds no checkpoint, no trained projection, weights as
    pickles only, unknown modules, or a file with a value of the wrong kind.
    """
    config, modules = read_object(folder, "config.json"), read_json(folder, "modules.json")
    if not config and modules is None:
        raise CheckpointError(not_a_checkpoint(folder))
    check(config, _OF_CONFIG, "config.json")
    parts = _parts(folder, modules)
    names = [name for name, _ in parts]
    is_stanford = (folder / METADATA).is_file() or "HF_ColBERT" in (
        config.get("architectures") or []
    )
    if "Dense" in names:
        types = [entry["type"] for entry in modules]
        return _of_modules(folder, config, parts, types, is_stanford)
    if is_stanford:
        return _of_stanford(folder, config, names, has_modules=modules is not None)
    if (folder / HEAD).is_file():
        return CheckpointFiles(
            "BGE-M3",
            folder,
            _network_part(folder, "", config),
            encoder=_checked(folder, ENCODER_CONFIG, _OF_ENCODER),
            warnings=(_BGE_M3_SCORE,),
        )
    has_weights = (folder / WEIGHTS).is_file() and not part_of_a_checkpoint(folder)
    if has_weights and PROJECTION in weight_shapes([folder / WEIGHTS]):
        raise CheckpointError(
            f"model must be identified as a ColBERT, but {folder.name} has {PROJECTION} among its "
            f"weights and neither {METADATA} nor the architecture HF_ColBERT in config.json: if it "
            f"is a ColBERT, copy its {METADATA} into the folder"
        )
    raise CheckpointError(no_projection(folder, config, names))


def _parts(folder: Path, modules: Any) -> list[tuple[str, str]]:
    """Return the name and folder of each module; the named classes are never imported."""
    if modules is None:
        return []
    if not isinstance(modules, list) or not 1 <= len(modules) <= _MOST_MODULES:
        raise CheckpointError(
            f"{folder / 'modules.json'} must list 1 to {_MOST_MODULES} modules, got "
            f"{shown(modules)}"
        )
    parts = []
    for entry in modules:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise CheckpointError(
                f"{folder / 'modules.json'} must list modules with their type, got {shown(entry)}"
            )
        check(entry, {"type": rule.text(200), "path": rule.text(200)}, "modules.json")
        path = entry.get("path") or ""
        is_inside = "\0" not in path and (folder / path).resolve().is_relative_to(folder.resolve())
        if not is_inside:
            raise CheckpointError(
                f"modules.json must name folders inside the checkpoint, got {path!r}"
            )
        steps = entry["type"].split(".")
        is_known = steps[0] in ("sentence_transformers", "pylate")
        parts.append((steps[-1] if is_known else entry["type"], path))
    return parts


def _of_stanford(
    folder: Path, config: Mapping[str, Any], names: list[str], *, has_modules: bool
) -> CheckpointFiles:
    warnings = []
    if has_modules:
        warnings.append(
            "modules.json names no projection and is ignored: the checkpoint is read in Stanford's "
            "format, which has one"
        )
    if not (folder / METADATA).is_file():
        warnings.append(f"there is no {METADATA}: every setting is ColBERT's default")
    transformer = _network_part(folder, "", config)
    if PROJECTION not in transformer.shapes:
        raise CheckpointError(no_projection(folder, config, names))
    metadata = read_object(folder, METADATA)
    if isinstance(metadata.get("config"), dict):  # nested in some versions
        metadata = {**metadata, **metadata["config"]}
    check(metadata, _OF_METADATA, METADATA)
    if len(transformer.shapes[PROJECTION]) != 2:
        raise CheckpointError(
            f"{PROJECTION} must have two axes, got shape {transformer.shapes[PROJECTION]}"
        )
    width = transformer.shapes[PROJECTION][0]
    if metadata.get("dim") not in (None, width):
        raise CheckpointError(
            f"dim in {METADATA} must be {width}, the output dimension of {PROJECTION}, "
            f"got {metadata['dim']}"
        )
    return CheckpointFiles(
        "Stanford", folder, transformer, metadata=metadata, warnings=tuple(warnings)
    )


def _of_modules(
    folder: Path,
    config: Mapping[str, Any],
    parts: list[tuple[str, str]],
    types: list[str],
    is_stanford: bool,
) -> CheckpointFiles:
    names = [name for name, _ in parts]
    if unknown := [name for name in names if name not in _KNOWN_MODULES]:
        raise CheckpointError(
            f"modules.json must name {', '.join(_KNOWN_MODULES)} only, got {', '.join(unknown)}: "
            "an unknown module would change the vectors, and code in a checkpoint is never run"
        )
    if names[0] != "Transformer" or names.count("Transformer") > 1:
        raise CheckpointError(
            "modules.json must name exactly one Transformer, in first place, got "
            f"{', '.join(names)}"
        )
    pipeline = read_object(folder, PIPELINE_CONFIG)
    is_native = "MultiVectorMask" in names
    is_pylate = pipeline.get("model_type") == "ColBERT" or "query_prefix" in pipeline
    if not (is_native or is_pylate or is_stanford):
        raise CheckpointError(no_late_interaction(folder, names, types))
    warnings = []
    if is_stanford and (folder / METADATA).is_file():
        warnings.append(
            f"the repository also has Stanford's format ({METADATA}); its modules.json is complete "
            "and is used instead"
        )
    path = parts[0][1]
    # sentence-transformers ignores the path and reads the encoder at the root. Some old
    # repositories have it in the module's folder only.
    in_root = (folder / "config.json").is_file()
    transformer = _network_part(
        folder,
        "" if in_root else path,
        config if in_root else read_object(folder, f"{path}/config.json"),
    )
    dense = [
        _network_part(folder, place, _checked(folder, f"{place}/config.json", _OF_DENSE))
        for name, place in parts
        if name == "Dense"
    ]
    check(pipeline, _OF_PIPELINE, PIPELINE_CONFIG)
    # sentence-transformers takes the first file that exists.
    encoders = [
        _checked(folder, f"{path}/{name}".lstrip("/"), _OF_ENCODER) for name in _ENCODER_CONFIGS
    ]
    mask = next((place for name, place in parts if name == "MultiVectorMask"), None)
    return CheckpointFiles(
        "sentence-transformers" if is_native else "PyLate",
        folder,
        transformer,
        dense=tuple(dense),
        pipeline=pipeline,
        encoder_place=path,
        encoder=encoders[0],
        mask_place=mask,
        mask={} if mask is None else _checked(folder, f"{mask}/config.json", _OF_MASK),
        normalized="Normalize" in names or not is_native,
        warnings=tuple(warnings),
    )


def _network_part(folder: Path, place: str, config: Mapping[str, Any]) -> NetworkPart:
    if not (folder / place / "config.json").is_file():
        raise CheckpointError(
            f"{place or 'model'} must have a config.json, but there is none in {folder / place}: "
            "copy the one that was saved with its weights"
        )
    check_weight_files(folder / place)
    return NetworkPart(place, config, weight_shapes(weight_files(folder / place)))


def _checked(folder: Path, name: str, rules: Rules) -> dict[str, Any]:
    content = read_object(folder, name)
    check(content, rules, name)
    return content
