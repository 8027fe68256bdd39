"""Encodes the texts of the lessons in the background, before a visitor waits for them.

A server starts this file as a separate program. It runs the notebooks' cells, so that the texts
they encode are in the store, and ends. To start quickly, it imports nothing of the server.
"""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colbert_explain.dashboard.lean_imports import leave_out_address_grammar
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.storage.private_folder import make_private

_STAMP = "lessons.json"


def start_warming_up(notebooks: Path) -> subprocess.Popen[bytes] | None:
    """Start encoding the texts of notebooks in a process of low priority.

    It prints nothing and ends with this process, even if this one is killed. Returns ``None`` if
    embeddings are not kept, or cannot be.
    """
    settings = OperatorSettings.from_environment()
    if not settings.keep_embeddings:
        return None
    try:
        for name in ("embeddings", "calibration"):
            make_private(settings.cache_folder / name)
            with tempfile.TemporaryFile(dir=settings.cache_folder / name):
                pass
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(notebooks)],
            stdin=subprocess.PIPE,  # closed when this process ends, however it does
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
    except OSError as error:
        logging.getLogger(__name__).warning(
            "every page will load the model, because embeddings cannot be kept in %s: %s",
            settings.cache_folder,
            error.strerror or error,
        )
        return None
    # A process that has ended stays in the system's list until somebody asks how it ended.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def run_cells(notebook: Path) -> Iterator[Any]:
    """Run the code cells of a notebook one by one, and wait for what they start.

    Yields what each cell would display: the value of its last line.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        code = ast.parse("".join(cell["source"]), notebook.name)
        last = code.body.pop() if code.body and isinstance(code.body[-1], ast.Expr) else None
        exec(compile(code, notebook.name, "exec"), names)
        shown = None
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), notebook.name, "eval"), names)
        for thread in threading.enumerate():
            if thread.name.startswith("colbert_explain"):  # a workbench encodes on its own
                thread.join()
        yield shown


def warm_up(notebooks: Path) -> None:
    """Encode the texts of notebooks and examples, unless the store holds them already."""
    from colbert_explain.encoders import TextEncoder, load_encoder

    settings = OperatorSettings.from_environment()
    folder = settings.cache_folder / "embeddings"
    # The page that opens first comes first.
    paths = sorted(notebooks.glob("*.ipynb"), key=lambda path: (path.stem != "workbench", path))
    if not settings.keep_embeddings:
        return
    encoder = load_encoder(settings=settings)
    if not isinstance(encoder, TextEncoder):  # one that keeps its embeddings elsewhere
        return
    made_from = hashlib.sha256(encoder.identity.encode())
    for path in paths:
        made_from.update(path.read_bytes())
    if _is_complete(folder, made_from.hexdigest()):
        return

    started = time.time()
    for path in paths:
        try:
            for _ in run_cells(path):
                pass
        except Exception:  # the page of this notebook says it; the others need their texts
            logging.getLogger(__name__).exception("%s", path.name)
    from colbert_explain.analysis.calibration import calibrate
    from colbert_explain.explanation import explain
    from colbert_explain.samples import load_samples

    for sample in load_samples():
        explain(sample.query, sample.document)
    calibrate()
    entries = [entry.name for entry in os.scandir(folder) if entry.stat().st_mtime >= started - 1]
    stamp = {"made_from": made_from.hexdigest(), "entries": entries}
    write_whole(folder / _STAMP, json.dumps(stamp).encode("ascii"), private=True)


def _is_complete(folder: Path, made_from: str) -> bool:
    """Return whether the store still holds every entry of an earlier run with the same texts."""
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="ascii"))
        return stamp["made_from"] == made_from and all(
            (folder / name).is_file() for name in stamp["entries"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _give_way() -> None:
    """Run at low priority, and end when the server does."""

    def end_with_the_server() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)

    threading.Thread(target=end_with_the_server, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)


if __name__ == "__main__":
    _give_way()
    leave_out_address_grammar()
    warm_up(Path(sys.argv[1]))
