"""Encoders from checkpoints; no other package imports torch."""

from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.settings import Setting
from colbert_explain.encoders.description import Description
from colbert_explain.encoders.load import load_encoder
from colbert_explain.encoders.text_encoder import (
    TextEncoder,
    embed_together,
    tokens_to_share,
    without_store,
)

__all__ = [
    "CheckpointError",
    "Description",
    "Encoder",
    "Setting",
    "TextEncoder",
    "embed_together",
    "load_encoder",
    "tokens_to_share",
    "without_store",
]
