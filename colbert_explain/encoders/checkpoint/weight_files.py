"""Find, read and compare the weight files of a checkpoint, without running code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import CheckpointFiles, Shape, read_object
from colbert_explain.encoders.checkpoint.near_checkpoints import HEAD, pickled, pickles_of
from colbert_explain.encoders.checkpoint.schema import shown

if TYPE_CHECKING:
    import torch

WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
_LARGEST_INDEX = 32 << 20
#: How safetensors begins the names of floating-point types.
_FLOATS = ("F", "BF")


def check_weight_files(folder: Path) -> None:
    """Raise a `CheckpointError` if a folder has no weights, or only pickles, which can run code."""
    if (folder / WEIGHTS).is_file():
        return
    if (folder / SHARDS).is_file():
        shards = _shards(folder)
        absent = [name for name in shards if not (folder / name).is_file()]
        if absent or not shards:
            raise CheckpointError(
                f"{folder / SHARDS} must list files that exist, got {shown(absent)}"
            )
        return
    if pickles := pickles_of(folder):
        raise CheckpointError(pickled(folder, pickles))
    fetched = ""
    if any(parent.name == "snapshots" for parent in folder.parents):
        fetched = "; pickled weights of a hub repository are not fetched, because they can run code"
    raise CheckpointError(
        f"model must have weights, but there is no {WEIGHTS} in {folder}{fetched}"
    )


def weight_files(folder: Path) -> list[Path]:
    """List the weight files of a folder, in order."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    return [folder / name for name in _shards(folder)]


def all_weight_files(files: CheckpointFiles) -> list[Path]:
    """List every weight file that the vectors depend on, the encoder's first."""
    places = dict.fromkeys(part.place for part in (files.transformer, *files.dense))
    found = [path for place in places for path in weight_files(files.folder / place)]
    return [*found, files.folder / HEAD] if files.format == "BGE-M3" else found


def _shards(folder: Path) -> list[str]:
    """Return the files in an index, which must be safetensors files of the same folder."""
    weight_map = read_object(folder, SHARDS, most=_LARGEST_INDEX).get("weight_map", {})
    if not isinstance(weight_map, dict):
        raise CheckpointError(
            f"weight_map in {folder / SHARDS} must be a JSON object, got {shown(weight_map)}"
        )
    for name in weight_map.values():
        is_name = isinstance(name, str) and PurePosixPath(name).name == name
        if not is_name or not name.endswith(".safetensors"):
            raise CheckpointError(
                f"weight_map in {folder / SHARDS} must name safetensors files of the same folder, "
                f"got {shown(name)}"
            )
    return sorted(set(weight_map.values()))


def weight_shapes(files: Sequence[Path]) -> dict[str, Shape]:
    """Read the names and shapes in safetensors files, without the weights.

    Raises a `CheckpointError` for a weight that is not of floating-point numbers: a library would
    convert it without a word. A "bias" may be a mask, as in GPT-2.
    """
    shapes: dict[str, Shape] = {}
    for path in files:
        with _opened(path, "np") as file:
            for name in file.keys():  # noqa: SIM118 - no mapping
                found = file.get_slice(name)
                kind = str(found.get_dtype())
                if name.endswith("weight") and not kind.startswith(_FLOATS):
                    raise CheckpointError(
                        f"{name} in {path} must hold floating-point numbers, got {kind}"
                    )
                shapes[name] = tuple(found.get_shape())
    return shapes


def read_weights(
    files: Sequence[Path], names: Sequence[str], dtype: torch.dtype | None = None
) -> dict[str, Any]:
    """Read weights by name as tensors of PyTorch, by default of float32."""
    import torch

    tensors: dict[str, Any] = {}
    for path in files:
        with _opened(path, "pt") as file:
            present = set(file.keys())
            tensors |= {
                # A copy, because the file may be replaced while the model is in use.
                name: file.get_tensor(name).to(dtype or torch.float32, copy=True)
                for name in names
                if name in present
            }
    return tensors


@contextmanager
def _opened(path: Path, framework: str) -> Iterator[Any]:
    try:
        with safe_open(path, framework=framework) as file:
            yield file
    except (SafetensorError, OSError) as error:
        advice = "fetch or copy it again"
        with path.open("rb") as raw:
            if raw.read(24).startswith(b"version https://git-lfs"):
                advice = "it is a Git LFS pointer, so run git lfs pull"
        raise CheckpointError(
            f"{path} must be a complete safetensors file, but is damaged ({error}): {advice}"
        ) from error


def weight_faults(
    found: Mapping[str, Shape],
    wanted: Mapping[str, Shape],
    *,
    not_needed: Callable[[str], bool] = lambda _name: False,
) -> list[str]:
    """List in words which weights of a file are missing, unexpected or of another shape.

    Names for which ``not_needed`` is true may be in the file.
    """
    return [
        *(f"{name} is missing" for name in wanted if name not in found),
        *(f"{name} is unexpected" for name in found if name not in wanted and not not_needed(name)),
        *(
            f"{name} must have shape {wanted[name]}, got {shape}"
            for name, shape in found.items()
            if name in wanted and shape != wanted[name]
        ),
    ]
