"""Small checkpoints of every layout and family, made on the spot; random, and no download."""

from __future__ import annotations

from tests.tiny_checkpoints.damage import (
    auto_map_to_local_module,
    drop_projection,
    drop_weight,
    hostile_pickle,
    pickle_only,
    rename_weight,
    reshape_weight,
    shard_weights,
    truncate_weights,
)
from tests.tiny_checkpoints.derived import both_layouts, stale_modules_json, without_modules_json
from tests.tiny_checkpoints.random_weights import HIDDEN
from tests.tiny_checkpoints.reference import (
    TEXTS,
    TYPED_SPECIALS,
    expansion_rows,
    reference_rows,
)
from tests.tiny_checkpoints.writing import FAMILIES, FORMATS, make_checkpoint

__all__ = [
    "FAMILIES",
    "FORMATS",
    "HIDDEN",
    "TEXTS",
    "TYPED_SPECIALS",
    "auto_map_to_local_module",
    "both_layouts",
    "drop_projection",
    "drop_weight",
    "expansion_rows",
    "hostile_pickle",
    "make_checkpoint",
    "pickle_only",
    "reference_rows",
    "rename_weight",
    "reshape_weight",
    "shard_weights",
    "stale_modules_json",
    "truncate_weights",
    "without_modules_json",
]
