"""Whose text is encoded next: clients in turn, short texts between the windows of long ones.

Texts are never encoded in a batch: a text's vectors are to be those that it gets alone. In one run
with the bundled encoder, a batch saved 5 to 10% of the processor's time from 128 tokens on, and 30
to 40% at 24 tokens.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """The request was cancelled; raised in the thread that works on it."""


class Turn:
    """The work for one request, in the queue or in its thread.

    Parameters
    ----------
    client
        Who asks; clients take turns.
    is_short
        Whether it may run between two windows of a long text.
    work
        Called in a thread with this turn.
    """

    def __init__(self, client: str, is_short: bool, work: Callable[[Turn], Any]) -> None:
        self.client, self.is_short, self.work = client, is_short, work
        self.outcome: Future[Any] = Future()
        self.let_others: Callable[[], None] = lambda: None
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let the work end at its next step."""
        self._stop.set()

    def check(self) -> None:
        """Raise `Stopped` if the work is to end; called by the work before each step."""
        if self._stop.is_set():
            raise Stopped

    def between_windows(self) -> None:
        """Let short texts of others run first; called by the work where it can wait."""
        if not self.is_short:
            self.let_others()
        self.check()

    def run(self) -> None:
        """Do the work and keep its outcome, unless it was taken out of the queue."""
        if not self.outcome.set_running_or_notify_cancel():
            return
        try:
            self.check()
            result = self.work(self)
        except BaseException as error:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(result)


class Turns:
    """A queue and the threads that work on it.

    Parameters
    ----------
    at_once
        How many texts are encoded at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._waiting: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._changed = threading.Condition()
        self._is_open = True
        self._workers = [
            threading.Thread(target=self._work, daemon=True, name=f"colbert_explain_turns_{n}")
            for n in range(at_once)
        ]
        for worker in self._workers:
            worker.start()

    async def run(self, client: str, is_short: bool, work: Callable[[Turn], Result]) -> Result:
        """Wait for the turn of a client, and return what ``work`` returns in a thread.

        If the task is cancelled, the work leaves the queue, or ends at its next step.
        """
        turn = Turn(client, is_short, work)
        outcome = asyncio.wrap_future(turn.outcome)
        with self._changed:
            self._waiting.setdefault(client, deque()).append(turn)
            self._changed.notify()
        try:
            return await asyncio.shield(outcome)
        except asyncio.CancelledError:
            turn.stop()
            if turn.outcome.cancel():
                self._remove(turn)
            elif not outcome.done():
                await asyncio.wait([outcome])  # its model is in use until then
            if outcome.done() and not outcome.cancelled():
                outcome.exception()  # nobody else asks for it
            raise

    @property
    def n_waiting(self) -> int:
        """How many texts wait for their turn."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def close(self) -> None:
        """Let the threads end after what they work on."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait for the threads and return whether all have ended."""
        for worker in self._workers:
            worker.join(timeout)
        return not any(worker.is_alive() for worker in self._workers)

    def _work(self) -> None:
        # The work on a long text waits in its own thread while a short one runs in this one.
        with ThreadPoolExecutor(1, "colbert_explain_short_turns") as beside:

            def let_others() -> None:
                for short in self._short_round():
                    beside.submit(short.run).result()

            while (turn := self._next()) is not None:
                turn.let_others = let_others
                turn.run()
                del turn  # its result may be large

    def _next(self) -> Turn | None:
        with self._changed:
            while self._is_open and not self._waiting:
                self._changed.wait()
            if not self._is_open:
                return None
            client = next(iter(self._waiting))
            turn = self._waiting[client].popleft()
            self._waiting.move_to_end(client)
            self._forget_if_empty(client)
            return turn

    def _short_round(self) -> list[Turn]:
        """Take the first short text of each client that has one.

        Only one of each client, so that the long text gets to its next window.
        """
        with self._changed:
            found = []
            for client, turns in list(self._waiting.items()):
                short = next((turn for turn in turns if turn.is_short), None)
                if short is not None:
                    found.append(short)
                    turns.remove(short)
                    self._forget_if_empty(client)
            return found

    def _remove(self, turn: Turn) -> None:
        with self._changed:
            turns = self._waiting.get(turn.client)
            if turns is not None and turn in turns:
                turns.remove(turn)
                self._forget_if_empty(turn.client)

    def _forget_if_empty(self, client: str) -> None:
        if not self._waiting[client]:
            del self._waiting[client]
