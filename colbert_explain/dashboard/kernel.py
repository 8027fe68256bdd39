"""The kernel of a dashboard: it waits while its page is drawn, and ends without tracebacks."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from colbert_explain.app.jobs import main_thread
from colbert_explain.dashboard.cell_figures import draw_figures_in_page
from colbert_explain.dashboard.visitor_log import keep_short

#: Target of the channel that a page opens once it has all its widgets (kernel_watch.js).
PAGE_TARGET = "colbert_explain.page"

#: Most seconds to wait until a page has opened this channel.
LONGEST_WAIT = 60


class DashboardKernel(IPythonKernel):
    """IPython's kernel, for a page that connects after its cells ran and may close at any time.

    A page that connects asks for the widgets, and builds them one by one. Until it has finished, it
    refuses every new widget for good, and misses changes of the others. Seen in ipywidgets 8.1,
    whose authors know of the second (https://github.com/jupyter-widgets/ipywidgets/pull/2570).
    """

    def __init__(self, **options: Any) -> None:
        main_thread.when_page_is_drawn = self.when_page_is_drawn
        super().__init__(**options)  # type: ignore[no-untyped-call]
        draw_figures_in_page(self.shell.display_pub)  # type: ignore[union-attr] # made above
        keep_short(self.log)
        for name in ("Comm", "ipykernel.comm"):  # a widget that is gone meanwhile is no news
            logging.getLogger(name).setLevel(logging.ERROR)
        self._waiting: list[Callable[[], object]] = []
        self._end_of_wait: asyncio.TimerHandle | None = None  # None while no page is being drawn
        self.comm_manager.register_target(PAGE_TARGET, lambda *_: self._go_on())

    def when_page_is_drawn(self, callback: Callable[[], object]) -> None:
        """Run a callback that changes widgets, now or when the page is ready for it.

        Call it on the main thread; callbacks run in the order in which they came.
        """
        if self._end_of_wait is None:
            callback()
        else:
            self._waiting.append(callback)

    async def kernel_info_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer the server's question before a page connects."""
        # It asks the control channel, too, which has a thread of its own.
        if threading.current_thread() is threading.main_thread():
            if self._end_of_wait is not None:
                self._end_of_wait.cancel()
            loop = asyncio.get_running_loop()
            self._end_of_wait = loop.call_later(LONGEST_WAIT, self._go_on)
        await super().kernel_info_request(stream, ident, parent)  # type: ignore[no-untyped-call]

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell; a page is shown when all have run."""
        self._go_on()
        await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]

    async def shutdown_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Stop logging, and end.

        A bug of ipykernel, seen in 7.4: it closes its sockets while it still answers messages of
        the page that was closed, and logs a traceback for each. Since 7.3 this is mended for the
        channel iopub (https://github.com/ipython/ipykernel/pull/1518), not for the others.
        """
        self.log.setLevel(logging.CRITICAL)
        logging.getLogger("tornado.general").setLevel(logging.CRITICAL)
        await super().shutdown_request(stream, ident, parent)  # type: ignore[no-untyped-call]

    async def interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Ignore the request that jupyter_client sends before it ends a kernel.

        It is meant for a cell that does not end. If a page was closed while its kernel read a
        message, that would print a ``KeyboardInterrupt`` in the terminal. The specification of the
        kernel asks for a message instead of a signal (`SamePython`).
        """

    def _go_on(self) -> None:
        if self._end_of_wait is None:
            return
        self._end_of_wait.cancel()
        self._end_of_wait = None
        waiting, self._waiting = self._waiting, []
        for callback in waiting:  # here and now: what comes next must not overtake them
            callback()
