"""Load a ColBERT checkpoint, and check it against sentence-transformers."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Dense, Normalize
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import CheckpointFiles
from colbert_explain.encoders.checkpoint.formats import read_checkpoint
from colbert_explain.encoders.checkpoint.network_sizes import embedding_rows
from colbert_explain.encoders.checkpoint.projection import check_sizes, load_projection
from colbert_explain.encoders.checkpoint.repository import Repository, digest, find_repository
from colbert_explain.encoders.checkpoint.settings import (
    ARGUMENT,
    SIDES,
    ReadingSettings,
    Setting,
    called,
    known,
    override,
)
from colbert_explain.encoders.checkpoint.settings_from_model import (
    check_tokenizer,
    expansion_of,
    longest_of,
    make_markers_whole,
    marker_pieces,
    reach_of,
    split_markers,
    unknown_words,
    with_expansion_token,
    with_lengths,
)
from colbert_explain.encoders.checkpoint.settings_in_files import read_settings
from colbert_explain.encoders.checkpoint.transformer import (
    CheckedTransformer,
    in_one_sentence,
    load_transformer,
    looks_untrained,
)
from colbert_explain.encoders.checkpoint.weight_files import all_weight_files
from colbert_explain.encoders.device import check_device, check_dtype, library_versions
from colbert_explain.encoders.jina_bert.config import is_jina_bert
from colbert_explain.encoders.pipeline import Pipeline
from colbert_explain.encoders.progress import quiet_probes
from colbert_explain.encoders.text_encoder import TextEncoder
from colbert_explain.storage.embedding_store import EmbeddingStore
from colbert_explain.text.wording import first_of, listed, quoted

#: Texts for which `Pipeline` and sentence-transformers must give the same tokens and vectors.
_PROBES = ("What do elephants eat?", "Café, naïve: 150 kg (大象) 🐘!", "two\nlines  of it's x²")
#: Smallest usual share of embedding rows with an id; rows are filled up to a multiple of 64.
_FEW = 0.9
#: Words of a skiplist that a warning names.
_MOST_NAMED = 8


def load_checkpoint(
    model: str | Path,
    *,
    revision: str | None,
    arguments: Mapping[str, Any],
    device: str | None,
    dtype: str,
    store: EmbeddingStore | None,
) -> TextEncoder:
    """Load a checkpoint; ``arguments`` that are not ``None`` override its settings.

    Raises a `CheckpointError` if there is no checkpoint, or it cannot be read exactly.
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
            called={name: called(name, setting) for name, setting in settings.by_name().items()},
        )
        encoder = TextEncoder(
            lambda: pipeline,
            _provenance(repository, files, settings, network, dtype),
            query_length=known(settings.query_length),
            document_length=known(settings.document_length),
            settings={
                "format": Setting(files.format, "which files are present"),
                **settings.by_name(),
            },
            warnings=(
                *files.warnings,
                *warnings,
                *_surprises(files, settings, transformer, reach),
            ),
            store=store,
            # The provenance of a folder has a digest of the weights only.
            shaped_by={
                "window": reach,
                "device": device,
                "files": digest(files.settings_files()),
            },
        )
        encoder.load()
        _check_parity(pipeline)
    return encoder


def _fit(
    settings: ReadingSettings,
    files: CheckpointFiles,
    transformer: CheckedTransformer,
    projection: list[Dense],
) -> ReadingSettings:
    """Complete settings from the model, and refuse those that do not fit it."""
    check_tokenizer(transformer)
    check_sizes(projection, transformer.get_embedding_dimension())
    settings = split_markers(settings, transformer.tokenizer)
    if files.format != "sentence-transformers" or any(
        settings.marker(side).source == ARGUMENT for side in SIDES
    ):
        make_markers_whole(transformer.tokenizer, [settings.prefix(side) for side in SIDES])
    settings = with_lengths(settings, reach_of(transformer), longest_of(transformer))
    settings = with_expansion_token(settings, transformer.tokenizer)
    if not files.normalized and settings.similarity.source != ARGUMENT:
        raise CheckpointError(
            "modules.json must contain a Normalize module: without it the similarity is "
            "not a cosine. Pass "
            "similarity='cosine' to scale the vectors and explain cosines instead"
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
    # Also set in the module's own reading, which `_check_parity` compares with `Pipeline`'s.
    transformer.query_expansion = None  # until both lengths are set, which are compared with it
    transformer.query_length = settings.query_length.value
    transformer.document_length = settings.document_length.value
    if strategy := settings.query_expansion.value:
        transformer.query_expansion = {
            "strategy": strategy,
            "attend": settings.expansion_attended.value,
            "token": known(settings.expansion_token),
            "length": known(settings.expansion_length),
        }
    unknown = {*unknown_words(settings.skiplist.value, transformer.tokenizer)}
    mask = MultiVectorMask(
        [word for word in settings.skiplist.value if word not in unknown],
        skiplist_tasks=settings.skiplist_sides.value,
        keep_only_token_ids=files.mask.get("keep_only_token_ids"),
    )
    return MultiVectorEncoder(
        modules=[transformer, *projection, mask, Normalize(module_input_name="token_embeddings")],
        prompts={side: settings.prefix(side) for side in SIDES},
        similarity_fn_name="maxsim",
        device=device,
    ).to(getattr(torch, dtype))


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
        scored += f", but not the skiplist in a {' or '.join(settings.skiplist_sides.value)}"
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


def _surprises(
    files: CheckpointFiles, settings: ReadingSettings, transformer: CheckedTransformer, reach: int
) -> list[str]:
    """Return sentences about likely mistakes in a checkpoint and unusual settings."""
    found = []
    config = files.transformer.config
    tokenizer: Any = transformer.tokenizer
    if looks_untrained(transformer.model):
        found.append(
            "the weights look untrained: every normalisation layer is as it was initialised"
        )
    if "auto_map" in config and not is_jina_bert(config):
        found.append(
            "config.json names its own code (auto_map), which is never run; the model is loaded as "
            f"transformers' {config.get('model_type')}"
        )
    rows = embedding_rows(files.transformer.shapes)
    if rows is not None and len(tokenizer) < _FEW * rows:
        found.append(
            f"the embedding has {rows:,} rows, but the tokeniser only {len(tokenizer):,} ids: they "
            "may belong to different models"
        )
    for side in SIDES:
        marker = settings.marker(side).value
        if pieces := marker_pieces(tokenizer, marker):
            found.append(
                f"the {side} marker {marker.strip()!r} is not a token of this model: it is split "
                f"into {len(pieces)} pieces, {' '.join(pieces)}"
            )
    if unreadable := unknown_words(settings.skiplist.value, tokenizer):
        found.append(_without_effect(unreadable, settings.skiplist))
    expansion = settings.query_expansion
    if files.format == "PyLate" and expansion.value and expansion.source.startswith("default"):
        found.append(
            "the files do not say whether queries are padded (do_query_expansion); they are, "
            "which is PyLate's default. If the model was trained without padding, pass "
            "query_expansion=False"
        )
    length = known(settings.document_length)
    if 2 * length <= reach:
        found.append(
            f"documents are read up to {length:,} tokens, though the model can read {reach:,} at "
            f"once: pass document_length={min(reach, 8192)} for long documents"
        )
    return found


def _without_effect(words: list[str], skiplist: Setting[list[str]]) -> str:
    """Return a sentence about the words of a skiplist that are not tokens."""
    kind = "punctuation marks" if skiplist.value == list(string.punctuation) else "words"
    key = f"{skiplist.key} in " if skiplist.key else ""
    place = "" if skiplist.source == ARGUMENT else f" ({key}{skiplist.source})"
    one, named = len(words) == 1, first_of(list(map(quoted, words)), _MOST_NAMED)
    return (
        f"{len(words)} of the {len(skiplist.value)} {kind} of the skiplist{place} "
        f"{'is not a token' if one else 'are not tokens'} of this model and "
        f"{'has' if one else 'have'} no effect: {listed(named)}"
    )


def _check_parity(pipeline: Pipeline) -> None:
    """Refuse a pipeline whose tokens or vectors differ from those of sentence-transformers."""
    for side in SIDES:
        encode = getattr(pipeline.model, f"encode_{side}")
        for text in _PROBES:
            with quiet_probes():
                theirs = encode([text], output_value=None, show_progress_bar=False)[0]
            ids = theirs["input_ids"].tolist()
            vectors = theirs["token_embeddings"].float().cpu().numpy()
            if not np.isfinite(vectors).all():
                raise CheckpointError(
                    f"model must give finite numbers, but a vector of {text!r} is not finite: its "
                    "weights are damaged"
                )
            if np.linalg.norm(vectors, axis=1).min() < 0.99:
                raise CheckpointError(
                    "model must give vectors that can be scaled to unit length, but a vector of "
                    f"{text!r} cannot be: its projection is 0, or far too small or large"
                )
            tokens, ours = pipeline.encode(side, text, lambda done, total: None)
            if [token.id for token in tokens] != ids or (
                tokens.scored_mask.tolist() != theirs["attention_mask"].bool().tolist()
            ):
                raise CheckpointError(
                    f"model must tokenise a {side} as this package does, but for {text!r} "
                    f"sentence-transformers gives the ids {ids}, this package "
                    f"{[token.id for token in tokens]}"
                )
            if not (ours * vectors).sum(axis=1).min() >= 0.99:  # NaN too
                raise CheckpointError(
                    f"model must encode a {side} as this package does, but for {text!r} "
                    "sentence-transformers gives different vectors"
                )
