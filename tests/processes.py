"""Programs that tests start."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path

import psutil

from tests import patience


def address_of_dashboards(process: subprocess.Popen[bytes], log: Path, usual: float = 60) -> str:
    """Return the address that a server of dashboards has written to its log.

    Raises
    ------
    AssertionError
        If it has ended, or has not said so within ``usual`` seconds on a usual machine.
    """
    deadline = time.monotonic() + patience.seconds(usual)
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"dashboards: (http://\S+)", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the server gave no address, its output was:\n{log.read_text()}")


def address_of_jupyterlab(process: subprocess.Popen[bytes], log: Path, usual: float = 120) -> str:
    """Return the address of a JupyterLab, once it listens there: it writes it a moment before.

    Raises
    ------
    AssertionError
        If it has ended, or does not listen within ``usual`` seconds on a usual machine.
    """
    deadline = time.monotonic() + patience.seconds(usual)
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"(http://127\.0\.0\.1:(\d+)/)lab", log.read_text())
        if found and _is_listening(int(found[2])):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not listen, its output was:\n{log.read_text()}")


def _is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=patience.seconds(5)).close()
    except OSError:
        return False
    return True


def command_of(process: psutil.Process) -> str:
    """Return the command line of a program, nothing of one that has ended or is just ending."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end; kill one that does not."""
    process.terminate()
    try:
        process.wait(timeout=patience.seconds(30))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
