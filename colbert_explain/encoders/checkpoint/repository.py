"""Find a checkpoint's folder on this computer or in the hub's cache, or fetch it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.schema import shown
from colbert_explain.encoders.progress import quiet_download

#: What is fetched: settings, tokenisers and weights; never code, never pickles.
FETCHED = ["*.json", "*.safetensors", "*.txt", "*.model", "artifact.metadata"]
LEFT_ASIDE = ["onnx/*", "openvino/*", "checkpoint-*", "runs/*"]
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*|\w[\w-]*")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".zst")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkpoint on this computer; a local folder has no ``revision``, a commit of the hub."""

    name: str
    folder: Path
    revision: str | None = None


def find_repository(model: str | Path, revision: str | None = None) -> Repository:
    """Find a local folder or a repository in the hub's cache, or fetch it with a progress bar.

    Raises a `CheckpointError` if there is no such folder or repository, or it cannot be fetched.
    """
    if not str(model).strip():
        raise CheckpointError(
            f"model must be a folder or the id of a hub repository, got {str(model)!r}: leave it "
            "out for the bundled encoder"
        )
    path = _path_of(model)
    if path.is_dir():
        if revision is not None:
            raise CheckpointError(
                f"revision must be left out for a folder, got {revision!r} for {path}"
            )
        return Repository(path.resolve().name, path.resolve())
    name = str(model)
    if isinstance(model, Path) or path.exists() or not _HUB_ID.fullmatch(name):
        raise CheckpointError(
            f"model must be a folder or the id of a hub repository such as "
            f"jinaai/jina-colbert-v1-en, got {shown(name)}, which is {_what_is_at(path)}"
        )
    try:
        with quiet_download(name):
            folder = Path(
                snapshot_download(
                    name, revision=revision, allow_patterns=FETCHED, ignore_patterns=LEFT_ASIDE
                )
            )
    except GatedRepoError as error:
        raise CheckpointError(
            f"model {name!r} asks its users to accept terms: do so on its page on the hub, then "
            "log in with `hf auth login`"
        ) from error
    except RevisionNotFoundError as error:
        raise CheckpointError(f"model {name!r} has no revision {revision!r}") from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"model must be a folder or the id of a hub repository, but there is neither a "
            f"folder nor a repository {name!r} (or it is private: log in with `hf auth login`)"
        ) from error
    except HFValidationError as error:
        raise CheckpointError(f"model must be a hub id, got {name!r}: {error}") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise CheckpointError(
            f"model {name!r} is neither a folder nor in the cache of this computer, and the hub "
            "cannot be reached: connect once to fetch it, or name a folder that holds it"
        ) from error
    return Repository(name, folder, folder.name if _COMMIT.fullmatch(folder.name) else None)


def _path_of(model: str | Path) -> Path:
    """Return the path that a user named, if it can be a path."""
    try:
        path = Path(model).expanduser()
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL in it, an unknown ~user
        raise CheckpointError(
            f"model must be a folder or the id of a hub repository, got {shown(str(model))}: "
            f"{getattr(error, 'strerror', None) or error}"
        ) from error
    return path


def _what_is_at(path: Path) -> str:
    if not path.exists():
        return "not there"
    if path.suffix in _ARCHIVES:
        return "a file: unpack it, and name the folder"
    return f"a file: name the folder of the checkpoint, {path.parent.resolve()}"


def digest(files: Iterable[Path]) -> str:
    """Return the sha256 of the contents of files, one after the other."""
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()
