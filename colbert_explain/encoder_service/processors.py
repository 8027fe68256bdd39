"""How many threads one text is encoded with, and how many texts are encoded at once."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from colbert_explain.library_settings import value_of
from colbert_explain.operator_settings import OperatorSettings

#: "quota period" in microseconds, as a container's limit is written.
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def choose_threads(settings: OperatorSettings, environment: Mapping[str, str] | None = None) -> int:
    """Return how many threads PyTorch uses for one text.

    What the operator sets; otherwise ``OMP_NUM_THREADS``; otherwise one less than there are
    processors, divided by ``settings.concurrent_encodings``. One less, because a thread too many
    costs far more than it gives: on two processors that other programs used too, a document of 150
    tokens took 126 ms with one thread and 575 ms with two, two at once 204 and 1,350 ms, one beside
    a busy loop 189 and 1,355 ms (``python -m benchmarks encoder_service --threads 1 2``). On idle
    processors, two threads are at most twice as fast as one.
    """
    given = os.environ if environment is None else environment
    if settings.encoder_threads is not None:
        return settings.encoder_threads
    named = given.get("OMP_NUM_THREADS", "").strip()
    if named.isdigit() and int(named) > 0:
        return int(named)
    return max(1, (usable_processors() - 1) // settings.concurrent_encodings)


def choose_at_once(
    settings: OperatorSettings, threads: int, environment: Mapping[str, str] | None = None
) -> int:
    """Return how many texts are encoded at the same time.

    What the operator sets; otherwise as many as there are processors for them. On two processors,
    ten clients at once took 6.0 times as long as one alone with two texts at a time, and 9.3 times
    with one.
    """
    given = os.environ if environment is None else environment
    if value_of(given, "CONCURRENT_ENCODINGS"):
        return settings.concurrent_encodings
    return max(1, usable_processors() // threads)


def usable_processors() -> int:
    """Return how many processors this process may use, a container's limit included."""
    if hasattr(os, "sched_getaffinity"):
        n_processors = len(os.sched_getaffinity(0))
    else:
        n_processors = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        if quota != "max":
            n_processors = min(n_processors, math.ceil(int(quota) / int(period)))
    return max(1, n_processors)
