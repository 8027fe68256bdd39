"""Device, threads, number format and library versions of an encoder."""

from __future__ import annotations

import re
from importlib.metadata import version

DTYPES = ("float32", "bfloat16", "float16")
#: PyTorch has others, such as "meta", on which an encoder cannot compute.
_DEVICE = re.compile(r"(cpu|cuda|mps|xpu)(:[0-9]{1,3})?")


def check_dtype(dtype: str) -> None:
    """Raise a `ValueError` for a number format that encoders do not offer."""
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")


def check_device(device: str | None) -> None:
    """Raise a `ValueError` for a device that is none of these, or that this PyTorch cannot use."""
    if device in (None, "cpu"):
        return  # always available; a check would import torch
    if not _DEVICE.fullmatch(device):
        raise ValueError(
            "device must be cpu, cuda, mps or xpu, with or without an index as in cuda:1, got "
            f"{device!r}"
        )
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # builds without CUDA assert
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device must be one this PyTorch can use, got {device!r}: {reason}"
        ) from error


def use_one_thread() -> None:
    """Let PyTorch compute in one thread of this process from now on."""
    import torch

    torch.set_num_threads(1)


def library_versions() -> dict[str, str]:
    """Return the installed versions of the libraries that an encoder's numbers depend on."""
    packages = ("colbert-explain", "torch", "transformers", "sentence-transformers")
    return {package: version(package) for package in packages}
