"""Load a ColBERT checkpoint: its parts, as its files say, as one pipeline that is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from transformers import PretrainedConfig

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.cached_encoder import StoredEncoder
from colbert_explain.encoders.checkpoint.error import CheckpointError, is_panic, reason_of
from colbert_explain.encoders.checkpoint.formats import (
    Layout,
    all_weight_files,
    find_layout,
    settings_files,
    weight_shapes,
)
from colbert_explain.encoders.checkpoint.json_files import read_object
from colbert_explain.encoders.checkpoint.markers import make_markers_whole, split_markers
from colbert_explain.encoders.checkpoint.network_sizes import check_config, embedding_rows
from colbert_explain.encoders.checkpoint.projection import check_sizes, load_projection
from colbert_explain.encoders.checkpoint.repository import Repository, digest, find_repository
from colbert_explain.encoders.checkpoint.settings import ARGUMENT, Setting, override
from colbert_explain.encoders.checkpoint.settings_from_model import (
    check_tokenizer,
    expansion_of,
    longest_of,
    reach_of,
    unknown_words,
    with_expansion_token,
    with_lengths,
)
from colbert_explain.encoders.checkpoint.settings_in_files import read_mask, read_settings
from colbert_explain.encoders.checkpoint.tokenizer_files import (
    check_tokenizer_files,
    tokenizer_fault,
)
from colbert_explain.encoders.checkpoint.transformer import CheckedTransformer
from colbert_explain.encoders.checkpoint.warnings import warn
from colbert_explain.encoders.device import check_device, check_dtype, library_versions
from colbert_explain.encoders.jina_bert.config import is_jina_bert
from colbert_explain.encoders.progress import quiet_loading
from colbert_explain.encoders.text_encoder import PipelineEncoder
from colbert_explain.storage.embedding_store import EmbeddingStore

SIDES = ("query", "document")
#: Texts that every pipeline must read as `PipelineEncoder` does, before anything is explained.
_PROBES = ("What do elephants eat?", "Café, naïve: 150 kg (大象) 🐘!", "two\nlines  of it's x²")


def load_checkpoint(
    model: str | Path,
    *,
    revision: str | None,
    arguments: Mapping[str, Any],
    device: str | None,
    dtype: str,
    store: EmbeddingStore | None,
) -> PipelineEncoder | StoredEncoder:
    """Load a checkpoint; ``arguments`` override `settings.read_settings` where not ``None``.

    With a ``store``, what it encodes is kept.

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
    with _in_one_sentence(repository.folder, as_it_is=ValueError):
        encoder = _build(repository, layout, settings, device, dtype)
        _check_reading(encoder)
    if store is None:
        return encoder
    return StoredEncoder(
        encoder.provenance,
        document_length=encoder.document_length,
        # Of a folder, the provenance pins the weights alone.
        shaped_by={
            "window": encoder.window,
            "device": device,
            "files": digest(settings_files(layout)),
        },
        store=store,
        spelling=encoder.spelling,
        load=lambda: encoder,
        loaded=encoder,  # it is there already, and what it warns of is known
    )


@contextmanager
def _in_one_sentence(place: Path, *, as_it_is: type[Exception] | None = None) -> Iterator[None]:
    """Say in one sentence what a library says of a checkpoint that it cannot read.

    Errors of the class ``as_it_is`` say it in this package's own words.
    """
    try:
        yield
    except CheckpointError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        reason = reason_of(error)
        if as_it_is is None or not isinstance(error, as_it_is):
            reason = tokenizer_fault(place) or (
                f"model must be a checkpoint that can be read, but {place} cannot: {reason}"
            )
        raise CheckpointError(reason) from error


def _build(
    repository: Repository,
    layout: Layout,
    settings: dict[str, Setting],
    device: str | None,
    dtype: str,
) -> PipelineEncoder:
    projection, warnings = load_projection(layout)
    transformer = _load_transformer(layout, getattr(torch, dtype))
    check_tokenizer(transformer)
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
    reach = reach_of(transformer)
    settings = with_lengths(settings, reach, longest_of(transformer))
    settings = with_expansion_token(settings, transformer.tokenizer)
    _instruct(transformer, settings)
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
    return PipelineEncoder(
        pipeline,
        _provenance(repository, layout, settings, pipeline, dtype),
        window=reach,
        query_length=settings["query_length"].value,
        document_length=settings["document_length"].value,
        expansion=expansion_of(settings, transformer.tokenizer),
        settings={"format": Setting(layout.kind, "the files there are"), **settings},
        warnings=(
            *layout.warnings,
            *warnings,
            *warn(layout, settings, transformer.tokenizer, reach),
        ),
    )


def _load_transformer(layout: Layout, dtype: torch.dtype) -> CheckedTransformer:
    root = layout.folder / layout.transformer
    config, shapes = read_object(root, "config.json"), weight_shapes(root)
    check_config(config, shapes)
    check_tokenizer_files(root, embedding_rows(shapes))
    local = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = {**local, "config": PretrainedConfig()} if is_jina_bert(config) else local
    # What says how the encoder reads may lie in a folder of its own.
    place = "" if layout.transformer else layout.transformer_settings
    keywords: dict[str, Any] = {
        "model_kwargs": {**local, "dtype": dtype, "use_safetensors": True},
        "processor_kwargs": tokenizer,
        "config_kwargs": local,
    }
    with _in_one_sentence(root), quiet_loading():
        transformer = (
            CheckedTransformer(str(root), **keywords)
            if layout.kind in ("Stanford", "BGE-M3")
            else CheckedTransformer.load(
                str(root), subfolder=place, local_files_only=True, **keywords
            )
        )
    if "message" in transformer.modality_config or "text" not in transformer.modality_config:
        raise CheckpointError(
            "model must read plain text, but this one puts every text into a chat template"
        )
    if not getattr(transformer.tokenizer, "is_fast", False):
        raise CheckpointError(
            "model must have a tokenizer.json, which tells where in the text a token stands"
        )
    return transformer


def _instruct(transformer: CheckedTransformer, settings: Mapping[str, Setting]) -> None:
    """Tell the pipeline's own reading, too, so that it stays one with `PipelineEncoder`'s."""
    transformer.query_expansion = None  # else the two lengths would be compared half-way
    transformer.query_length = settings["query_length"].value
    transformer.document_length = settings["document_length"].value
    if settings["query_expansion"].value:
        transformer.query_expansion = {
            "strategy": settings["query_expansion"].value,
            "attend": settings["expansion_attended"].value,
            "token": settings["expansion_token"].value,
            "length": settings["expansion_length"].value,
        }


def _mask(layout: Layout, settings: Mapping[str, Setting], tokenizer: Any) -> MultiVectorMask:
    unreadable = {*unknown_words(settings["skiplist"].value, tokenizer)}
    return MultiVectorMask(
        [word for word in settings["skiplist"].value if word not in unreadable],
        skiplist_tasks=settings["skiplist_sides"].value,
        keep_only_token_ids=read_mask(layout).get("keep_only_token_ids"),
    )


def _provenance(
    repository: Repository,
    layout: Layout,
    settings: Mapping[str, Setting],
    pipeline: MultiVectorEncoder,
    dtype: str,
) -> Provenance:
    scored = "every token"
    if settings["query_expansion"].value:
        scored += ", expansion tokens too"
    if settings["skiplist"].value:
        scored += f"; of a {' or '.join(settings['skiplist_sides'].value)} not its skiplist"
    return Provenance(
        model=repository.name,
        kind=f"ColBERT, {layout.kind} format, {type(pipeline[0].model).__name__}",
        revision=repository.revision,
        sha256=digest(all_weight_files(layout)),
        dim=pipeline.get_embedding_dimension() or 0,
        dtype=dtype,
        scored=scored,
        versions=library_versions(),
        settings={key: str(setting.value) for key, setting in settings.items()},
        overridden={key: s.value for key, s in settings.items() if s.source == ARGUMENT},
    )


def _check_reading(encoder: PipelineEncoder) -> None:
    """Refuse a pipeline whose ids, scored tokens or vectors are not what this package shows."""
    for side in SIDES:
        encode = getattr(encoder.model, f"encode_{side}")
        for text in _PROBES:
            theirs = encode([text], output_value=None, show_progress_bar=False)[0]
            ids = theirs["input_ids"].tolist()
            vectors = theirs["token_embeddings"].float().cpu().numpy()
            if not np.isfinite(vectors).all():
                raise CheckpointError(
                    f"model must give numbers, but a vector of {text!r} is not finite: its weights "
                    "are damaged"
                )
            ours = getattr(encoder, f"embed_{side}")(text, progress=lambda done, total: None)
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
