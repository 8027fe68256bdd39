"""Which of the formats of a ColBERT checkpoint a folder holds, and where its parts lie.

Three are in use: Stanford's (one file of weights with ``linear.weight``, ``artifact.metadata``),
PyLate's (``modules.json``, settings in ``config_sentence_transformers.json``) and
sentence-transformers' own (``modules.json`` with a ``MultiVectorMask``). Some repositories hold
two of them, some a ``modules.json`` left over from something else. A fourth is BGE-M3's, whose
projection lies in a file of its own (``colbert_linear.safetensors``, converted from its pickle).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

# Named here, too: whoever reads a layout handles its errors.
from colbert_explain.encoders.checkpoint.error import CheckpointError as CheckpointError
from colbert_explain.encoders.checkpoint.json_files import read_json, read_object
from colbert_explain.encoders.checkpoint.near_checkpoints import (
    HEAD,
    no_projection,
    not_a_checkpoint,
    part_of_a_checkpoint,
    pickled,
    pickles_of,
)
from colbert_explain.encoders.checkpoint.schema import check, list_of, shown, text

Kind = Literal["Stanford", "PyLate", "sentence-transformers", "BGE-M3"]
WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
METADATA = "artifact.metadata"
PIPELINE_CONFIG = "config_sentence_transformers.json"
PROJECTION = "linear.weight"
_SETTINGS = (".json", ".txt", ".model", ".metadata")
_READ = ("Transformer", "Dense", "MultiVectorMask", "Normalize")
_MOST_MODULES, _LARGEST_INDEX = 32, 32 << 20
_BGE_M3_SCORE = (
    "BGE-M3 divides the sum by the number of scored query tokens; the score here is the sum, as "
    "in ColBERT: the order of documents is the same"
)


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
        Folders of the projection's layers, in order; none in Stanford's and BGE-M3's format.
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
        raise CheckpointError(not_a_checkpoint(folder))
    check(config, {"architectures": list_of(text(200), 100, "a list of names")}, "config.json")
    parts = _parts(folder, modules)
    names = [name for name, _ in parts]
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
    elif (folder / HEAD).is_file():
        layout = Layout("BGE-M3", folder, warnings=(_BGE_M3_SCORE,))
    else:
        _refuse_linear_weight_of_unknown_use(folder)
        raise CheckpointError(no_projection(folder, config, names))
    for place in (layout.transformer, *layout.dense):
        check_weight_files(folder / place)
        weights = weight_shapes(folder / place)
        if layout.kind == "Stanford" and PROJECTION not in weights:
            raise CheckpointError(no_projection(folder, config, names))
    return layout


def _refuse_linear_weight_of_unknown_use(folder: Path) -> None:
    if not (folder / WEIGHTS).is_file() or part_of_a_checkpoint(folder):
        return
    if PROJECTION in weight_shapes(folder):
        raise CheckpointError(
            f"model must say that it is a ColBERT, but {folder.name} has {PROJECTION} among its "
            f"weights and neither {METADATA} nor the architecture HF_ColBERT in config.json: if it "
            f"is one, copy its {METADATA} into the folder"
        )


def _parts(folder: Path, modules: Any) -> list[tuple[str, str]]:
    """Name and folder of each module; the classes named are matched, never imported."""
    if modules is None:
        return []
    if not isinstance(modules, list) or not 1 <= len(modules) <= _MOST_MODULES:
        raise CheckpointError(
            f"{folder / 'modules.json'} must list 1 to {_MOST_MODULES} modules, got "
            f"{shown(modules)}"
        )
    parts = []
    for entry in modules:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise CheckpointError(
                f"{folder / 'modules.json'} must list modules with their type, got {shown(entry)}"
            )
        check(entry, {"type": text(200), "path": text(200)}, "modules.json")
        path = entry.get("path") or ""
        if not _lies_within(folder, path):
            raise CheckpointError(
                f"modules.json must name folders inside the checkpoint, got {path!r}"
            )
        steps = entry["type"].split(".")
        is_known = steps[0] in ("sentence_transformers", "pylate")
        parts.append((steps[-1] if is_known else entry["type"], path))
    return parts


def _lies_within(folder: Path, path: str) -> bool:
    if "\0" in path:
        return False
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
        shards = _shards(folder)
        absent = [name for name in shards if not (folder / name).is_file()]
        if absent or not shards:
            raise CheckpointError(
                f"{folder / SHARDS} must list files that are there, got {shown(absent)}"
            )
        return
    if pickles := pickles_of(folder):
        raise CheckpointError(pickled(folder, pickles))
    fetched = ""
    if any(parent.name == "snapshots" for parent in folder.parents):
        fetched = "; pickled weights of a hub repository are not fetched, for they can run code"
    raise CheckpointError(
        f"model must have weights, but there is no {WEIGHTS} in {folder}{fetched}"
    )


def weight_files(folder: Path) -> list[Path]:
    """List the files that hold the weights of a folder, in order."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    return [folder / name for name in _shards(folder)]


def _shards(folder: Path) -> list[str]:
    """Names of the files that an index lists: safetensors in the same folder, nothing else."""
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


def all_weight_files(layout: Layout) -> list[Path]:
    """List every file of weights that the vectors depend on, the encoder's first."""
    places = dict.fromkeys((layout.transformer, *layout.dense))
    files = [path for place in places for path in weight_files(layout.folder / place)]
    return [*files, layout.folder / HEAD] if layout.kind == "BGE-M3" else files


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
        shapes |= shapes_in(path)
    return shapes


def shapes_in(path: Path) -> dict[str, tuple[int, ...]]:
    """Read the names and shapes in one safetensors file.

    Raises
    ------
    CheckpointError
        If it is damaged.
    """
    try:
        with safe_open(path, framework="np") as file:
            return {
                name: tuple(file.get_slice(name).get_shape())
                for name in file.keys()  # noqa: SIM118 - no mapping
            }
    except (SafetensorError, OSError) as error:
        advice = "fetch or copy it again"
        with path.open("rb") as file:
            if file.read(24).startswith(b"version https://git-lfs"):
                advice = "it is a pointer of Git LFS, so run git lfs pull"
        raise CheckpointError(
            f"{path} must be a whole safetensors file, but is damaged ({error}): {advice}"
        ) from error
