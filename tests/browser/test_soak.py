import os
import subprocess
import sys
from pathlib import Path

from tests import patience


def test_two_visitors_leave_nothing_behind():
    soak = [sys.executable, "-m", "tests.soak"]
    cache = os.environ["COLBERT_EXPLAIN_CACHE_FOLDER"]
    # Few visits do not bring a server's memory to where it stays: `make soak` measures it.
    short = ["--visitors=2", "--visits=2", "--rounds-before=0"]
    # In a process of its own, because the other tests keep an event loop in this one.
    done = subprocess.run(
        [*soak, *short, "--polite", f"--cache={cache}"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=patience.seconds(300),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kernels left, after                                0," in done.stdout
