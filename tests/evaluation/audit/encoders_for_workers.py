"""Encoders that fail in a worker process; a module that imports little, so that it starts soon."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.conftest import ToyEncoder


class KillsItsProcess(ToyEncoder):
    """Reads every document but one, with which its process is killed."""

    def embed_document(self, text, *, progress=None):
        if "poison" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_document(text)


class CannotBeRead(ToyEncoder):
    """Fails as if the memory were full."""

    def embed_document(self, text, *, progress=None):
        raise MemoryError("no room")


class CannotStart(ToyEncoder):
    """Ends every process that loads it."""

    def __setstate__(self, state):
        os._exit(3)

    def __getstate__(self):
        return {"document_length": 5}


class CountsItsLoads(ToyEncoder):
    """Writes the number of each process that loads it."""

    def __init__(self, log: str) -> None:
        super().__init__()
        self.log = log

    def __setstate__(self, state):
        self.__dict__.update(state)
        with Path(self.log).open("a") as log:
            log.write(f"{os.getpid()}\n")


class KilledOnce(ToyEncoder):
    """Kills the first process that reads a document with it, and leaves its number."""

    def __init__(self, flag: str) -> None:
        super().__init__()
        self.flag = flag

    def embed_document(self, text, *, progress=None):
        try:
            with Path(self.flag).open("x") as flag:
                flag.write(str(os.getpid()))
        except FileExistsError:
            return super().embed_document(text)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("this process was killed")
