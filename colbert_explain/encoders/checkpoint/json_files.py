"""Read the JSON files of a checkpoint: never larger, deeper or of another kind than they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.schema import shown

#: Bytes; the largest settings file of a published checkpoint has some hundred kilobytes, the
#: largest tokenizer.json (256,000 entries) 34 megabytes.
LARGEST_SETTINGS, LARGEST_VOCABULARY = 4 << 20, 96 << 20
_DEEPEST = 64


def check_file_size(path: Path, most: int = LARGEST_VOCABULARY) -> None:
    """Refuse a file of a size that no checkpoint needs, before it is read."""
    size = path.stat().st_size
    if size > most:
        raise CheckpointError(
            f"{path} must have at most {most >> 20} megabytes, got {size:,} bytes: it is no file "
            "of a checkpoint"
        )


def read_json(folder: Path, name: str, *, most: int = LARGEST_SETTINGS) -> Any:
    """Read a JSON file of a checkpoint; ``None`` where there is none.

    Raises
    ------
    CheckpointError
        If it is no JSON, is larger than ``most`` bytes, nested too deeply, or cannot be read.
    """
    path = folder / name
    try:
        if not path.is_file():
            return None
        check_file_size(path, most)
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"{path} must be a JSON file, but is damaged: {error}") from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    if content.startswith("version https://git-lfs"):
        raise CheckpointError(f"{path} is a pointer of Git LFS, not the file: run git lfs pull")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} must be a JSON file, but is damaged: {error}") from error
    _check_depth(found, path)
    return found


def read_object(folder: Path, name: str, *, most: int = LARGEST_SETTINGS) -> dict[str, Any]:
    """Read a JSON file that holds an object; an empty one where there is no file."""
    found = read_json(folder, name, most=most)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise CheckpointError(
            f"{folder / name} must hold a JSON object, got {type(found).__name__} {shown(found)}"
        )
    return found


def _check_depth(content: Any, path: Path) -> None:
    level, depth = [content], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise CheckpointError(f"{path} must be nested at most {_DEEPEST} deep")
        containers = [each for each in level if isinstance(each, (dict, list))]
        level = [
            inner
            for each in containers
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
