"""Which late-interaction checkpoints lie in this computer's hub cache; asks no network."""

from __future__ import annotations

import os
from pathlib import Path

from huggingface_hub import constants, scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.formats import read_checkpoint
from colbert_explain.operator_settings import ANY, OperatorSettings


def cached_checkpoints(
    cache: str | Path | None = None, *, settings: OperatorSettings | None = None
) -> tuple[str, ...]:
    """List the checkpoints that `load_encoder` can read without a network.

    Looks at every model in the cache of the Hugging Face hub and keeps the late-interaction
    checkpoints, whose files hold a trained projection. No weights are read: one that is damaged
    inside, or needs what is not known here, is still refused when it is loaded.

    In a dashboard that is served for others, only what its operator allows is listed
    (``COLBERT_EXPLAIN_MODELS``).

    Parameters
    ----------
    cache
        Folder of the cache; by default the one that the hub's own tools use.
    settings
        What the operator of a dashboard allows; by default what the environment says.

    Returns
    -------
    tuple of str
        Ids such as ``"colbert-ir/colbertv2.0"``, in alphabetical order; empty if there are none
        or there is no cache.
    """
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE if cache is None else cache).repos
    except (CacheNotFound, ValueError, OSError):
        return ()  # never used, a file in its place, or not to be read
    found = []
    for repository in repositories:
        # Without a network a name stands for the copy that "main" pointed to when it was fetched.
        current = [copy for copy in repository.revisions if "main" in copy.refs]
        if repository.repo_type == "model" and current and _is_read(current[0].snapshot_path):
            found.append(str(repository.repo_id))
    return tuple(sorted(name for name in found if _is_allowed(name, settings)))


def _is_allowed(name: str, settings: OperatorSettings | None) -> bool:
    # Voilà tells its kernels so; what somebody runs in a notebook of their own is theirs to choose.
    if settings is None and not os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return True
    models = (OperatorSettings.from_environment() if settings is None else settings).models
    return ANY in models or name in models


def _is_read(folder: Path) -> bool:
    try:
        read_checkpoint(folder)
    except (CheckpointError, OSError):
        return False
    return True
