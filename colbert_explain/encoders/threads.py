"""How many threads PyTorch uses for one text."""

from __future__ import annotations


def use_threads(n_threads: int) -> None:
    """Let PyTorch compute with so many threads in this process, and import it if necessary."""
    import torch

    torch.set_num_threads(n_threads)
