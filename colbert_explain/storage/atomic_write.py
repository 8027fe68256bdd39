"""Write a file as a whole or not at all; the package writes files nowhere else."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path

#: The ending of an unfinished file's name.
UNFINISHED = ".part"


def write_whole(path: Path, content: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Write a file with all its content; see `written_whole`."""
    with written_whole(path, private=private, durable=durable) as file:
        file.write(content)


@contextmanager
def written_whole(
    path: Path, *, private: bool = False, durable: bool = True
) -> Iterator[BufferedWriter]:
    """Open a file under a temporary name, and move it to its place when it is written.

    The temporary name is random and new, so no file or link of others is opened. A link at
    ``path`` is replaced, not followed. The new file has the permissions of the file that it
    replaces, or those of any new file. After an error there is nothing new.

    Parameters
    ----------
    path
        A file in an existing folder.
    private
        Whether only this user may read and write the file. It then also replaces a device, pipe
        or socket.
    durable
        Whether to wait until the disk has the content. Otherwise a power failure may cut the file
        short, and its reader must check for that.

    Raises an `OSError` if ``path`` is a folder, a device, a pipe or a socket, its folder does not
    exist, or the system refuses to write.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OSError(f"path must name a file in an existing folder, got {path}")
    if not private and path.exists() and not path.is_file():
        # Moving a file there would replace the device.
        raise OSError(f"path must name a file, got {path}, which is a device, pipe or socket")
    mode = 0o600 if private else _mode_of(path)
    unfinished = path.with_name(f".{secrets.token_hex(16)}{UNFINISHED}")
    # Opened before the try: a file of this name that exists already must not be removed.
    file = open(unfinished, "xb", opener=_opener(mode))  # noqa: SIM115 (closed below)
    try:
        with file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if mode is not None:
            with suppress(OSError):  # some file systems know no permissions
                unfinished.chmod(mode)
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = os.fspath(path)  # the system names none if the disk is full
        raise


def _mode_of(path: Path) -> int | None:
    """Return the permissions of a file; ``None`` if it does not exist or is a link."""
    try:
        found = path.lstat().st_mode
    except OSError:
        return None
    return stat.S_IMODE(found) & 0o777 if stat.S_ISREG(found) else None


def _opener(mode: int | None) -> Callable[[str, int], int]:
    # Only this user may read the file until it has its final permissions.
    return lambda path, flags: os.open(path, flags, 0o666 if mode is None else 0o600)
