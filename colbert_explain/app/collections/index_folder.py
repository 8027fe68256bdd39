"""Where the index of some documents lies, so that it is found again and a build continues."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

from colbert_explain.embeddings import Encoder, Provenance
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.search.on_disk.lock import is_being_written
from colbert_explain.search.on_disk.manifest import is_collection, read_manifest
from colbert_explain.storage.private_folder import make_private
from colbert_explain.storage.provenance_values import provenance_as_json


def index_folder(documents: Path, encoder: Encoder, compression: str | None, within: Path) -> Path:
    """Return the folder for the index of some documents by an encoder.

    It is another one when a file has changed, or with another encoder or compression.

    Parameters
    ----------
    documents
        A file or a folder.
    encoder, compression
        What the index is made with.
    within
        The folder in which indexes lie.
    """
    made_of = _digest([str(documents.resolve()), _model(encoder), compression])
    return within / f"{made_of}-{_digest(_state_of(documents))}"


def remove_outdated(index: Path) -> None:
    """Remove indexes of the same documents as they were before, which no page finds any more."""
    made_of = index.name.split("-", maxsplit=1)[0]
    for other in index.parent.glob(f"{made_of}-*"):
        if other != index and not is_being_written(other):
            shutil.rmtree(other, ignore_errors=True)  # open pages keep what they have mapped


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:24]


def kept_indexes(settings: OperatorSettings) -> Path | None:
    """Return the folder of indexes that later pages find; None if nothing is to be kept on disk."""
    if not settings.keep_embeddings:
        return None
    folder = settings.cache_folder / "collections"
    try:
        make_private(folder)
    except OSError:  # the server has logged why nothing can be kept there
        return None
    return folder


def is_finished(folder: Path) -> bool:
    """Return whether an index is complete."""
    return is_collection(folder) and read_manifest(folder).is_complete


def documents_so_far(folder: Path) -> int:
    """Return how many documents an index holds whose build was cut off."""
    if not is_collection(folder):
        return 0
    return sum(segment.n_documents for segment in read_manifest(folder).segments)


def _state_of(documents: Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of each file: cheap, and others after every change."""
    files = sorted(documents.rglob("*")) if documents.is_dir() else [documents]
    found = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:  # gone meanwhile, or a link to nothing
            continue
        if not file.is_dir():
            found.append((str(file), stat.st_size, stat.st_mtime_ns))
    return found


def _model(encoder: Encoder) -> object:
    given = getattr(encoder, "provenance", None)
    if not isinstance(given, Provenance):
        return encoder.name
    # What `Provenance.same_model` compares.
    return provenance_as_json(replace(given, versions={}, overridden={}))
