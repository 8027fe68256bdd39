"""Folders that say two things about themselves, as some published checkpoints do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer

from tests.tiny_checkpoints.writing import (
    Settings,
    make_checkpoint,
    write_json,
    write_modules,
    write_pylate_parts,
)


def both_layouts(folder: Path, family: str = "wordpiece", **settings: Any) -> Path:
    """Write a Stanford checkpoint, and the same model as PyLate saves it beside, in one folder.

    Both layouts hold the same weights and say the same, each in its own words.
    """
    make_checkpoint(folder, "stanford", family, **settings)
    metadata = json.loads((folder / "artifact.metadata").read_text(encoding="utf-8"))
    markers = (metadata["query_token_id"], metadata["doc_token_id"])
    inner = folder / "0_Transformer"
    AutoModel.from_pretrained(folder).save_pretrained(inner)
    AutoTokenizer.from_pretrained(folder).save_pretrained(inner)
    write_pylate_parts(folder, Settings(**settings), markers, "0_Transformer")
    projection = load_file(folder / "model.safetensors")["linear.weight"]
    save_file({"linear.weight": projection}, folder / "1_Dense" / "model.safetensors")
    return folder


def stale_modules_json(folder: Path, family: str = "wordpiece", **settings: Any) -> Path:
    """Write a Stanford checkpoint whose ``modules.json`` knows of the encoder alone."""
    make_checkpoint(folder, "stanford", family, **settings)
    write_modules(folder, [("", "sentence_transformers.models.Transformer")])
    write_json(
        folder / "sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False}
    )
    return folder


def without_modules_json(folder: Path, copy: Path) -> Path:
    """Copy a checkpoint without its ``modules.json``."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("modules.json"))
    return copy
