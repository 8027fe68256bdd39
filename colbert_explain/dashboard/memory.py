"""How much memory there is, and how many kernels fit into it."""

import os
from contextlib import suppress
from pathlib import Path

#: Bytes that a kernel usually takes, and the encoder service with one model.
KERNEL_SIZE, ENCODER_SIZE = 300_000_000, 600_000_000
#: Kernels that may run even if memory is small.
FEWEST_KERNELS = 4


def kernels_that_fit(*, beside_encoder: bool) -> int:
    """Return how many kernels fit into memory.

    Parameters
    ----------
    beside_encoder
        Whether an encoder service runs on this computer, too.
    """
    free = usable_memory() - (ENCODER_SIZE if beside_encoder else 0)
    return max(FEWEST_KERNELS, free // KERNEL_SIZE)


def usable_memory() -> int:
    """Return the bytes that this computer, or the container around this process, has in all."""
    sizes = [_container_limit()]
    with suppress(OSError, ValueError, AttributeError):  # no such question on Windows
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min([size for size in sizes if size], default=8 * 1024**3)


def _container_limit() -> int:
    """Return the limit of the process's control group, 0 if there is none."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # of version 2 and 1
        with suppress(OSError, ValueError):
            return int(Path("/sys/fs/cgroup", name).read_text())
    return 0
