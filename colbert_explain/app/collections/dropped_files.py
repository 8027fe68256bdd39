"""Files that a reader drops onto the page, kept in a folder of their own until the page ends."""

from __future__ import annotations

import gzip
import io
import re
import tempfile
import zlib
from pathlib import Path, PurePosixPath

from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.text.wording import beginning, count

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
#: Characters of a part of a path, and how many parts are kept.
_LONGEST, _DEEPEST = 100, 6
#: Characters of what a file is called.
_LONGEST_NAME = 40
#: Files of all sets, and how many times the largest collection they may hold.
MOST_FILES, MOST_SETS = 20_000, 3
_PIECE = 1 << 16


class DroppedFiles:
    """Writes dropped files below a temporary folder, under names that cannot leave it.

    Parameters
    ----------
    settings
        How much may be dropped.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings
        self._place: tempfile.TemporaryDirectory[str] | None = None
        self._number = self._n_bytes = self._n_files = 0
        self._n_bytes_kept = self._n_files_kept = 0  # of all sets
        self._first = ""  # name of the first file of this set
        self._folder = Path()

    @property
    def temporary(self) -> Path:
        """A folder that is removed when Python ends."""
        if self._place is None:
            self._place = tempfile.TemporaryDirectory(
                prefix="colbert_explain-", ignore_cleanup_errors=True
            )
        return Path(self._place.name)

    def begin(self) -> None:
        """Begin another set of files. Those before stay: they may be waiting, or in use."""
        self._number += 1
        self._n_bytes = self._n_files = 0
        self._first = ""
        self._folder = self.temporary / f"dropped-{self._number}"
        self._folder.mkdir()

    def add(self, names: list[str], contents: list[bytes]) -> None:
        """Write files.

        Raises
        ------
        ValueError
            If they are too large in total, those in .gz files decompressed, or too many.
        """
        most, size = self._settings.largest_collection, sum(map(len, contents))
        self._n_bytes += size
        self._n_bytes_kept += size
        self._n_files_kept += len(names)
        if self._n_bytes > most:
            raise ValueError(
                f"the files must have at most {most:,} bytes in total, got {self._n_bytes:,}"
            )
        for name, content in zip(names, contents, strict=True):
            if _safe(name, 0).suffix.lower() == ".gz":
                self._n_bytes += _added_by_decompressing(content, most - self._n_bytes)
        if self._n_bytes > most:
            raise ValueError(
                f"the files must have at most {most:,} bytes in total when they are decompressed, "
                "got more"
            )
        if self._n_files_kept > MOST_FILES or self._n_bytes_kept > MOST_SETS * most:
            raise ValueError(
                f"this page can keep at most {MOST_FILES:,} dropped files, with at most "
                f"{MOST_SETS * most:,} bytes in total: load it again to drop others"
            )
        self._first = self._first or next(iter(names), "")
        for name, content in zip(names, contents, strict=True):
            place = self._folder / _safe(name, self._n_files)
            if place.exists() or any(above.is_file() for above in place.parents):
                # A folder of its own: no other file is in it.
                place = self._folder / f"file-{self._n_files}" / place.name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, content)
            self._n_files += 1

    def finish(self) -> tuple[Path, str]:
        """Return the folder of the files, and what to call them."""
        return self._folder, called_files(self._n_files, self._first)


def called_files(n: int, first: str) -> str:
    """Say what dropped files are called together: one by its name, several by their number.

    >>> called_files(1, "mine/codes.csv"), called_files(2, "mine/codes.csv")
    ('codes.csv', '2 dropped files')
    """
    name = PurePosixPath(first).name
    return beginning(name, _LONGEST_NAME) if n == 1 and name else count(n, "dropped file")


def _added_by_decompressing(content: bytes, most: int) -> int:
    """Return how many bytes longer a gzip file gets, or a number above ``most``."""
    n_bytes = -len(content)
    try:
        with gzip.open(io.BytesIO(content)) as file:
            while n_bytes <= most and (piece := file.read(_PIECE)):
                n_bytes += len(piece)
    except (OSError, EOFError, zlib.error):
        pass  # who reads it says that it is damaged
    return max(n_bytes, 0)


def _safe(name: str, number: int) -> PurePosixPath:
    """Return a relative path that stays in its folder, with the ending of the file.

    >>> _safe("../a/b?.txt", 0), _safe("..", 3)
    (PurePosixPath('a/b_.txt'), PurePosixPath('file-3'))
    """
    parts = [_UNSAFE.sub("_", part).strip() for part in name.replace("\\", "/").split("/")]
    kept = [part for part in parts if part.strip(". ")][-_DEEPEST:]
    if not kept:
        return PurePosixPath(f"file-{number}")
    # A hidden file would not be read, and an ending says what a file is.
    return PurePosixPath(*(part.lstrip(".")[-_LONGEST:] for part in kept))
