"""Folders that only this user can read and write, and the files in them.

Their files are about texts that a user typed, and are shown to this user later: no other user may
read or write them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS, _OTHERS_WRITE = 0o077, 0o022


class NotPrivateError(OSError):
    """A folder that other users can access and that cannot be closed to them."""


def make_private(folder: Path) -> None:
    """Make a folder, and its parents, for this user alone; raises as `check_private` does."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(folder)


def check_private(folder: Path) -> None:
    """Check that a folder belongs to this user, and close it to others.

    Its parent is also closed to writing by others, if it belongs to this user and has no sticky
    bit: others could replace the folder. Nothing is checked where files have no owner (Windows).
    Raises a `NotPrivateError` if the folder belongs to another user or stays open.
    """
    found = folder.stat()
    if not hasattr(os, "geteuid"):
        return
    user = os.geteuid()
    if {found.st_uid, folder.lstat().st_uid} != {user}:
        raise NotPrivateError(
            f"{folder} belongs to another user: COLBERT_EXPLAIN_CACHE_FOLDER must name a folder "
            "of your own"
        )
    if not _closed(folder, found.st_mode, _OTHERS):
        raise NotPrivateError(
            f"{folder} is open to other users and cannot be made private: "
            "COLBERT_EXPLAIN_CACHE_FOLDER must name a folder on a disk that supports permissions"
        )
    above = folder.parent.stat()
    if above.st_uid == user and not above.st_mode & stat.S_ISVTX:
        _closed(folder.parent, above.st_mode, _OTHERS_WRITE)


def _closed(folder: Path, mode: int, rights: int) -> bool:
    """Remove rights of others, and return whether they are removed."""
    if mode & rights:
        try:
            folder.chmod(stat.S_IMODE(mode) & ~rights)
        except OSError:
            return False
        return not folder.stat().st_mode & rights
    return True


def check_own(path: Path) -> None:
    """Raise an `OSError` unless a path is a regular file, not a link, that belongs to this user."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"{path.name} is not a regular file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise OSError(f"{path.name} belongs to another user")


def read_own(path: Path) -> bytes:
    """Read a file after `check_own`."""
    check_own(path)
    return path.read_bytes()
