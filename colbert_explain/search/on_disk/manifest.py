"""The manifest of a collection: the one file that says what belongs to it."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from colbert_explain.embeddings import Provenance
from colbert_explain.search.error import CollectionError
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.storage.provenance_values import provenance_as_json, read_provenance

#: To be increased with every change of the files of a collection.
FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a collection.

    Attributes
    ----------
    name
        Its folder, relative to that of the collection.
    first
        The place of its first document; places rise within a segment and between segments.
    n_documents
        How many documents it has, with those that were deleted.
    n_vectors
        How many token vectors it has.
    digests
        The sha256 of its file of digests.
    """

    name: str
    first: int
    n_documents: int
    n_vectors: int
    digests: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to a collection.

    Attributes
    ----------
    provenance
        What encoded the documents; None while there are no documents.
    compression
        The name of the compression of the vectors that are searched; None for none.
    is_complete
        Whether the build that made it has finished.
    segments
        In the order of their places.
    deleted
        The places of deleted documents whose segment is still there.
    next_place, next_segment
        The first numbers that were never used.
    """

    provenance: Provenance | None = None
    compression: str | None = None
    is_complete: bool = False
    segments: tuple[SegmentEntry, ...] = ()
    deleted: tuple[int, ...] = ()
    next_place: int = 0
    next_segment: int = 0


def how_to_rebuild(folder: Path) -> str:
    """Return what to do about a collection that cannot be read."""
    return f"rebuild it from its texts with ce.rebuild_collection({str(folder)!r})"


def is_collection(folder: Path) -> bool:
    """Return whether a folder has a manifest."""
    return (folder / NAME).is_file()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of a folder at once, durably."""
    provenance = None if manifest.provenance is None else provenance_as_json(manifest.provenance)
    content = {**asdict(manifest), "provenance": provenance}
    write_whole(folder / NAME, _packed(FORMAT, version("colbert-explain"), content))
    sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a folder.

    Raises a `CollectionError` if there is none, or it is damaged or of another format.
    """
    content = read_content(folder)
    if content["format"] != FORMAT:
        raise CollectionError(
            f"{folder} has format {content['format']}, written by colbert_explain "
            f"{content['version']}; this is version {version('colbert-explain')}, which reads "
            f"format {FORMAT}: use that version, or {how_to_rebuild(folder)}"
        )
    found = content["content"]
    return Manifest(
        **{
            **found,
            "provenance": found["provenance"] and read_provenance(found["provenance"]),
            "segments": tuple(SegmentEntry(**entry) for entry in found["segments"]),
            "deleted": tuple(found["deleted"]),
        }
    )


def read_content(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder of any format: ``format``, ``version`` and ``content``.

    Raises a `CollectionError` if there is none, or it is damaged.
    """
    try:
        data = (folder / NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CollectionError(
            f"path must name the folder of a collection, got {folder}, which has no {NAME}"
        ) from error
    except OSError as error:
        raise CollectionError(
            f"{folder / NAME} cannot be read: {error.strerror or error}"
        ) from error
    try:
        found = json.loads(data)
        # Written again, so that a changed byte is noticed which leaves the values as they are.
        if data == _packed(found["format"], found["version"], found["content"]):
            return dict(found)
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    raise CollectionError(
        f"{folder / NAME} is damaged: build the collection again from its documents"
    )


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names of a folder's files."""
    with suppress(OSError):  # some systems open no folder
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _packed(format_: int, version_: str, content: dict[str, Any]) -> bytes:
    body = {"content": content, "format": format_, "version": version_}
    digest = hashlib.sha256(_dumped(body)).hexdigest()
    return _dumped({**body, "sha256": digest})


def _dumped(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
