"""What the folder of a collection may hold, and what is removed from it."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from colbert_explain.search.error import CollectionError
from colbert_explain.search.on_disk.lock import LOCK
from colbert_explain.search.on_disk.manifest import NAME, Manifest, is_collection
from colbert_explain.storage.atomic_write import UNFINISHED
from colbert_explain.text.wording import count

SEGMENTS = "segments"
#: Begins the name of a folder with the segments of a rebuilt collection.
REBUILT = "rebuilt-"


def check_usable(folder: Path) -> None:
    """Check that a collection may be made in a folder: it is new, empty or a collection's.

    Raises a `CollectionError`; the folder is not touched.
    """
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise CollectionError(f"path must name a folder, got the file {folder}")
        if is_collection(folder):
            return
        others = sorted(path.name for path in folder.iterdir() if not _is_ours(path.name))
    except OSError as error:
        raise CollectionError(f"{folder} cannot be read: {error.strerror or error}") from error
    if others:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        raise CollectionError(
            f"path must name a new or empty folder, got {folder}, which has {others[0]}{more}"
        )


def remove_unnamed(folder: Path, manifest: Manifest) -> None:
    """Remove what writers that were killed have left; only the holder of the lock may."""
    named = {entry.name for entry in manifest.segments}
    kept = f"{REBUILT}{manifest.next_segment:06d}"  # an unfinished rebuild of this state
    for path in folder.iterdir():
        if path.name == SEGMENTS or (path.name.startswith(REBUILT) and path.name != kept):
            _remove_segments(path, folder, named)
        elif path.name.startswith(".") and path.name.endswith(UNFINISHED):
            path.unlink(missing_ok=True)


def _remove_segments(path: Path, folder: Path, named: set[str]) -> None:
    if not any(name.startswith(f"{path.name}/") for name in named):
        shutil.rmtree(path, ignore_errors=True)
        return
    for segment in (path / SEGMENTS if path.name != SEGMENTS else path).iterdir():
        if segment.relative_to(folder).as_posix() not in named:
            shutil.rmtree(segment, ignore_errors=True)


def writing_refused(folder: Path, error: OSError, n_kept: int | None = None) -> CollectionError:
    """Return a sentence for an error of the disk."""
    kept = ""
    if n_kept is not None:
        were, are = ("was", "is") if n_kept == 1 else ("were", "are")
        kept = f" {count(n_kept, 'document')} {were} written before and {are} kept."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CollectionError(
            f"the disk of {folder} is full.{kept} Free some space and repeat the call"
        )
    return CollectionError(f"{folder} cannot be written to ({error.strerror or error}).{kept}")


def _is_ours(name: str) -> bool:
    return name in (NAME, LOCK, SEGMENTS) or (name.startswith(".") and name.endswith(UNFINISHED))
