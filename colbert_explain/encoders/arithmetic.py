"""On what device and with what numbers an encoder computes."""

from __future__ import annotations

import torch

DTYPES = ("float32", "bfloat16", "float16")


def check_dtype(dtype: str) -> None:
    """Refuse a number format that encoders do not offer with a `ValueError`."""
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")


def check_device(device: str | None) -> None:
    """Refuse a device that this PyTorch cannot use with a `ValueError`."""
    if device is None:
        return
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # builds without CUDA assert
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device must be one this PyTorch can use, got {device!r}: {reason}"
        ) from error
