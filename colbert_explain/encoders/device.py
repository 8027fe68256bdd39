"""On what device, with what numbers and with which libraries an encoder computes."""

from __future__ import annotations

from importlib.metadata import version

DTYPES = ("float32", "bfloat16", "float16")


def check_dtype(dtype: str) -> None:
    """Refuse a number format that encoders do not offer with a `ValueError`."""
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")


def check_device(device: str | None) -> None:
    """Refuse a device that this PyTorch cannot use with a `ValueError`."""
    if device in (None, "cpu"):
        return  # always there, and asking would import torch
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # builds without CUDA assert
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device must be one this PyTorch can use, got {device!r}: {reason}"
        ) from error


def library_versions() -> dict[str, str]:
    """Name the installed versions of the libraries that shape an encoder's numbers."""
    packages = ("colbert-explain", "torch", "transformers", "sentence-transformers")
    return {package: version(package) for package in packages}
