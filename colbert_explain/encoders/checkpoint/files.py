"""What a checkpoint's JSON files say: each is read and checked once, and handed on.

A file is never larger, deeper or of another kind than it is in a published checkpoint.
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
#: Of a weight, as the header of its file says.
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
    """A folder of a checkpoint that holds weights.

    Attributes
    ----------
    place
        The folder, relative to the checkpoint's; ``""`` is the checkpoint's own.
    config
        What its ``config.json`` says.
    shapes
        Names and shapes of its weights, as their files say.
    """

    place: str
    config: Mapping[str, Any]
    shapes: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class CheckpointFiles:
    """Where the parts of a checkpoint lie and what its JSON files say.

    Attributes
    ----------
    format
        In which of the known forms it was saved.
    folder
        The checkpoint.
    transformer
        The encoder.
    dense
        The layers of the projection, in order; none in Stanford's and BGE-M3's format.
    metadata
        What ``artifact.metadata`` says, one object even where it is nested.
    pipeline
        What ``config_sentence_transformers.json`` says.
    encoder_place, encoder
        Folder of the ``sentence_bert_config.json``, relative to the checkpoint's, and what the
        file says.
    mask_place, mask
        Folder of the ``MultiVectorMask`` and what its ``config.json`` says; ``None`` without one.
    normalized
        Whether the pipeline scales its vectors to unit length.
    warnings
        What a reader should know about the choice of the format.
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
        """List the small files beside the weights that say how a checkpoint reads, in order."""
        parts = (self.transformer, *self.dense)
        places = {"", self.encoder_place, self.mask_place or "", *(part.place for part in parts)}
        files = (path for place in places for path in (self.folder / place).glob("*"))
        return sorted({path for path in files if path.suffix in _SETTINGS and path.is_file()})


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
