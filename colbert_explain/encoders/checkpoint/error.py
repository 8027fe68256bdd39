"""The error of a checkpoint that is refused."""

from __future__ import annotations


class CheckpointError(ValueError):
    """A checkpoint that is refused: the message says what was found and what to do."""
