"""The contents of a checkpoint's JSON files, each read and checked once.

A file that is larger or nested deeper than in any published checkpoint is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.schema import shown

Format = Literal["Stanford", "PyLate", "sentence-transformers", "BGE-M3"]
#: The shape of a weight, from the header of its file.
Shape = tuple[int, ...]
METADATA = "artifact.metadata"
PIPELINE_CONFIG = "config_sentence_transformers.json"
ENCODER_CONFIG = "sentence_bert_config.json"
#: Bytes; the largest settings file of a published checkpoint has some hundred kilobytes, the
#: largest tokenizer.json (256,000 entries) 34 megabytes.
LARGEST_SETTINGS, LARGEST_VOCABULARY = 4 << 20, 96 << 20
_DEEPEST = 64
_SETTINGS = (".json", ".txt", ".model", ".metadata")


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """A folder with weights, relative to the checkpoint's, its ``config.json`` and its weights."""

    place: str
    config: Mapping[str, Any]
    shapes: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class CheckpointFiles:
    """The parts of a checkpoint and the contents of its JSON files.

    Attributes
    ----------
    format
        The format in which it was saved.
    folder
        The checkpoint.
    transformer
        The encoder.
    dense
        The layers of the projection, in order; none in Stanford's and BGE-M3's format.
    metadata
        Content of ``artifact.metadata``, as one object even if it is nested.
    pipeline
        Content of ``config_sentence_transformers.json``.
    encoder_place, encoder
        Folder, relative to the checkpoint's, and content of the ``sentence_bert_config.json``.
    mask_place, mask
        Folder of the ``MultiVectorMask``, ``None`` without one, and content of its
        ``config.json``.
    normalized
        Whether the pipeline scales its vectors to unit length.
    warnings
        Sentences about the choice of the format.
    """

    format: Format
    folder: Path
    transformer: NetworkPart
    dense: tuple[NetworkPart, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    encoder_place: str = ""
    encoder: Mapping[str, Any] = field(default_factory=dict)
    mask_place: str | None = None
    mask: Mapping[str, Any] = field(default_factory=dict)
    normalized: bool = True
    warnings: tuple[str, ...] = ()

    def settings_files(self) -> list[Path]:
        """List the small files beside the weights that texts' vectors depend on, in order."""
        parts = (self.transformer, *self.dense)
        places = {"", self.encoder_place, self.mask_place or "", *(part.place for part in parts)}
        files = (path for place in places for path in (self.folder / place).glob("*"))
        return sorted({path for path in files if path.suffix in _SETTINGS and path.is_file()})


def check_file_size(path: Path, most: int = LARGEST_VOCABULARY) -> None:
    """Refuse a file, before it is read, that is larger than any checkpoint needs."""
    size = path.stat().st_size
    if size > most:
        raise CheckpointError(
            f"{path} must be at most {most >> 20} megabytes, got {size:,} bytes: it is not "
            "a checkpoint file"
        )


def read_json(folder: Path, name: str, *, most: int = LARGEST_SETTINGS) -> Any:
    """Read a JSON file of a checkpoint; ``None`` if it does not exist.

    Raises a `CheckpointError` if it is not JSON, larger than ``most`` bytes, nested too deeply, or
    cannot be read.
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
        raise CheckpointError(f"{path} is a Git LFS pointer, not the file itself: run git lfs pull")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} must be a JSON file, but is damaged: {error}") from error
    _check_depth(found, path)
    return found


def read_object(folder: Path, name: str, *, most: int = LARGEST_SETTINGS) -> dict[str, Any]:
    """Read a JSON file that holds an object; an empty one if the file does not exist."""
    found = read_json(folder, name, most=most)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise CheckpointError(
            f"{folder / name} must hold a JSON object, got {type(found).__name__} {shown(found)}"
        )
    return found


def _check_depth(content: Any, path: Path) -> None:
    level = [content]
    for _ in range(_DEEPEST):
        containers = (each for each in level if isinstance(each, (dict, list)))
        level = [
            inner
            for each in containers
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    if any(isinstance(each, (dict, list)) for each in level):
        raise CheckpointError(f"{path} must be nested at most {_DEEPEST} levels deep")
