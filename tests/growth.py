"""How the time of a computation grows with its input: a rule that no slow machine breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def growth(work: Callable[[T], object], small: T, large: T) -> float:
    """Return how many times as much processor time ``large`` takes as ``small``.

    The least of three each, in turns, so that what else the machine does hardly counts.
    """
    taken = [(_seconds(work, small), _seconds(work, large)) for _ in range(3)]
    return min(b for _, b in taken) / max(min(a for a, _ in taken), 1e-4)


def _seconds(work: Callable[[T], object], given: T) -> float:
    began = time.process_time()
    work(given)
    return time.process_time() - began
