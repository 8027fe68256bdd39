"""Load a ColBERT checkpoint: its parts, as its files say, as one pipeline that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from torch import nn

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.arithmetic import check_device, check_dtype
from colbert_explain.encoders.checked_transformer import CheckedTransformer, JinaBertSettings
from colbert_explain.encoders.jina_bert import is_jina_bert
from colbert_explain.encoders.layout import (
    CheckpointError,
    Layout,
    find_layout,
    read_object,
    weight_files,
)
from colbert_explain.encoders.markers import make_markers_whole, shattered, split_markers
from colbert_explain.encoders.pipeline import PipelineEncoder
from colbert_explain.encoders.progress import quiet_loading
from colbert_explain.encoders.projection import check_sizes, load_projection
from colbert_explain.encoders.repository import Repository, digest, find_repository
from colbert_explain.encoders.settings import (
    ARGUMENT,
    Expansion,
    Setting,
    override,
    read_settings,
)

SIDES = ("query", "document")
#: Texts that every pipeline must read as `PipelineEncoder` does, before anything is explained.
_PROBES = ("What do elephants eat?", "Café, naïve: 150 kg (大象) 🐘!", "two\nlines  of it's x²")
_REACH = Setting(None, "what the model can read")


def load_checkpoint(
    model: str | Path,
    *,
    revision: str | None,
    arguments: Mapping[str, Any],
    device: str | None,
    dtype: str,
) -> PipelineEncoder:
    """Load a checkpoint; ``arguments`` override `settings.read_settings` where not ``None``.

    Raises
    ------
    CheckpointError
        If it is not there, is none, or cannot be read exactly.
    """
    check_dtype(dtype)
    check_device(device)
    repository = find_repository(model, revision)
    layout = find_layout(repository.folder)
    settings = override(read_settings(layout), arguments)
    projection, warnings = load_projection(layout)
    transformer = _load_transformer(layout, getattr(torch, dtype))
    check_sizes(projection, transformer.get_embedding_dimension())

    settings = split_markers(settings, transformer.tokenizer)
    openings = {
        side: settings[f"{side}_marker"].value + settings[f"{side}_prompt"].value for side in SIDES
    }
    markers = {side: settings[f"{side}_marker"] for side in SIDES}
    if layout.kind != "sentence-transformers" or any(
        marker.source == ARGUMENT for marker in markers.values()
    ):
        make_markers_whole(transformer.tokenizer, openings)
    reach = _reach(transformer)
    settings = _with_lengths(settings, transformer, reach)
    if not layout.normalized and settings["similarity"].source != ARGUMENT:
        raise CheckpointError(
            "modules.json must hold a Normalize: vectors that are not of unit length have no "
            "cosine. Pass similarity='cosine' to scale them and explain that"
        )
    pipeline = MultiVectorEncoder(
        modules=[
            transformer,
            *projection,
            _mask(layout, settings, transformer.tokenizer),
            Normalize(module_input_name="token_embeddings"),
        ],
        prompts=openings,
        similarity_fn_name="maxsim",
        device=device,
    ).to(getattr(torch, dtype))
    encoder = PipelineEncoder(
        pipeline,
        _provenance(repository, layout, settings, pipeline, dtype),
        window=reach,
        query_length=settings["query_length"].value,
        document_length=settings["document_length"].value,
        expansion=_expansion(settings, transformer.tokenizer),
        settings={"format": Setting(layout.kind, "the files there are"), **settings},
        warnings=(
            *layout.warnings,
            *warnings,
            *_warnings(layout, settings, transformer.tokenizer, reach),
        ),
    )
    _check_reading(encoder)
    return encoder


def _load_transformer(layout: Layout, dtype: torch.dtype) -> CheckedTransformer:
    root = layout.folder / layout.transformer
    config = read_object(root, "config.json")
    local = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = {**local, "config": JinaBertSettings()} if is_jina_bert(config) else local
    # What says how the encoder reads may lie in a folder of its own.
    place = "" if layout.transformer else layout.transformer_settings
    keywords: dict[str, Any] = {
        "model_kwargs": {**local, "dtype": dtype, "use_safetensors": True},
        "processor_kwargs": tokenizer,
        "config_kwargs": local,
    }
    try:
        with quiet_loading():
            transformer = (
                CheckedTransformer(str(root), **keywords)
                if layout.kind == "Stanford"
                else CheckedTransformer.load(
                    str(root), subfolder=place, local_files_only=True, **keywords
                )
            )
    except CheckpointError:
        raise
    except Exception as error:  # whatever a library says of a broken file, in one sentence
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise CheckpointError(
            f"model must be a checkpoint that can be read, but {root} cannot: {reason[0]}"
        ) from error
    if "message" in transformer.modality_config or "text" not in transformer.modality_config:
        raise CheckpointError(
            "model must read plain text, but this one puts every text into a chat template"
        )
    if not getattr(transformer.tokenizer, "is_fast", False):
        raise CheckpointError(
            "model must have a tokenizer.json, which tells where in the text a token stands"
        )
    return transformer


def _reach(transformer: CheckedTransformer) -> int:
    """Count the tokens that the model reads at once: its positions."""
    for name, module in transformer.model.named_modules():
        if isinstance(module, nn.Embedding) and name.endswith(("position_embeddings", "wpe")):
            # RoBERTa's positions begin after its padding index.
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - first
    positions = getattr(transformer.model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        return positions
    return min(_longest(transformer), 1 << 20)


def _longest(transformer: CheckedTransformer) -> int:
    """Tokens after which the tokeniser says to stop; a huge number where it says nothing."""
    tokenizer: Any = transformer.tokenizer
    return int(tokenizer.model_max_length)


def _with_lengths(
    settings: dict[str, Setting], transformer: CheckedTransformer, reach: int
) -> dict[str, Setting]:
    """Fill in lengths that are not given, and tell the encoder module all of them."""
    settings = dict(settings)
    own = min(reach, _longest(transformer))
    for key in ("query_length", "document_length"):
        if settings[key].value is None:
            settings[key] = Setting(own, _REACH.source)
    length = settings["query_length"].value
    if length > reach:
        raise CheckpointError(
            f"query_length must be at most {reach}, what the model reads at once, got {length}"
        )
    transformer.query_expansion = None
    transformer.query_length = length
    transformer.document_length = settings["document_length"].value
    strategy = settings["query_expansion"].value
    if strategy:
        if settings["expansion_length"].value > length:
            raise CheckpointError(
                f"query_length must be at least the {settings['expansion_length'].value} tokens "
                f"that queries are filled up to, got {length}"
            )
        try:
            transformer.query_expansion = {
                "strategy": strategy,
                "attend": settings["expansion_attended"].value,
                "token": settings["expansion_token"].value,
                "length": settings["expansion_length"].value,
            }
        except ValueError as error:
            raise CheckpointError(f"query_expansion cannot be used here: {error}") from error
    return settings


def _expansion(settings: Mapping[str, Setting], tokenizer: Any) -> Expansion | None:
    if not settings["query_expansion"].value:
        return None
    name = settings["expansion_token"].value
    token_id = tokenizer.convert_tokens_to_ids(name) if name else tokenizer.mask_token_id
    return Expansion(
        settings["expansion_length"].value,
        settings["expansion_attended"].value,
        tokenizer.eos_token_id if token_id is None else token_id,
    )


def _mask(layout: Layout, settings: Mapping[str, Setting], tokenizer: Any) -> MultiVectorMask:
    unreadable = _unknown_words(settings["skiplist"].value, tokenizer)
    kept = None
    if layout.mask is not None:
        kept = read_object(layout.folder, f"{layout.mask}/config.json").get("keep_only_token_ids")
    return MultiVectorMask(
        [word for word in settings["skiplist"].value if word not in unreadable],
        skiplist_tasks=settings["skiplist_sides"].value,
        keep_only_token_ids=kept,
    )


def _unknown_words(words: list[str], tokenizer: Any) -> list[str]:
    unknown = (None, tokenizer.unk_token_id)
    return [
        word
        for word in words
        if tokenizer.convert_tokens_to_ids(word) in unknown and word != tokenizer.unk_token
    ]


def _provenance(
    repository: Repository,
    layout: Layout,
    settings: Mapping[str, Setting],
    pipeline: MultiVectorEncoder,
    dtype: str,
) -> Provenance:
    places = dict.fromkeys((layout.transformer, *layout.dense))
    scored = "every token"
    if settings["query_expansion"].value:
        scored += ", expansion tokens too"
    if settings["skiplist"].value:
        scored += f"; of a {' or '.join(settings['skiplist_sides'].value)} not its skiplist"
    return Provenance(
        model=repository.name,
        kind=f"ColBERT, {layout.kind} format, {type(pipeline[0].model).__name__}",
        revision=repository.revision,
        sha256=digest(path for place in places for path in weight_files(layout.folder / place)),
        dim=pipeline.get_embedding_dimension() or 0,
        dtype=dtype,
        scored=scored,
        versions={
            package: version(package)
            for package in ("colbert-explain", "torch", "transformers", "sentence-transformers")
        },
        settings={key: str(setting.value) for key, setting in settings.items()},
    )


def _warnings(
    layout: Layout, settings: Mapping[str, Setting], tokenizer: Any, reach: int
) -> list[str]:
    found = []
    config = read_object(layout.folder / layout.transformer, "config.json")
    if "auto_map" in config and not is_jina_bert(config):
        found.append(
            "config.json names code of its own (auto_map); it is never run, the model is read as "
            f"transformers' {config.get('model_type')}"
        )
    for side in SIDES:
        marker = settings[f"{side}_marker"].value
        if pieces := shattered(tokenizer, marker):
            found.append(
                f"the {side} marker {marker.strip()!r} is no token of this model: it falls into "
                f"{len(pieces)} pieces, {' '.join(pieces)}"
            )
    if unreadable := _unknown_words(settings["skiplist"].value, tokenizer):
        found.append(
            f"{len(unreadable)} of the {len(settings['skiplist'].value)} words of the skiplist "
            f"are no tokens of this model and skip nothing: {' '.join(unreadable[:32])}"
        )
    expansion = settings["query_expansion"]
    if layout.kind == "PyLate" and expansion.value and expansion.source.startswith("default"):
        found.append(
            "the files do not say whether queries are filled up (do_query_expansion): read as "
            "yes, PyLate's default. If the model was trained without, pass query_expansion=False"
        )
    length = settings["document_length"].value
    if 2 * length <= reach:
        found.append(
            f"documents are read up to {length:,} tokens, though the model reads {reach:,} at "
            f"once: pass document_length={min(reach, 8192)} for long ones"
        )
    return found


def _check_reading(encoder: PipelineEncoder) -> None:
    """Refuse a pipeline whose ids, scored tokens or vectors are not what this package shows."""
    for side in SIDES:
        encode = getattr(encoder.model, f"encode_{side}")
        for text in _PROBES:
            ours = getattr(encoder, f"embed_{side}")(text, progress=lambda done, total: None)
            theirs = encode([text], output_value=None, show_progress_bar=False)[0]
            ids = theirs["input_ids"].tolist()
            vectors = theirs["token_embeddings"].float().cpu().numpy()
            if not np.isfinite(ours.vectors).all():
                raise CheckpointError(
                    f"model must give numbers, but a vector of {text!r} is not finite: its weights "
                    "are damaged"
                )
            if [token.id for token in ours.tokens] != ids or (
                ours.tokens.scored_mask.tolist() != theirs["attention_mask"].bool().tolist()
            ):
                raise CheckpointError(
                    f"model must read a {side} as this package does, but of {text!r} "
                    f"sentence-transformers makes the ids {ids}, this package "
                    f"{[token.id for token in ours.tokens]}"
                )
            if (ours.vectors * vectors).sum(axis=1).min() < 0.99:
                raise CheckpointError(f"model gives two different readings of the {side} {text!r}")
