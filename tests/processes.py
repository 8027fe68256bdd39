"""Programs that tests start."""

from __future__ import annotations

import subprocess

from tests import patience


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end; kill one that does not."""
    process.terminate()
    try:
        process.wait(timeout=patience.seconds(30))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
