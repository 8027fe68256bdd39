"""Runs callbacks on the kernel's event loop, where widgets may change."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


def call_now(callback: Callable[[], object]) -> None:
    """Run a callback."""
    callback()


#: Runs a callback that changes widgets once the page has been drawn; a dashboard's kernel sets it.
when_page_is_drawn: Callable[[Callable[[], object]], None] = call_now


class MainThread:
    """Runs callbacks on the event loop of the thread that makes it; at once without a loop.

    The kernel of a dashboard delays them until its page has been drawn (`when_page_is_drawn`).
    """

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._pending: deque[Callable[[], object]] = deque()

    def run(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` soon on the main thread."""
        if self._loop is not None and self._loop.is_running():
            self._pending.append(callback)
            self._loop.call_soon_threadsafe(when_page_is_drawn, self.run_pending)
        else:
            callback()

    def run_pending(self) -> None:
        """Run the pending callbacks now; call it on the main thread.

        The event loop does not run while a cell runs.
        """
        while self._pending:
            self._pending.popleft()()
