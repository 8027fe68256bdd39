"""Run a benchmark, or list them all: ``python -m benchmarks [NAME [options]]``.

From the root of a clone. A benchmark is a module of this folder with a docstring and a ``main``;
``python -m benchmarks NAME --help`` prints what it takes.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

HELP = ("-h", "--help")


def benchmarks() -> dict[str, str]:
    """Find the benchmarks without importing them: their names, each with its first sentence."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        says = ast.get_docstring(module)
        runs = any(
            isinstance(part, ast.FunctionDef) and part.name == "main" for part in module.body
        )
        if runs and says:
            found[path.stem] = says.splitlines()[0]
    return found


def main(arguments: list[str]) -> None:
    """Run the benchmark that is named first with the other arguments."""
    found = benchmarks()
    if not arguments or arguments[0] in HELP:
        width = max(map(len, found))
        print("usage: python -m benchmarks NAME [options]\n")
        print("\n".join(f"  {name:{width}}  {says}" for name, says in found.items()))
        return
    name, *options = arguments
    if name not in found:
        raise SystemExit(f"NAME must be one of {', '.join(found)}, got {name!r}.")
    sys.argv = [f"python -m benchmarks {name}", *options]
    importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
