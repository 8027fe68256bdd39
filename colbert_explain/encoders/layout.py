"""Which of the formats of a ColBERT checkpoint a folder holds, and where its parts lie.

Three are in use: Stanford's (one file of weights with ``linear.weight``, ``artifact.metadata``),
PyLate's (``modules.json``, settings in ``config_sentence_transformers.json``) and
sentence-transformers' own (``modules.json`` with a ``MultiVectorMask``). Some repositories hold
two of them, some a ``modules.json`` left over from something else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

Kind = Literal["Stanford", "PyLate", "sentence-transformers"]
WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
METADATA = "artifact.metadata"
PIPELINE_CONFIG = "config_sentence_transformers.json"
PROJECTION = "linear.weight"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".dnn")
_SETTINGS = (".json", ".txt", ".model", ".metadata")
_READ = ("Transformer", "Dense", "MultiVectorMask", "Normalize")


class CheckpointError(ValueError):
    """A checkpoint that is refused: the message says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a checkpoint lie; folders are relative to ``folder``, ``""`` is itself.

    Attributes
    ----------
    kind
        The format.
    folder
        The checkpoint.
    transformer
        Folder of the encoder's configuration and weights.
    transformer_settings
        Folder of the ``sentence_bert_config.json`` that belongs to it.
    dense
        Folders of the projection's layers, in order; none in Stanford's format.
    mask
        Folder of the ``MultiVectorMask``, if there is one.
    normalized
        Whether the pipeline scales its vectors to unit length.
    warnings
        What a reader should know about the choice.
    """

    kind: Kind
    folder: Path
    transformer: str = ""
    transformer_settings: str = ""
    dense: tuple[str, ...] = ()
    mask: str | None = None
    normalized: bool = True
    warnings: tuple[str, ...] = ()


def read_json(folder: Path, name: str) -> Any:
    """Read a JSON file of a checkpoint; ``None`` where there is none.

    Raises
    ------
    CheckpointError
        If it is no JSON.
    """
    path = folder / name
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} must be a JSON file, but is damaged: {error}") from error


def read_object(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON file that holds an object; an empty one where there is no file."""
    found = read_json(folder, name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise CheckpointError(
            f"{folder / name} must hold a JSON object, got {type(found).__name__}"
        )
    return found


def find_layout(folder: Path) -> Layout:
    """Decide what a folder holds.

    A ``modules.json`` that leads from an encoder to a projection is followed, as
    sentence-transformers does; one without a projection counts for nothing beside a Stanford
    checkpoint, whose projection lies among its weights.

    Raises
    ------
    CheckpointError
        If the folder holds no checkpoint, one without a trained projection, weights in pickle
        form only, or parts that are not known.
    """
    config, modules = read_object(folder, "config.json"), read_json(folder, "modules.json")
    if not config and modules is None:
        raise CheckpointError(
            f"model must be a folder that holds a checkpoint, but {folder} has neither a "
            "config.json nor a modules.json"
        )
    parts = _parts(folder, modules)
    dense = tuple(path for name, path in parts if name == "Dense")
    has_metadata = (folder / METADATA).is_file()
    is_stanford = has_metadata or "HF_ColBERT" in (config.get("architectures") or [])
    if dense:
        layout = _of_modules(folder, parts, dense, is_stanford)
    elif is_stanford:
        warnings = []
        if modules is not None:
            warnings.append(
                "modules.json names no projection and is left aside: the checkpoint is read in "
                "Stanford's format, which holds one"
            )
        if not has_metadata:
            warnings.append(f"there is no {METADATA}: every setting is ColBERT's default")
        layout = Layout("Stanford", folder, warnings=tuple(warnings))
    else:
        raise CheckpointError(_no_projection(folder))
    for place in (layout.transformer, *layout.dense):
        check_weight_files(folder / place)
        names = weight_shapes(folder / place)
        if layout.kind == "Stanford" and PROJECTION not in names:
            raise CheckpointError(_no_projection(folder))
    return layout


def _parts(folder: Path, modules: Any) -> list[tuple[str, str]]:
    """Name and folder of each module; the classes named are matched, never imported."""
    parts = []
    for entry in modules if modules is not None else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise CheckpointError(f"{folder / 'modules.json'} must list modules with their type")
        path = entry.get("path") or ""
        if not isinstance(path, str) or not _lies_within(folder, path):
            raise CheckpointError(
                f"modules.json must name folders inside the checkpoint, got {path!r}"
            )
        package, *_, name = entry["type"].split(".")
        is_known = package in ("sentence_transformers", "pylate")
        parts.append((name if is_known else entry["type"], path))
    return parts


def _lies_within(folder: Path, path: str) -> bool:
    return (folder / path).resolve().is_relative_to(folder.resolve())


def _of_modules(
    folder: Path, parts: list[tuple[str, str]], dense: tuple[str, ...], is_stanford: bool
) -> Layout:
    names = [name for name, _ in parts]
    if unknown := [name for name in names if name not in _READ]:
        raise CheckpointError(
            f"modules.json must name {', '.join(_READ)} only, got {', '.join(unknown)}: a step "
            "that is not known here would change the vectors, and no code of a checkpoint is run"
        )
    if names[0] != "Transformer" or names.count("Transformer") > 1:
        raise CheckpointError(
            f"modules.json must begin with its only Transformer, got {', '.join(names)}"
        )
    pipeline = read_object(folder, PIPELINE_CONFIG)
    is_native = "MultiVectorMask" in names
    is_pylate = pipeline.get("model_type") == "ColBERT" or "query_prefix" in pipeline
    if not (is_native or is_pylate or is_stanford):
        raise CheckpointError(
            f"model must be a late-interaction checkpoint, but {folder.name} is a sentence "
            f"encoder: its modules are {', '.join(names)}, and its projection was trained for one "
            "vector per text, not for one per token"
        )
    path = parts[0][1]
    # sentence-transformers reads the encoder at the root whatever the path says; some old
    # repositories have it in the module's folder only.
    transformer = path if not (folder / "config.json").is_file() else ""
    warnings = []
    if is_stanford and (folder / METADATA).is_file():
        warnings.append(
            f"the repository also holds Stanford's format ({METADATA}); its modules.json is "
            "complete and decides"
        )
    return Layout(
        "sentence-transformers" if is_native else "PyLate",
        folder,
        transformer=transformer,
        transformer_settings=path,
        dense=dense,
        mask=next((path for name, path in parts if name == "MultiVectorMask"), None),
        normalized="Normalize" in names or not is_native,
        warnings=tuple(warnings),
    )


def _no_projection(folder: Path) -> str:
    return (
        f"model must hold a trained projection to token vectors, but {folder.name} has none: no "
        f"{PROJECTION} among its weights and no Dense in modules.json. It is an encoder, not a "
        "ColBERT; a random projection would explain nothing"
    )


def check_weight_files(folder: Path) -> None:
    """Make sure that weights are there in a form that holds no code.

    Raises
    ------
    CheckpointError
        If there are none, or only pickles, which run what they like when they are read.
    """
    if (folder / WEIGHTS).is_file():
        return
    if (folder / SHARDS).is_file():
        shards = set(read_object(folder, SHARDS).get("weight_map", {}).values())
        absent = [name for name in shards if not (folder / str(name)).is_file()]
        if absent or not shards:
            raise CheckpointError(f"{folder / SHARDS} must list files that are there, got {absent}")
        return
    pickles = sorted(path.name for path in folder.glob("*") if path.suffix in _PICKLES)
    if pickles:
        raise CheckpointError(
            f"weights must be in safetensors form, but {folder} has them as a pickle only "
            f"({', '.join(pickles)}), which can run code when it is read. Convert it once, where "
            "you trust it: safetensors.torch.save_file(torch.load('"
            f"{pickles[0]}', weights_only=True), '{WEIGHTS}')"
        )
    raise CheckpointError(f"model must have weights, but there is no {WEIGHTS} in {folder}")


def weight_files(folder: Path) -> list[Path]:
    """List the files that hold the weights of a folder, in order."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    names = read_object(folder, SHARDS).get("weight_map", {}).values()
    return [folder / name for name in sorted(set(names))]


def settings_files(layout: Layout) -> list[Path]:
    """List the small files beside the weights that say how a checkpoint reads, in order."""
    places = {"", layout.transformer, layout.transformer_settings, *layout.dense}
    places |= {layout.mask} if layout.mask is not None else set()
    files = (path for place in places for path in (layout.folder / place).glob("*"))
    return sorted({path for path in files if path.suffix in _SETTINGS and path.is_file()})


def weight_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Read the names and shapes of a folder's weights, without the weights.

    Raises
    ------
    CheckpointError
        If a file is damaged.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in weight_files(folder):
        try:
            with safe_open(path, framework="np") as file:
                shapes |= {
                    name: tuple(file.get_slice(name).get_shape())
                    for name in file.keys()  # noqa: SIM118 - no mapping
                }
        except (SafetensorError, OSError) as error:
            raise CheckpointError(
                f"{path} must be a whole safetensors file, but is damaged ({error}): fetch or "
                "copy it again"
            ) from error
    return shapes
