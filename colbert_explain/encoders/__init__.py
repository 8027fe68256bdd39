"""Checkpoints to encoders; the only place that imports torch."""

from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.cached_encoder import StoredEncoder
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.load import load_encoder

__all__ = ["CheckpointError", "Encoder", "StoredEncoder", "load_encoder"]
