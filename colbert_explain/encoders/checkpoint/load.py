"""Load a ColBERT checkpoint: its parts, as its files say, as one pipeline that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Dense, Normalize
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import CheckpointFiles
from colbert_explain.encoders.checkpoint.formats import read_checkpoint
from colbert_explain.encoders.checkpoint.markers import make_markers_whole, split_markers
from colbert_explain.encoders.checkpoint.parity import check_reading
from colbert_explain.encoders.checkpoint.projection import check_sizes, load_projection
from colbert_explain.encoders.checkpoint.repository import Repository, digest, find_repository
from colbert_explain.encoders.checkpoint.settings import (
    ARGUMENT,
    SIDES,
    ReadingSettings,
    Setting,
    known,
    override,
)
from colbert_explain.encoders.checkpoint.settings_from_model import (
    check_tokenizer,
    expansion_of,
    longest_of,
    reach_of,
    unknown_words,
    with_expansion_token,
    with_lengths,
)
from colbert_explain.encoders.checkpoint.settings_in_files import read_settings
from colbert_explain.encoders.checkpoint.transformer import (
    CheckedTransformer,
    in_one_sentence,
    load_transformer,
)
from colbert_explain.encoders.checkpoint.warnings import warn
from colbert_explain.encoders.checkpoint.weight_files import all_weight_files
from colbert_explain.encoders.device import check_device, check_dtype, library_versions
from colbert_explain.encoders.pipeline import Pipeline
from colbert_explain.encoders.text_encoder import TextEncoder
from colbert_explain.storage.embedding_store import EmbeddingStore


def load_checkpoint(
    model: str | Path,
    *,
    revision: str | None,
    arguments: Mapping[str, Any],
    device: str | None,
    dtype: str,
    store: EmbeddingStore | None,
) -> TextEncoder:
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
    files = read_checkpoint(repository.folder)
    settings = override(read_settings(files), arguments)
    with in_one_sentence(repository.folder, as_it_is=ValueError):
        projection, warnings = load_projection(files)
        transformer = load_transformer(files, getattr(torch, dtype))
        settings = _fit(settings, files, transformer, projection)
        reach = reach_of(transformer)
        network = _assemble(files, settings, transformer, projection, device, dtype)
        pipeline = Pipeline(
            network,
            window=reach,
            query_length=known(settings.query_length),
            document_length=known(settings.document_length),
            expansion=expansion_of(settings, transformer.tokenizer),
        )
        encoder = TextEncoder(
            lambda: pipeline,
            _provenance(repository, files, settings, network, dtype),
            query_length=known(settings.query_length),
            document_length=known(settings.document_length),
            settings={
                "format": Setting(files.format, "the files there are"),
                **settings.by_name(),
            },
            warnings=(
                *files.warnings,
                *warnings,
                *warn(files, settings, transformer.tokenizer, reach),
            ),
            store=store,
            # Of a folder, the provenance pins the weights alone.
            shaped_by={
                "window": reach,
                "device": device,
                "files": digest(files.settings_files()),
            },
        )
        encoder.load()
        check_reading(pipeline)
    return encoder


def _fit(
    settings: ReadingSettings,
    files: CheckpointFiles,
    transformer: CheckedTransformer,
    projection: list[Dense],
) -> ReadingSettings:
    """Fill in what only the model tells, and refuse what does not go together with it."""
    check_tokenizer(transformer)
    check_sizes(projection, transformer.get_embedding_dimension())
    settings = split_markers(settings, transformer.tokenizer)
    if files.format != "sentence-transformers" or any(
        settings.marker(side).source == ARGUMENT for side in SIDES
    ):
        make_markers_whole(transformer.tokenizer, [settings.opening(side) for side in SIDES])
    settings = with_lengths(settings, reach_of(transformer), longest_of(transformer))
    settings = with_expansion_token(settings, transformer.tokenizer)
    if not files.normalized and settings.similarity.source != ARGUMENT:
        raise CheckpointError(
            "modules.json must hold a Normalize: vectors that are not of unit length have no "
            "cosine. Pass similarity='cosine' to scale them and explain that"
        )
    return settings


def _assemble(
    files: CheckpointFiles,
    settings: ReadingSettings,
    transformer: CheckedTransformer,
    projection: list[Dense],
    device: str | None,
    dtype: str,
) -> MultiVectorEncoder:
    _instruct(transformer, settings)
    return MultiVectorEncoder(
        modules=[
            transformer,
            *projection,
            _mask(files, settings, transformer.tokenizer),
            Normalize(module_input_name="token_embeddings"),
        ],
        prompts={side: settings.opening(side) for side in SIDES},
        similarity_fn_name="maxsim",
        device=device,
    ).to(getattr(torch, dtype))


def _instruct(transformer: CheckedTransformer, settings: ReadingSettings) -> None:
    """Tell the pipeline's own reading, too, so that it stays one with `Pipeline`'s."""
    transformer.query_expansion = None  # else the two lengths would be compared half-way
    transformer.query_length = settings.query_length.value
    transformer.document_length = settings.document_length.value
    if strategy := settings.query_expansion.value:
        transformer.query_expansion = {
            "strategy": strategy,
            "attend": settings.expansion_attended.value,
            "token": known(settings.expansion_token),
            "length": known(settings.expansion_length),
        }


def _mask(files: CheckpointFiles, settings: ReadingSettings, tokenizer: Any) -> MultiVectorMask:
    unreadable = {*unknown_words(settings.skiplist.value, tokenizer)}
    return MultiVectorMask(
        [word for word in settings.skiplist.value if word not in unreadable],
        skiplist_tasks=settings.skiplist_sides.value,
        keep_only_token_ids=files.mask.get("keep_only_token_ids"),
    )


def _provenance(
    repository: Repository,
    files: CheckpointFiles,
    settings: ReadingSettings,
    pipeline: MultiVectorEncoder,
    dtype: str,
) -> Provenance:
    by_name = settings.by_name()
    scored = "every token"
    if settings.query_expansion.value:
        scored += ", expansion tokens too"
    if settings.skiplist.value:
        scored += f"; of a {' or '.join(settings.skiplist_sides.value)} not its skiplist"
    return Provenance(
        model=repository.name,
        kind=f"ColBERT, {files.format} format, {type(pipeline[0].model).__name__}",
        revision=repository.revision,
        sha256=digest(all_weight_files(files)),
        dim=pipeline.get_embedding_dimension() or 0,
        dtype=dtype,
        scored=scored,
        versions=library_versions(),
        settings={key: str(setting.value) for key, setting in by_name.items()},
        overridden={key: s.value for key, s in by_name.items() if s.source == ARGUMENT},
    )
