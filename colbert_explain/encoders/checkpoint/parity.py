"""Whether sentence-transformers and this package read a checkpoint alike."""

from __future__ import annotations

import numpy as np

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.settings import SIDES
from colbert_explain.encoders.pipeline import Pipeline

#: Texts that every pipeline must read as `Pipeline` does, before anything is explained.
_PROBES = ("What do elephants eat?", "Café, naïve: 150 kg (大象) 🐘!", "two\nlines  of it's x²")


def check_reading(pipeline: Pipeline) -> None:
    """Refuse a pipeline whose ids, scored tokens or vectors are not what this package shows."""
    for side in SIDES:
        encode = getattr(pipeline.model, f"encode_{side}")
        for text in _PROBES:
            theirs = encode([text], output_value=None, show_progress_bar=False)[0]
            ids = theirs["input_ids"].tolist()
            vectors = theirs["token_embeddings"].float().cpu().numpy()
            if not np.isfinite(vectors).all():
                raise CheckpointError(
                    f"model must give numbers, but a vector of {text!r} is not finite: its weights "
                    "are damaged"
                )
            tokens, ours = pipeline.encode(side, text, lambda done, total: None)
            if [token.id for token in tokens] != ids or (
                tokens.scored_mask.tolist() != theirs["attention_mask"].bool().tolist()
            ):
                raise CheckpointError(
                    f"model must read a {side} as this package does, but of {text!r} "
                    f"sentence-transformers makes the ids {ids}, this package "
                    f"{[token.id for token in tokens]}"
                )
            if (ours * vectors).sum(axis=1).min() < 0.99:
                raise CheckpointError(f"model gives two different readings of the {side} {text!r}")
