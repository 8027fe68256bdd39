"""Files that are complete or not there: the one place where this package writes a file."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

#: How the name of a file ends that is not complete yet.
UNFINISHED = ".part"


def write_whole(path: Path, content: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Write a file beside its place and move it there, all of it or nothing.

    The unfinished file has a name that nobody can foresee and is made new: a file or link that
    lies in the folder already is never opened. A link at ``path`` itself is replaced, not
    followed: the file that it leads to stays as it is. The new file has the permissions of the
    file that it replaces, or those of any new file.

    Parameters
    ----------
    path
        Where; in a folder that is there.
    content
        All of the file.
    private
        Whether only this user may read and write it, and it takes the place of whatever was
        there before.
    durable
        Whether to wait until the disk has it, so that it outlives a power failure. Without it
        the file may then be cut short, so whoever reads it must notice.

    Raises
    ------
    OSError
        If ``path`` names a folder or lies in none, names a device, pipe or socket, or the
        system refuses to write.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OSError(f"path must name a file in an existing folder, got {path}")
    if not private and path.exists() and not path.is_file():
        # Moving a file there would take the device's place.
        raise OSError(f"path must name a file, got {path}, which is a device, pipe or socket")
    mode = 0o600 if private else _mode_of(path)
    unfinished = path.with_name(f".{secrets.token_hex(16)}{UNFINISHED}")
    # Before what follows: a file of this name that is there already is not ours to remove.
    file = open(unfinished, "xb", opener=_opener(mode))  # noqa: SIM115 (closed below)
    try:
        with file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if mode is not None:
            with suppress(OSError):  # some file systems know no permissions
                unfinished.chmod(mode)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int | None:
    """Return the permissions of the file itself; ``None`` where there is none, or a link."""
    try:
        found = path.lstat().st_mode
    except OSError:
        return None
    return stat.S_IMODE(found) & 0o777 if stat.S_ISREG(found) else None


def _opener(mode: int | None) -> Callable[[str, int], int]:
    # Until it has its own permissions, only this user may read the file.
    return lambda path, flags: os.open(path, flags, 0o666 if mode is None else 0o600)
