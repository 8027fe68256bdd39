"""How much memory there is, and how many kernels fit into it."""

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

#: Bytes that a kernel usually takes, and the encoder service with one model.
KERNEL_SIZE, ENCODER_SIZE = 300_000_000, 600_000_000
#: Kernels that may run even if memory is small.
FEWEST_KERNELS = 4
#: Where Linux says which control groups this process is in, and where it keeps them.
MEMBERSHIP, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def kernels_that_fit(*, beside_encoder: bool) -> int:
    """Return how many kernels fit into `usable_memory`.

    Parameters
    ----------
    beside_encoder
        Whether an encoder service runs on this computer, too.
    """
    free = usable_memory() - (ENCODER_SIZE if beside_encoder else 0)
    return max(FEWEST_KERNELS, free // KERNEL_SIZE)


def usable_memory() -> int:
    """Return the bytes that this process may use: the computer's, or its container's or unit's."""
    sizes = _group_limits()
    with suppress(OSError, ValueError, AttributeError):  # no such question on Windows
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(sizes, default=8 * 1024**3)


def _group_limits() -> list[int]:
    """Return the limits of the control groups that this process is in, innermost first.

    A group's limit holds for the groups in it. In a container, the name of the group may be the
    one outside, which is not found; its top folder is the container's own.
    """
    limits = []
    for line in _lines(MEMBERSHIP):
        _, controllers, name = line.split(":", 2)
        if controllers == "":  # version 2
            top, file = GROUPS, "memory.max"
        elif "memory" in controllers.split(","):  # version 1
            top, file = GROUPS / "memory", "memory.limit_in_bytes"
        else:
            continue
        inner = PurePosixPath(name.lstrip("/"))
        for group in (inner, *inner.parents):
            with suppress(OSError, ValueError):  # no such group here, or "max"
                limits.append(int((top / group / file).read_text()))
    return limits


def _lines(file: Path) -> list[str]:
    with suppress(OSError):  # not on Linux
        return file.read_text().splitlines()
    return []
