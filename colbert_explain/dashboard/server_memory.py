"""The server's memory: how it is allocated, and returned to the system after use."""

import ctypes
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path

# Numbers of mallopt(3).
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8

#: Bytes from which a block is mapped on its own, so that its memory is returned when it is freed.
_LARGE = 256 * 1024


def use_the_system_allocator() -> None:
    """Start this program again, without Python's own allocator for small blocks.

    Python's allocator returns memory by the megabyte, and only if nothing is left in it. After many
    visitors, every megabyte still holds a short text that some cache keeps. glibc's allocator
    returns every free page of four kilobytes. Kernels end with their page, and keep Python's
    allocator.
    """
    if sys.platform != "linux" or os.environ.pop("PYTHONMALLOC", None) is not None:
        return
    command = [sys.executable, *sys.orig_argv[1:]]
    with suppress(OSError):  # then with Python's
        os.execve(sys.executable, command, os.environ | {"PYTHONMALLOC": "malloc"})


def keep_memory_together() -> None:
    """Use one heap for all threads of the process, and map each large block on its own.

    A page is five megabytes of text in many copies. By default, these lie at the end of each
    thread's own heap, where glibc keeps the memory: some 25 MB more for every ten visitors.
    """
    _ask("mallopt", _ARENA_MAX, 1)
    _ask("mallopt", _MMAP_THRESHOLD, _LARGE)  # said once, it no longer grows by itself


def give_memory_back() -> None:
    """Free objects that refer only to each other, and return free memory to the system."""
    gc.collect()
    _ask("malloc_trim", 0)


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


def _ask(function: str, *numbers: int) -> None:
    with suppress(OSError, AttributeError, TypeError):  # another C library than glibc
        getattr(ctypes.CDLL(None), function)(*numbers)
