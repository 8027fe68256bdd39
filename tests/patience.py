"""How long tests wait: longer on a machine that is slower, or busier, than usual.

Nothing here is a claim about speed. A wait ends when what is waited for is there; its limit only
decides how long a test that fails takes to say so.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock

#: The folder that all processes of a run share; tests/conftest.py sets it.
RUN_FOLDER = "COLBERT_EXPLAIN_TESTS_RUN_FOLDER"
#: Seconds that a quiet computer with two cores takes to start Python and load the model.
USUAL = 5.0
#: A test that hangs must still come to an end.
SLOWEST = 10.0
LOAD = "from colbert_explain.encoders import load_encoder; load_encoder().embed_query('cats')"


def seconds(usual: float = 60.0) -> float:
    """Return how long to wait here for what is there within ``usual`` seconds elsewhere."""
    return usual * slowness()


def milliseconds(usual: float = 60.0) -> float:
    """Return `seconds` as Playwright takes them; ``usual`` is in seconds."""
    return 1000 * seconds(usual)


@functools.cache
def slowness() -> float:
    """Return how many times as long as usual loading the model takes, 1 to `SLOWEST`.

    Measured once, by the first process of a run that asks.
    """
    if RUN_FOLDER not in os.environ:
        return _measured()
    kept = Path(os.environ[RUN_FOLDER]) / "slowness.txt"
    with FileLock(kept.with_suffix(".lock")):
        if not kept.exists():
            kept.write_text(str(_measured()))
        return float(kept.read_text())


def _measured() -> float:
    # Else nothing need be loaded here.
    settings = {"COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0", "COLBERT_EXPLAIN_ENCODER": ""}
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", LOAD], env=os.environ | settings, check=True)
    return min(max(1.0, (time.monotonic() - started) / USUAL), SLOWEST)
