"""`Job`: one piece of work at a time, off the main thread, with its progress and its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.main_thread import MainThread

Result = TypeVar("Result")


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The work was cancelled, or later work has taken its place."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a page shows of a job.

    Attributes
    ----------
    busy
        Whether the work is still going on.
    text
        What is being done, or how it ended, in a few words.
    share
        Share of the work that is done, 0 to 1; None if that is not known.
    problem
        What went wrong, in a sentence; empty if nothing did.
    """

    busy: bool = False
    text: str = ""
    share: float | None = None
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as a page takes it."""
        return {
            "busy": self.busy,
            "status": self.text,
            "progress": self.share,
            "problem": self.problem,
        }


class Watch:
    """What a piece of work is given: it tells its progress, and learns that it was cancelled."""

    def __init__(self, tell: Callable[[str, float | None], object]) -> None:
        self._stop = threading.Event()
        self._tell = tell

    @property
    def stopped(self) -> bool:
        """Whether the work was cancelled."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Cancel the work."""
        self._stop.set()

    def check(self) -> None:
        """Raise `Cancelled` if the work was cancelled."""
        if self._stop.is_set():
            raise Cancelled

    def report(self, text: str, share: float | None = None) -> None:
        """Tell what is being done, and the share of it that is done."""
        self._tell(text, share)


class Job:
    """Runs work on its own thread; starting other work cancels it.

    Parameters
    ----------
    main
        Runs callbacks on the main thread.
    show
        Called on the main thread with each new `Status`.
    """

    def __init__(self, main: MainThread, show: Callable[[Status], object]) -> None:
        self._main, self._show = main, show
        self._watch: Watch | None = None
        self._worker: threading.Thread | None = None
        self.status = Status()

    def start(
        self, work: Callable[[Watch], Result], done: Callable[[Result], object], text: str = ""
    ) -> None:
        """Start ``work`` and return; ``done`` gets its result, on the main thread.

        ``work`` raises `Cancelled` soon after it was cancelled (`Watch.check`). Any other error of
        ``work`` or ``done`` is shown as the job's problem. ``text`` is what is shown at first.
        """
        self._drop()
        watch = Watch(lambda text, share: self._tell(watch, Status(True, text, share)))
        self._watch = watch
        self._set(Status(True, text))

        def run() -> None:
            try:
                result = work(watch)
            except Cancelled:
                return
            except Exception as error:  # the page must show it and go on
                ended = Status(problem=problem_sentence(error))
                self._main.run(lambda: self._end(watch, ended))
                return
            self._main.run(lambda: self._deliver(watch, done, result))

        worker = threading.Thread(target=run, daemon=True, name="colbert_explain")
        worker.start()
        self._worker = worker  # only now: another thread may wait for it

    def cancel(self, text: str = "Cancelled.") -> None:
        """Cancel the work; what is shown stays as it is, and ``text`` says so."""
        if self.status.busy:
            self._drop()
            self._set(Status(text=text))

    def forget(self) -> None:
        """Cancel the work without a word: it is about something that is no longer shown."""
        self._drop()
        self._set(Status())

    def fail(self, problem: str) -> None:
        """Show a problem that was found before any work began."""
        self._drop()
        self._set(Status())  # so that the same sentence is announced again
        self._set(Status(problem=problem))

    def wait(self, timeout: float | None = None) -> None:
        """Block until the work has finished; for scripts and tests.

        Raises
        ------
        TimeoutError
            If it has not finished after ``timeout`` seconds.
        """
        if self._worker is not None:
            self._worker.join(timeout)
            if self._worker.is_alive():
                raise TimeoutError(f"the work has not finished after {timeout} s")

    def _drop(self) -> None:
        if self._watch is not None:
            self._watch.stop()

    def _set(self, status: Status) -> None:
        self.status = status
        self._show(status)

    def _tell(self, watch: Watch, status: Status) -> None:
        self._main.run(lambda: None if watch.stopped else self._set(status))

    def _deliver(self, watch: Watch, done: Callable[[Result], object], result: Result) -> None:
        if watch.stopped:  # later work, or Cancel, has taken over
            return
        ended = Status()
        try:
            done(result)
        except Exception as error:  # as above
            ended = Status(problem=problem_sentence(error))
        self._end(watch, ended)

    def _end(self, watch: Watch, status: Status) -> None:
        if not watch.stopped:
            self._set(status)
