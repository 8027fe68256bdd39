"""Runs the cells of a notebook without Jupyter; it can run as a program of its own."""

from __future__ import annotations

import ast
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


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
