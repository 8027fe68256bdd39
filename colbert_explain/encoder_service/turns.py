"""Whose text is encoded next: clients in turn, short texts between the windows of long ones.

Short texts of different clients that can share a forward pass have their turn together. With the
bundled encoder, eight texts of 12 tokens took a third of the processor's time that they take one
by one; from 128 tokens on a shared pass saves 5 to 10%.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """The request was cancelled; raised in the thread that works on it."""


@dataclass(frozen=True, slots=True)
class Together:
    """How a turn is worked on with others.

    Attributes
    ----------
    key
        Turns with the same key can share their work.
    most
        How many may share it.
    item
        What this turn gives to the shared work.
    work
        Called in a thread with the turns and their items; returns a result or an error for each. If
        it raises anything, the turns are worked on alone.
    """

    key: Hashable
    most: int
    item: Any
    work: Callable[[Sequence[Turn], list[Any]], Sequence[Any]]


class Turn:
    """The work for one request, in the queue or in its thread.

    Parameters
    ----------
    client
        Who asks; clients take turns.
    is_short
        Whether it may run between two windows of a long text.
    work
        Called in a thread with this turn, if it is worked on alone.
    together
        How it is worked on with others, if it can be.
    """

    def __init__(
        self,
        client: str,
        is_short: bool,
        work: Callable[[Turn], Any],
        together: Together | None = None,
    ) -> None:
        self.client, self.is_short, self.work, self.together = client, is_short, work, together
        self.outcome: Future[Any] = Future()
        self.let_others: Callable[[], None] = lambda: None
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let the work end at its next step."""
        self._stop.set()

    @property
    def is_stopped(self) -> bool:
        """Whether the work is to end at its next step."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise `Stopped` if the work is to end; called by the work before each step."""
        if self.is_stopped:
            raise Stopped

    def between_windows(self) -> None:
        """Let short texts of others run first; called by the work where it can wait."""
        if not self.is_short:
            self.let_others()
        self.check()


def _run(turns: Sequence[Turn]) -> None:
    """Do the work of turns, together if they are several, and keep the outcome of each.

    Those that were taken out of the queue are left out.
    """
    turns = [turn for turn in turns if turn.outcome.set_running_or_notify_cancel()]
    if len(turns) > 1 and _run_together(turns):
        return
    for turn in turns:
        try:
            turn.check()
            result = turn.work(turn)
        except BaseException as error:
            turn.outcome.set_exception(error)
        else:
            turn.outcome.set_result(result)


def _run_together(turns: Sequence[Turn]) -> bool:
    """Return whether turns could share their work; if not, each says alone what is wrong."""
    shared = [turn.together for turn in turns if turn.together is not None]
    try:
        results = shared[0].work(turns, [each.item for each in shared])
    except BaseException:
        return False
    if len(results) != len(turns):
        return False
    for turn, result in zip(turns, results, strict=True):
        if isinstance(result, Exception):
            turn.outcome.set_exception(result)
        else:
            turn.outcome.set_result(result)
    return True


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

    async def run(
        self,
        client: str,
        is_short: bool,
        work: Callable[[Turn], Result],
        together: Together | None = None,
    ) -> Result:
        """Wait for the turn of a client, and return what its work returns in a thread.

        If the task is cancelled, the work leaves the queue, or ends at its next step.
        """
        turn = Turn(client, is_short, work, together)
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
                for some in self._short_round():
                    beside.submit(_run, some).result()

            while some := self._next():
                some[0].let_others = let_others
                _run(some)
                del some  # their results may be large

    def _next(self) -> list[Turn]:
        """Wait for the turn of the next client; return it with those that share its work.

        The list is empty when the queue is closed.
        """
        with self._changed:
            while self._is_open and not self._waiting:
                self._changed.wait()
            if not self._is_open:
                return []
            client, waiting = next(iter(self._waiting.items()))
            return self._take(waiting[0], [other for other in self._waiting if other != client])

    def _short_round(self) -> list[list[Turn]]:
        """Take the first short text of each client that has one; those that share work together.

        Only one of each client, so that the long text gets to its next window.
        """
        with self._changed:
            found: list[list[Turn]] = []
            clients = list(self._waiting)
            while clients:
                turns = self._waiting[clients.pop(0)]
                short = next((turn for turn in turns if turn.is_short), None)
                if short is not None:
                    some = self._take(short, clients)
                    found.append(some)
                    taken = {turn.client for turn in some}
                    clients = [client for client in clients if client not in taken]
            return found

    def _take(self, first: Turn, clients: Sequence[str]) -> list[Turn]:
        """Take a turn out of the queue, and of each other client one that can share its work."""
        found = [first]
        if first.together is not None:
            key, most = first.together.key, first.together.most
            shared = (
                next(
                    (t for t in self._waiting[client] if t.together and t.together.key == key), None
                )
                for client in clients
            )
            found += itertools.islice(filter(None, shared), most - 1)
        for turn in found:
            waiting = self._waiting[turn.client]
            if waiting[0] is turn:  # else its oldest text keeps its place
                self._waiting.move_to_end(turn.client)
            waiting.remove(turn)
            self._forget_if_empty(turn.client)
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
