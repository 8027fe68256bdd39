"""`CountedProgress`: how far work is that counts what it has done, and how long the rest takes."""

from __future__ import annotations

import time

from colbert_explain.app.jobs.job import Watch
from colbert_explain.text.wording import count

#: Pieces after which the time that the rest takes can be told.
_ENOUGH = 5
#: Seconds between two messages: a page cannot show a thousand in a second.
_EVERY = 0.2


class CountedProgress:
    """Called as ``progress(done, total)``; it tells a watch, and stops work that was cancelled.

    Parameters
    ----------
    watch
        Of the work.
    what
        What is done, before the number: ``"Indexing document"``.
    first
        How many were done before this work began.
    """

    def __init__(self, watch: Watch, what: str, first: int = 0) -> None:
        self._watch, self._what, self._first = watch, what, first
        self._began = time.monotonic()
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Tell how far the work is; raise `Cancelled` if it was cancelled."""
        self._watch.check()
        now = time.monotonic()
        if self._told and now - self._told < _EVERY and done < total:
            return
        self._told = now
        left = ""
        if done < total and done - self._first >= _ENOUGH:
            seconds = (now - self._began) * (total - done) / (done - self._first)
            left = f", {_duration(seconds)} left"
        self._watch.report(f"{self._what} {done:,} of {total:,}{left}", done / max(total, 1))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return count(max(1, round(seconds)), "second")
    return count(round(seconds / 60), "minute")
