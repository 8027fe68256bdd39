"""Runs one job at a time on a thread, shows its progress in the page and can cancel it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Protocol, TypeVar, runtime_checkable

from IPython import get_ipython

from colbert_explain.app.problem_sentence import problem_sentence

#: Called with a status and the share of the work that is done, None if that is not known.
Report = Callable[[str, float | None], None]
Result = TypeVar("Result")


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The reader asked to stop."""


@runtime_checkable
class Progressing(Protocol):
    """A widget that shows the progress of a job, such as a form."""

    busy: bool
    status: str
    progress: float | None
    problem: str


class MainThread:
    """Runs callbacks on the kernel's event loop, where widgets may change; at once without a loop.

    The kernel of a dashboard (`DashboardKernel`) delays them until its page has been drawn.
    """

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._pending: deque[Callable[[], object]] = deque()
        kernel = getattr(get_ipython(), "kernel", None)
        self._when_drawn: Callable[[Callable[[], object]], None] = getattr(
            kernel, "when_page_is_drawn", _now
        )

    def run(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` soon on the main thread."""
        if self._loop is not None and self._loop.is_running():
            self._pending.append(callback)
            self._loop.call_soon_threadsafe(self._when_drawn, self.run_pending)
        else:
            callback()

    def run_pending(self) -> None:
        """Run the pending callbacks now; call it on the main thread.

        The event loop does not run while a cell runs.
        """
        while self._pending:
            self._pending.popleft()()


class BackgroundJob:
    """Runs a job on its own thread; starting another one cancels it.

    Parameters
    ----------
    page
        Where progress and problems are shown.
    main
        Runs callbacks on the main thread.
    """

    def __init__(self, page: Progressing, main: MainThread) -> None:
        self._page = page
        self._main = main
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    def start(
        self,
        work: Callable[[threading.Event, Report], Result],
        done: Callable[[Result], object],
    ) -> None:
        """Start ``work`` and return; ``done`` gets its result, on the main thread.

        ``work`` raises `Cancelled` soon after its event is set. Any other error of ``work`` or
        ``done`` is shown as the page's problem.
        """
        self._stop.set()
        self._stop = stop = threading.Event()
        self._show(problem="", progress=None, status="Starting …", busy=True)

        def report(status: str, share: float | None) -> None:
            self._main.run(lambda: self._tell(stop, status, share))

        def run() -> None:
            try:
                result = work(stop, report)
            except Cancelled:
                return
            except Exception as error:  # the page must show it and go on
                problem = problem_sentence(error)
                self._main.run(lambda: self._end(stop, problem))
                return
            self._main.run(lambda: self._deliver(stop, done, result))

        self._worker = threading.Thread(target=run, daemon=True, name="colbert_explain")
        self._worker.start()

    def cancel(self) -> None:
        """Cancel the job; the page keeps what it shows."""
        if self._page.busy:
            self._stop.set()
            self._page.busy = False
            self._page.status = "Cancelled."

    def forget(self) -> None:
        """Cancel the job without a message: it is about something that is no longer shown."""
        self._stop.set()
        self._page.busy = False
        self._page.status = self._page.problem = ""

    def wait(self, timeout: float | None = None) -> None:
        """Block until the job has finished; for scripts and tests.

        Raises
        ------
        TimeoutError
            If it has not finished after ``timeout`` seconds.
        """
        if self._worker is not None:
            self._worker.join(timeout)
            if self._worker.is_alive():
                raise TimeoutError(f"the job has not finished after {timeout} seconds")

    def _tell(self, stop: threading.Event, status: str, share: float | None) -> None:
        if not stop.is_set():
            self._show(status=status, progress=share)

    def _deliver(
        self, stop: threading.Event, done: Callable[[Result], object], result: Result
    ) -> None:
        if stop.is_set():  # later work, or Cancel, has taken over
            return
        try:
            done(result)
        except Exception as error:  # as above
            self._end(stop, problem_sentence(error))
            return
        self._end(stop, "")

    def _end(self, stop: threading.Event, problem: str) -> None:
        if stop.is_set():
            return
        self._show(problem=problem, status="" if problem else "Done.", busy=False)

    def _show(self, **news: Any) -> None:
        """Update the page, in one message if it is a widget."""
        with getattr(self._page, "hold_sync", nullcontext)():
            for name, value in news.items():
                setattr(self._page, name, value)


def _now(callback: Callable[[], object]) -> None:
    callback()


def check_stop(stop: threading.Event) -> None:
    """Raise `Cancelled` if the reader asked to stop."""
    if stop.is_set():
        raise Cancelled
