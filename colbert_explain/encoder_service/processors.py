"""How many threads one text is encoded with."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from colbert_explain.operator_settings import OperatorSettings

#: "quota period" in microseconds, as a container's limit is written.
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def choose_threads(settings: OperatorSettings, environment: Mapping[str, str] | None = None) -> int:
    """Return how many threads PyTorch uses for one text.

    What the operator sets, else ``OMP_NUM_THREADS``, else one less than there are processors,
    divided by the texts that are encoded at once. One less, because a thread too many costs far
    more than it gives: on two busy processors, two threads encoded a fifth of what one did; on two
    idle ones they were at most 1.6 times as fast (benchmarks/encoder_service.py measures it).
    """
    given = os.environ if environment is None else environment
    if settings.encoder_threads is not None:
        return settings.encoder_threads
    named = given.get("OMP_NUM_THREADS", "").strip()
    if named.isdigit() and int(named) > 0:
        return int(named)
    return max(1, (usable_processors() - 1) // settings.concurrent_encodings)


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
