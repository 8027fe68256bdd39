"""What a kernel does while it waits for a page, and when one takes it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from jupyter_client.manager import KernelManager

#: Seconds after a page was sent in which its browser draws it. Only then is another kernel started.
DRAWING_SECONDS = 4

#: Seconds in which a kernel must have answered.
ANSWER_SECONDS = 60

#: Imports what our notebooks import. The last three are what `httpx` and Plotly import when they
#: are first used.
IMPORTS = """
def import_all():
    import importlib
    import colbert_explain
    for name in colbert_explain.__all__:
        getattr(colbert_explain, name)
    for name in ("httpcore", "pandas", "plotly.io"):
        importlib.import_module(name)
import_all()
del import_all
"""


async def run_silently(kernel: KernelManager, code: str) -> None:
    """Run code in a kernel; its history does not have it, and pages see no output of it.

    Raises
    ------
    RuntimeError
        If the code fails.
    TimeoutError
        If the kernel does not answer.
    """
    client: Any = kernel.client()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    try:
        asked = client.execute(code, silent=True, reply=True, timeout=ANSWER_SECONDS)
        answer = (await asked)["content"]
    finally:
        client.stop_channels()
    if answer["status"] != "ok":
        raise RuntimeError(f"{answer.get('ename')}: {answer.get('evalue')}")


def set_environment(environment: Mapping[str, str]) -> str:
    """Return code that gives a kernel the variables in which its server has other values."""
    changed = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    return f"__import__('os').environ.update(__import__('json').loads({json.dumps(changed)!r}))"
