"""Overlapping windows of a text that is longer than the model's window.

Each window is encoded on its own. Where windows overlap, a token has the vector of the window in
which it is most central, so that it has context on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Window:
    """Text tokens that are encoded together.

    Attributes
    ----------
    start, stop
        Positions of the tokens, ``start`` included, ``stop`` not.
    keep_start, keep_stop
        The tokens whose vectors are kept; those of all windows follow one another without gap or
        overlap.
    """

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def plan_windows(n_tokens: int, size: int, overlap: int) -> list[Window]:
    """Cover ``n_tokens`` by windows of ``size`` tokens that share at least ``overlap``.

    Two or more windows have the same size, because the last is moved back instead of cut. So the
    most central window of a token is the one with the nearest centre; of two, the first.

    >>> plan_windows(10, size=6, overlap=2)
    [Window(start=0, stop=6, keep_start=0, keep_stop=5), \
Window(start=4, stop=10, keep_start=5, keep_stop=10)]
    """
    if n_tokens < 1:
        raise ValueError(f"n_tokens must be at least 1, got {n_tokens}")
    if not 0 <= overlap < size:
        raise ValueError(f"overlap must be at least 0 and below size {size}, got {overlap}")
    if n_tokens <= size:
        return [Window(0, n_tokens, 0, n_tokens)]
    starts = [*range(0, n_tokens - size, size - overlap), n_tokens - size]
    # For windows at a and b > a, token t is nearer to a's centre if t <= (a + b + size - 1) / 2.
    cuts = [0, *((a + b + size - 1) // 2 + 1 for a, b in pairwise(starts))]
    stops = [*cuts[1:], n_tokens]
    return [
        Window(start, start + size, keep_start, keep_stop)
        for start, keep_start, keep_stop in zip(starts, cuts, stops, strict=True)
    ]
