"""Folders that only this user can read and write, and the files in them.

What lies in such a folder tells what somebody typed, and is shown to that person later: nobody
else may read it, and nobody else may put anything there.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS, _OTHERS_WRITE = 0o077, 0o022


class NotPrivateError(OSError):
    """A folder that others can write, and that cannot be changed."""


def make_private(folder: Path) -> None:
    """Make a folder for this user alone, with those above it, or close one that is there.

    Raises
    ------
    NotPrivateError
        As `check_private` does.
    OSError
        If it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(folder)


def check_private(folder: Path) -> None:
    """See that a folder is this user's alone; one that is theirs is closed to others.

    The folder above it loses the others' right to write, if it is this user's and everybody who
    may write there may also remove what is not theirs: they could exchange the folder. Where
    files belong to nobody (Windows) there is nothing to see to.

    Raises
    ------
    NotPrivateError
        If it belongs to somebody else, or stays open.
    OSError
        If it is not there.
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
            f"{folder} is open to other users and cannot be closed: "
            "COLBERT_EXPLAIN_CACHE_FOLDER must name a folder on a disk that keeps permissions"
        )
    above = folder.parent.stat()
    if above.st_uid == user and not above.st_mode & stat.S_ISVTX:
        _closed(folder.parent, above.st_mode, _OTHERS_WRITE)


def _closed(folder: Path, mode: int, rights: int) -> bool:
    """Take rights of others away, if they have any; tell whether they are gone."""
    if mode & rights:
        try:
            folder.chmod(stat.S_IMODE(mode) & ~rights)
        except OSError:
            return False
        return not folder.stat().st_mode & rights
    return True


def check_own(path: Path) -> None:
    """See that a file is this user's; not a link, a pipe, or what others put there.

    Raises
    ------
    OSError
        If it is no such file, or not there.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"{path.name} is no file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise OSError(f"{path.name} belongs to another user")


def read_own(path: Path) -> bytes:
    """Read a file of this user's.

    Raises
    ------
    OSError
        As `check_own` does, or if it cannot be read.
    """
    check_own(path)
    return path.read_bytes()
