"""Error messages for folders without a late-interaction checkpoint: what they hold, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import PIPELINE_CONFIG, read_object

#: BGE-M3's projection, as its authors save it and as this package reads it.
PICKLED_HEAD, HEAD = "colbert_linear.pt", "colbert_linear.safetensors"
#: BGE-M3's weights for words, which are not used here.
_BGE_M3_SPARSE = ("sparse_linear.pt",)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".dnn")
#: Files of a training run beside the weights.
_OF_TRAINING = re.compile(r"optimizer|scheduler|rng_state|training_args|scaler|trainer_state")
_OF_AN_INDEX = ("*.codes.pt", "*.codes.npy", "centroids.*", "ivf.pid.pt", "ivf.npy", "plan.json")
_FOREIGN = {".gguf": "llama.cpp's", ".onnx": "ONNX", ".h5": "TensorFlow's", ".msgpack": "Flax's"}
#: One of several files that hold the weights together.
_PART = re.compile(r"(.+)-\d{5}-of-\d{5}(\.\w+)")
_NUMBERED = re.compile(r"(?:.*-)?(\d+)")
_NAMED, _LOOKED_AT, _DEEPEST = 5, 2000, 3


def pickles_of(folder: Path) -> list[str]:
    """List the files of a folder that hold weights only as a pickle; none is opened.

    Weights that are not used, or that were converted, are left out.
    """
    names = {path.name for path in folder.glob("*") if path.suffix in _PICKLES}
    names -= {*_BGE_M3_SPARSE, *([PICKLED_HEAD] if (folder / HEAD).is_file() else [])}
    return sorted(name for name in names if not _OF_TRAINING.match(name))


def pickled(folder: Path, names: Sequence[str]) -> str:
    """Return a sentence about weights in pickles only, with the command that converts them.

    No file is the target of two: of several that may each be all weights, one is converted.
    """
    weights = [name for name in names if name != PICKLED_HEAD]
    parts = [name for name in weights if _PART.fullmatch(name)]
    conversions = []
    if PICKLED_HEAD in names:
        conversions.append((_read_whole(PICKLED_HEAD), HEAD))
    if parts:
        pattern = _PART.sub(r"\1-*\2", parts[0])
        read = (
            f"{{k: v for f in glob.glob('{pattern}') "
            "for k, v in torch.load(f, weights_only=True).items()}"
        )
        conversions.append((read, "model.safetensors"))
    elif weights:
        usual = "pytorch_model.bin"
        whole = usual if usual in weights else weights[0]
        conversions.append((_read_whole(whole), "model.safetensors"))
    code = "; ".join(f"save_file({read}, '{target}')" for read, target in conversions)
    return (
        f"weights must be in safetensors format, but {folder} has them as a pickle only "
        f"({_some(names)}), which can run code when it is read. If you trust it, convert it once "
        f'in that folder: python -c "import {"glob, " if parts else ""}torch; '
        f'from safetensors.torch import save_file; {code}"'
    )


def _read_whole(name: str) -> str:
    return f"torch.load('{name}', weights_only=True)"


def not_a_checkpoint(folder: Path) -> str:
    """Describe a folder without ``config.json`` and ``modules.json``, and say what to do."""
    start = f"model must be a folder that holds a checkpoint, but {folder}"
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        return f"{start} cannot be opened: {error.strerror or error}"
    if not names:
        return f"{start} is empty"
    start += " has neither a config.json nor a modules.json"
    if below := list(_checkpoints_below(folder)):
        below.sort(key=_by_number)
        training = any(path.name.startswith("checkpoint-") for path in below)
        which = f"the last of the training run, {below[-1]}" if training else str(below[0])
        listed = _some([str(path.relative_to(folder)) for path in below])
        one = f"it contains {below[0]}: name that folder"
        many = f"it contains {len(below)} checkpoints ({listed}): name one of them, such as {which}"
        return f"{start}; {one if len(below) == 1 else many}"
    if part := part_of_a_checkpoint(folder):
        return f"{start}; {part}"
    if "adapter_config.json" in names:
        return (
            f"{start}; it is an adapter for another model (adapter_config.json): merge the two and "
            "save them as one"
        )
    if any(next(folder.glob(pattern), None) for pattern in _OF_AN_INDEX):
        return f"{start}; it looks like an index of documents: name the model that made it"
    if PICKLED_HEAD in names or HEAD in names:
        pickles = pickles_of(folder)
        return (
            f"{start}; it looks like BGE-M3 ({PICKLED_HEAD if PICKLED_HEAD in names else HEAD}): "
            "copy the model's config.json and tokenizer files beside it"
            + (f". And {pickled(folder, pickles)}" if pickles else "")
        )
    if found := pickles_of(folder):
        return (
            f"{start}; it holds pickled weights only ({_some(found)}), which are never opened: "
            "add the model's config.json and tokenizer files, and its weights as model.safetensors"
        )
    for suffix, whose in _FOREIGN.items():
        if any(name.endswith(suffix) for name in names):
            return (
                f"{start}; its weights are in {whose} format: name a folder with the original "
                "checkpoint (config.json, tokenizer.json, model.safetensors)"
            )
    if any(name.endswith(".safetensors") for name in names):
        return (
            f"{start}, though it holds weights: copy the config.json and the tokenizer files of "
            "the model beside them"
        )
    return f"{start}; it holds {_some(names)}"


def part_of_a_checkpoint(folder: Path) -> str:
    """Return a sentence if a folder is part of the checkpoint around it; else an empty text."""
    around = folder.parent
    if not any((around / name).is_file() for name in ("modules.json", "artifact.metadata")):
        return ""
    return f"it is part of a checkpoint: name {around}"


def no_late_interaction(folder: Path, modules: Sequence[str], types: Sequence[str]) -> str:
    """Describe a projection that no file says to be one for tokens; ``types`` are in full."""
    of_pylate = [name for name in types if name.startswith("pylate.")]
    if of_pylate and not (folder / PIPELINE_CONFIG).is_file():
        return (
            f"model must have a {PIPELINE_CONFIG}, which holds its markers and lengths, but there "
            f"is none in {folder}. It is a PyLate checkpoint, as modules.json names "
            f"{of_pylate[0]}: copy the file into the folder"
        )
    return (
        f"model must be a late-interaction checkpoint, but {folder.name} is a sentence "
        f"encoder: its modules are {', '.join(modules)}, and its projection was trained for one "
        "vector per text, not for one per token"
    )


def no_projection(folder: Path, config: Mapping[str, Any], modules: Sequence[str]) -> str:
    """Describe an encoder without a projection to token vectors, and say what to do."""
    start = (
        f"model must hold a trained projection to token vectors, but {folder.name} has none: no "
        "linear.weight among its weights and no Dense in modules.json"
    )
    if (folder / PICKLED_HEAD).is_file():
        has_weights = any(
            next(folder.glob(name), None)
            for name in ("*.safetensors", "model.safetensors.index.json")
        )
        main = [] if has_weights else [n for n in pickles_of(folder) if "_model" in n]
        return (
            f"{folder.name} is laid out like BGE-M3, whose projection is a pickle "
            f"({PICKLED_HEAD}): {pickled(folder, [PICKLED_HEAD, *main])}. Then name the folder "
            f"again: {HEAD} is read from the folder of config.json"
        )
    if part := part_of_a_checkpoint(folder):
        return f"{start}; {part}"
    names = config.get("architectures")
    architectures = [str(n) for n in names] if isinstance(names, list) else []
    dense = sorted(path.parent.name for path in folder.glob("*_Dense/config.json"))
    if dense and not (folder / "modules.json").is_file():
        kind = (
            f"It has the folder {dense[0]}, but no modules.json that names it: copy the "
            "checkpoint's modules.json and config_sentence_transformers.json beside it"
        )
    elif any(name.endswith("ForSequenceClassification") for name in architectures):
        kind = (
            "It is a cross-encoder, a reranker that reads query and document as one text, without "
            "token vectors to compare"
        )
    elif any("Splade" in name for name in modules):
        kind = "It is a sparse encoder (SPLADE), not a ColBERT"
    elif "Pooling" in modules:
        kind = (
            "It is a sentence encoder: its Pooling reduces a whole text to one vector. Name a "
            "ColBERT, or leave model out for the bundled encoder"
        )
    else:
        kind = "It is an encoder, not a ColBERT; a random projection would explain nothing"
    if folder.parent.name == "snapshots":  # of the hub's cache
        kind += (
            ". If the repository holds its projection as a pickle, as BGE-M3 does "
            f"({PICKLED_HEAD}), it was not fetched: fetch the whole repository into a folder with "
            "`hf download NAME --local-dir FOLDER`, and name that folder"
        )
    return f"{start}. {kind}"


def _checkpoints_below(folder: Path) -> Iterator[Path]:
    """Find checkpoints a few levels down, but not inside each other."""
    level, looked_at = [folder], 0
    for _ in range(_DEEPEST):
        inner = [path for place in level for path in _folders(place)]
        looked_at += len(inner)
        if looked_at > _LOOKED_AT:
            return
        level = []
        for path in inner:
            if _is_checkpoint(path):
                yield path
            else:
                level.append(path)


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir())
    except OSError:
        return []


def _is_checkpoint(folder: Path) -> bool:
    if (folder / "modules.json").is_file() or (folder / "artifact.metadata").is_file():
        return True
    try:
        config = read_object(folder, "config.json")
    except CheckpointError:
        return False
    return "model_type" in config or "architectures" in config


def _by_number(path: Path) -> tuple[str, int, str]:
    """Order checkpoint-500 before checkpoint-1000."""
    found = _NUMBERED.fullmatch(path.name)
    return str(path.parent), int(found.group(1)) if found else 0, path.name


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_NAMED])
    return listed if len(names) <= _NAMED else f"{listed} and {len(names) - _NAMED} more"
