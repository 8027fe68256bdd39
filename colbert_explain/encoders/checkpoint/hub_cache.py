"""List the late-interaction checkpoints in this computer's hub cache, without a network."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from huggingface_hub import constants, scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.formats import read_checkpoint


def cached_checkpoints(
    cache: str | Path | None = None, *, allowed: Collection[str] | None = None
) -> tuple[str, ...]:
    """List the checkpoints that `load_encoder` can read without a network.

    These are the models in the cache of the Hugging Face hub with a trained projection. Weights
    are not read, so a damaged or unsupported checkpoint may still be refused when it is loaded.

    Parameters
    ----------
    cache
        Folder of the cache; by default that of the hub's own tools.
    allowed
        Ids that may be listed, in the form of `OperatorSettings.models`: ``"*"`` allows any; by
        default any.

    Returns
    -------
    tuple of str
        Ids such as ``"colbert-ir/colbertv2.0"``, in alphabetical order.
    """
    if cache is not None:
        check.file_path("cache", cache)
    if allowed is not None:
        check.several("allowed", allowed, str)
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE if cache is None else cache).repos
    except (CacheNotFound, ValueError, OSError):
        return ()  # never used, not a folder, or not readable
    found = []
    is_any_allowed = allowed is None or "*" in allowed
    for repository in repositories:
        if not (is_any_allowed or repository.repo_id in (allowed or ())):
            continue
        # Without a network, an id means the copy that was "main" when it was fetched.
        current = [copy for copy in repository.revisions if "main" in copy.refs]
        if repository.repo_type == "model" and current and _is_read(current[0].snapshot_path):
            found.append(str(repository.repo_id))
    return tuple(sorted(found))


def fetched_bytes(model: str | Path | None) -> int:
    """Count what the hub's cache holds of a model, what is half fetched included.

    A folder and the bundled encoder are not fetched: 0.
    """
    if not isinstance(model, str):
        return 0
    folder = Path(constants.HF_HUB_CACHE) / f"models--{model.replace('/', '--')}" / "blobs"
    total = 0
    try:
        for path in folder.iterdir():
            total += path.stat().st_size
    except OSError:  # not there yet, or renamed while we look
        pass
    return total


def _is_read(folder: Path) -> bool:
    try:
        read_checkpoint(folder)
    except (CheckpointError, OSError):
        return False
    return True
