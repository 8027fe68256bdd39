"""Which late-interaction checkpoints lie in this computer's hub cache; asks no network."""

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

    Looks at every model in the cache of the Hugging Face hub and keeps the late-interaction
    checkpoints, whose files hold a trained projection. No weights are read: one that is damaged
    inside, or needs what is not known here, is still refused when it is loaded.

    Parameters
    ----------
    cache
        Folder of the cache; by default the one that the hub's own tools use.
    allowed
        Ids that may be listed, ``"*"`` among them for any, as `OperatorSettings.models` holds
        them; by default any.

    Returns
    -------
    tuple of str
        Ids such as ``"colbert-ir/colbertv2.0"``, in alphabetical order; empty if there are none
        or there is no cache.
    """
    if cache is not None:
        check.file_path("cache", cache)
    if allowed is not None:
        check.several("allowed", allowed, str)
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE if cache is None else cache).repos
    except (CacheNotFound, ValueError, OSError):
        return ()  # never used, a file in its place, or not to be read
    found = []
    is_any_allowed = allowed is None or "*" in allowed
    for repository in repositories:
        if not (is_any_allowed or repository.repo_id in (allowed or ())):
            continue
        # Without a network a name stands for the copy that "main" pointed to when it was fetched.
        current = [copy for copy in repository.revisions if "main" in copy.refs]
        if repository.repo_type == "model" and current and _is_read(current[0].snapshot_path):
            found.append(str(repository.repo_id))
    return tuple(sorted(found))


def _is_read(folder: Path) -> bool:
    try:
        read_checkpoint(folder)
    except (CheckpointError, OSError):
        return False
    return True
