"""Pairs audited by several processes on one machine, any of which may be killed.

Each process loads the encoder, computes in one thread, and gets a few pairs at a time. When one
ends early, another gets its pairs, one by one, so that a pair that kills its process is found.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder, Progress, Provenance
from colbert_explain.evaluation.audit.pair_facts import PairFacts
from colbert_explain.evaluation.audit.pair_reader import PairReader
from colbert_explain.evaluation.audit.sent_encoder import (
    leave_processors_to_others,
    packed_encoder,
    unpacked_encoder,
)
from colbert_explain.text.wording import beginning

#: Pairs that a process gets at a time: enough that sending them costs nothing beside encoding.
_AT_A_TIME = 8
#: Processes that may end with one pair, or before they are ready: memory may run out once.
_MOST_ENDS = 3

Pair = tuple[object, object]


@dataclass(eq=False, slots=True)
class _Worker:
    """A process, the connection to it, and the numbers of the pairs that it works on."""

    process: SpawnProcess
    connection: Connection
    is_ready: bool = False
    numbers: tuple[int, ...] = ()


def read_in_workers(
    pairs: Sequence[Pair],
    encoder: Encoder,
    calibration: Calibration | None,
    n_workers: int,
    progress: Progress | None,
) -> tuple[list[PairFacts], Provenance]:
    """Audit pairs in ``n_workers`` processes; return the facts in the order of the pairs.

    Raises
    ------
    ValueError
        If ``n_workers`` is below 1, or the encoder cannot be sent to another process.
    RuntimeError
        If several processes ended before they were ready, or with the same pair.
    """
    if check.whole_number("workers", n_workers) < 1:
        raise ValueError(f"workers must be at least 1, got {n_workers}")
    work = _Work(pairs, packed_encoder(encoder), calibration)
    try:
        for _ in range(min(n_workers, -(-len(pairs) // _AT_A_TIME))):
            work.start_worker()
        while work.n_done < len(pairs):
            if progress is not None:
                progress(work.n_done, len(pairs))
            work.wait()
    finally:
        work.end()
    provenance = work.provenance or PairReader(encoder).provenance
    return [facts for facts in work.facts if facts is not None], provenance


class _Work:
    """What is done, what is waiting, and which process works on what."""

    def __init__(
        self, pairs: Sequence[Pair], encoder: bytes, calibration: Calibration | None
    ) -> None:
        self.pairs = pairs
        self.facts: list[PairFacts | None] = [None] * len(pairs)
        self.n_done = 0
        self.provenance: Provenance | None = None
        self._for_workers = (encoder, calibration)
        self._waiting = deque(
            tuple(range(first, min(first + _AT_A_TIME, len(pairs))))
            for first in range(0, len(pairs), _AT_A_TIME)
        )
        self._ends = [0] * len(pairs)
        self._early_ends = 0
        self._workers: list[_Worker] = []
        self._context = multiprocessing.get_context("spawn")  # a fork would copy PyTorch's threads

    def start_worker(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(theirs, *self._for_workers), daemon=True, name="audit"
        )
        process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self._workers.append(_Worker(process, ours))

    def wait(self) -> None:
        """Take what the processes send, until at least one has sent something or has ended."""
        ready = wait([worker.connection for worker in self._workers])
        for worker in [each for each in self._workers if each.connection in ready]:
            try:
                message = worker.connection.recv()
            except (EOFError, OSError):
                self._has_ended(worker)
                continue
            if isinstance(message, BaseException):
                raise message
            worker.is_ready = True
            if message is not None:
                found, self.provenance = message
                for number, facts in zip(worker.numbers, found, strict=True):
                    self.facts[number] = facts
                self.n_done += len(worker.numbers)
            self._give_work(worker)

    def end(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.connection.close()  # one that waits for pairs ends by itself
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()

    def _give_work(self, worker: _Worker) -> None:
        worker.numbers = self._waiting.popleft() if self._waiting else ()
        if worker.numbers:
            try:
                worker.connection.send([self.pairs[number] for number in worker.numbers])
            except OSError:
                self._has_ended(worker)

    def _has_ended(self, worker: _Worker) -> None:
        worker.process.join()
        status = worker.process.exitcode
        worker.connection.close()
        worker.process.close()
        self._workers.remove(worker)
        if not worker.is_ready:
            self._early_ends += 1
            if self._early_ends >= _MOST_ENDS:
                raise RuntimeError(
                    f"{_MOST_ENDS} worker processes ended before they were ready, the last with "
                    f"status {status}: a script must call audit below "
                    'if __name__ == "__main__"; and the encoder must fit into the memory that is '
                    "left"
                )
        for number in worker.numbers:
            self._ends[number] += 1
            if self._ends[number] >= _MOST_ENDS:
                document = beginning(str(self.pairs[number][1]), 60)
                raise RuntimeError(
                    f"{_MOST_ENDS} worker processes ended while reading pairs[{number}], the "
                    f"last with status {status}: its document begins “{document}”"
                )
            self._waiting.appendleft((number,))
        if self._waiting or worker.numbers or not worker.is_ready:
            self.start_worker()


def _work(connection: Connection, encoder: bytes, calibration: Calibration | None) -> None:
    """Audit pairs until there are no more; what a worker process does."""
    try:
        reader = PairReader(unpacked_encoder(encoder), calibration)
        leave_processors_to_others()
        connection.send(None)
        while True:
            pairs = connection.recv()
            found = [reader.read(query, document) for query, document in pairs]
            connection.send((found, reader.provenance))
    except (EOFError, OSError, KeyboardInterrupt):
        return  # the audit is over
    except Exception as error:
        connection.send(_sendable(error))


def _sendable(error: Exception) -> Exception:
    """Return an error of a worker as one that its caller can read and Python can send."""
    if type(error) is ValueError:
        return error
    lines = "".join(traceback.format_exception(error))
    return RuntimeError(f"a worker process failed with {type(error).__name__}: {error}\n{lines}")
