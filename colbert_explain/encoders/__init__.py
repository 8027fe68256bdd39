"""Checkpoints to encoders; the only place that imports torch."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.bundled import load_bundled

__all__ = ["load_encoder"]


def load_encoder(
    *,
    layers: Sequence[int] = (3, 6),
    query_length: int = 512,
    document_length: int = 8192,
    device: str | None = None,
    dtype: str = "float32",
) -> Encoder:
    """Load the bundled encoder: all-MiniLM-L6-v2, read token by token; no network, no key.

    Parameters
    ----------
    layers
        Hidden layers of which a token vector is made, 0 (the word embeddings) to 6 (the last).
        A similarity is the mean of the layers' cosines.
    query_length, document_length
        Most tokens read of a text, [CLS] and [SEP] included. What lies past it is counted and
        shown as not read. Past 512 tokens a text is read in overlapping windows.
    device
        ``"cpu"``, ``"cuda"``, ...; by default the best one there is.
    dtype
        ``"float32"``, ``"bfloat16"`` or ``"float16"``.

    Returns
    -------
    Encoder
        With ``embed_query`` and ``embed_document``.

    Raises
    ------
    ValueError
        If an argument is out of range.
    RuntimeError
        If the packaged weights are damaged.
    """
    return load_bundled(
        layers=layers,
        query_length=query_length,
        document_length=document_length,
        device=device,
        dtype=dtype,
    )
