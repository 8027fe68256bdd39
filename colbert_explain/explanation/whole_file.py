"""Files that are complete or not there."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, all of it or nothing.

    Raises
    ------
    OSError
        If ``path`` names a folder or lies in none, or the system refuses to write.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OSError(f"path must name a file in an existing folder, got {path}")
    # A file that is cut short by a full disk must not replace a good one.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
