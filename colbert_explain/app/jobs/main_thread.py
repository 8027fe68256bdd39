"""Runs callbacks on the kernel's event loop, where widgets may change."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from colbert_explain import display_hook


class MainThread:
    """Runs callbacks on the event loop of the thread that makes it; at once without a loop.

    The kernel of a dashboard delays them until its page has been drawn
    (`display_hook.when_page_is_drawn`).
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
            self._loop.call_soon_threadsafe(display_hook.when_page_is_drawn, self.run_pending)
        else:
            callback()

    def run_pending(self) -> None:
        """Run the pending callbacks now; call it on the main thread.

        The event loop does not run while a cell runs.
        """
        while self._pending:
            self._pending.popleft()()
