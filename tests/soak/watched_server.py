"""A dashboard server whose kernels, memory and output are looked at from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from colbert_explain.dashboard.server.spare_kernel import DRAWING_SECONDS
from tests.processes import address_of_dashboards, end


@dataclass(frozen=True)
class WatchedServer:
    """The server's address, its process, and the file it writes to."""

    url: str
    process: psutil.Process
    log: Path

    def kernels(self) -> int:
        """Count the kernels of pages: all that run but one, which waits for the next page."""
        running = sum("ipykernel" in part for each in self._tree() for part in _command(each))
        return max(0, running - 1)

    def memory(self) -> float:
        """Measure the memory of the server and all that it started, in MB without shared pages."""
        return sum(map(_unshared, self._tree())) / 1e6

    def complaints(self) -> list[str]:
        """List what the server wrote beyond its own address."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if line.strip() and "dashboards: http://" not in line]

    def wait_for_warm_up(self, seconds: float) -> None:
        """Wait until the program that encodes the lessons' texts has ended."""
        started = time.monotonic()
        while any("warm_up.py" in part for each in self._tree() for part in _command(each)):
            if time.monotonic() - started > seconds:
                raise RuntimeError(f"the lessons were not encoded within {seconds:.0f} s")
            time.sleep(0.5)

    def wait_for_kernels_to_end(self, seconds: float) -> float:
        """Wait until no kernel of a page is left, and return for how long at most it took."""
        started = time.monotonic()
        time.sleep(DRAWING_SECONDS + 1)  # until the one that waits has been started
        while self.kernels() and time.monotonic() - started < seconds:
            time.sleep(0.5)
        return time.monotonic() - started

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()[:3]
    except psutil.Error:  # it ended between two looks
        return []


def _unshared(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().uss
    except psutil.Error:
        return 0


@contextmanager
def watched_server(folder: Path, idle_minutes: float, cache: Path) -> Iterator[WatchedServer]:
    """Serve the package's dashboards, with a log in ``folder`` and embeddings in ``cache``."""
    log = folder / "server.txt"
    settings = {
        "COLBERT_EXPLAIN_IDLE_MINUTES": str(idle_minutes),
        "COLBERT_EXPLAIN_CACHE_FOLDER": str(cache),
    }
    command = [sys.executable, "-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | settings, cwd=folder
        )
    try:
        url = address_of_dashboards(process, log, 120)
        yield WatchedServer(url, psutil.Process(process.pid), log)
    finally:
        end(process)
