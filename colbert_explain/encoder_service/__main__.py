"""The program that a supervisor starts: the arguments of `serve` as one JSON object."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from colbert_explain.encoder_service.serve import serve


def main() -> None:
    """Serve until the parent process ends."""
    arguments = json.loads(sys.argv[1])
    if arguments.get("socket") is not None:
        arguments["socket"] = Path(arguments["socket"])
    try:
        serve(**arguments, with_parent=True)
    except (ValueError, OSError, RuntimeError) as error:
        sys.stderr.write(f"Error: {error}\n")
        raise SystemExit(1) from error
    sys.stderr.flush()
    os._exit(0)  # taking PyTorch apart takes seconds, and the parent waits


if __name__ == "__main__":
    main()
