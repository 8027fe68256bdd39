"""Send an encoder to another process, which loads it once."""

from __future__ import annotations

import pickle
import sys
import threading

from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.device import use_one_thread

_loading = threading.Lock()
_loaded: dict[bytes, Encoder] = {}


def packed_encoder(encoder: Encoder) -> bytes:
    """Return what another process needs to load the same encoder.

    Raises
    ------
    ValueError
        If it cannot be sent: it was not made by `load_encoder`, and Python cannot pickle it.
    """
    try:
        return pickle.dumps(encoder)
    except Exception as error:  # whatever the encoder's own code raises
        raise ValueError(
            "encoder must be one that load_encoder returned, or one that pickle can copy, for "
            f"work in other processes, got {type(encoder).__name__}: {error}"
        ) from error


def unpacked_encoder(packed: bytes) -> Encoder:
    """Load an encoder, once in this process."""
    with _loading:
        if packed not in _loaded:
            _loaded.clear()  # the last one is enough, and one model may fill the memory
            _loaded[packed] = pickle.loads(packed)
        return _loaded[packed]


def leave_processors_to_others() -> None:
    """Let this process compute in one thread, if its encoder uses PyTorch.

    Several processes that each use every processor are slower than one.
    """
    if "torch" in sys.modules:
        use_one_thread()
