"""Lists the checkpoints on this computer: those in the hub's cache and in allowed folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colbert_explain.app.models.allowed import ModelRefused, named_choice
from colbert_explain.operator_settings import ANY, OperatorSettings

CACHED = "In the hub's cache on this computer"
FOLDERS = "In a folder on this computer"
FETCHED = "On the hub, fetched when chosen"
#: Most checkpoints in the list; the field takes any other name.
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """A checkpoint to choose: what `allowed.named_choice` takes, its label and its group."""

    key: str
    label: str
    group: str


def find_checkpoints(settings: OperatorSettings) -> list[ShelfEntry]:
    """List the folders and hub ids that may be loaded and look like late-interaction checkpoints.

    Reads folders and small files only. A large cache takes seconds: do not call it on the main
    thread.
    """
    cached = list(_cached(settings))
    known = {entry.key for entry in cached}
    fetched = [
        ShelfEntry(name, name, FETCHED)
        for name in settings.models
        if name != ANY and name not in known and _is_allowed(name, settings)
    ]
    return [*cached, *_in_folders(settings), *fetched][:MOST_LISTED]


def _cached(settings: OperatorSettings) -> Iterator[ShelfEntry]:
    if not settings.models:
        return
    from huggingface_hub import constants, scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except (CacheNotFound, OSError, ValueError):
        return
    for repository in sorted(repositories, key=lambda repository: repository.repo_id):
        if repository.repo_type != "model" or not _is_allowed(repository.repo_id, settings):
            continue
        if any(_looks_right(revision.snapshot_path) for revision in repository.revisions):
            yield ShelfEntry(repository.repo_id, repository.repo_id, CACHED)


def _in_folders(settings: OperatorSettings) -> Iterator[ShelfEntry]:
    for allowed in settings.model_folders:
        try:
            places = [allowed, *sorted(path for path in allowed.iterdir() if path.is_dir())]
        except OSError:  # not there, or not for us
            continue
        for place in places:
            if _looks_right(place) and _is_allowed(str(place), settings):
                yield ShelfEntry(str(place.resolve()), place.name, FOLDERS)


def _is_allowed(name: str, settings: OperatorSettings) -> bool:
    try:
        named_choice(name, settings)
    except ModelRefused:
        return False
    return True


def _looks_right(folder: Path) -> bool:
    """Return whether the files suggest a projection to token vectors; only loading can tell."""
    if (folder / "artifact.metadata").is_file():
        return True
    config, modules = _json(folder / "config.json"), _json(folder / "modules.json")
    architectures = config.get("architectures") if isinstance(config, dict) else None
    if isinstance(architectures, list) and "HF_ColBERT" in architectures:
        return True
    entries = modules if isinstance(modules, list) else []
    return any(
        isinstance(entry, dict) and str(entry.get("type")).endswith(".Dense") for entry in entries
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
