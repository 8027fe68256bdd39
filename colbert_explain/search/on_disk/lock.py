"""One writer per folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from colbert_explain.search.error import CollectionError

LOCK = "writer.lock"


class WriterLock:
    """The lock of a collection's folder; the system releases it when its process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK, timeout=0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; a thread that holds it may take it again.

        Raises a `CollectionError` at once if another holds it or the folder cannot be written to.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise CollectionError(
                f"another process is writing to {self._folder}: wait until it has finished, "
                "or end it"
            ) from error
        except OSError as error:
            raise CollectionError(
                f"{self._folder} cannot be written to ({error.strerror or error}): its documents "
                "can be searched, but none can be added or deleted"
            ) from error
        try:
            yield
        finally:
            self._lock.release()


def is_being_written(folder: Path) -> bool:
    """Return whether some process, or another part of this one, writes the folder now."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # there is no folder, or nobody may write it
        return False
