"""Checkpoints damaged or made dangerous, in place; each function returns its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file, save_file

from tests.tiny_checkpoints.writing import write_json

WEIGHTS = "model.safetensors"


def rename_weight(folder: Path, old: str, new: str, file: str = WEIGHTS) -> Path:
    """Give a tensor another name, so that one is missing and one is unexpected."""
    return _rewrite(folder, file, lambda weights: weights | {new: weights.pop(old)})


def drop_weight(folder: Path, name: str, file: str = WEIGHTS) -> Path:
    """Take a tensor out."""

    def drop(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        del weights[name]
        return weights

    return _rewrite(folder, file, drop)


def reshape_weight(folder: Path, name: str, file: str = WEIGHTS) -> Path:
    """Give a tensor one row more than the configuration says."""

    def extend(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return weights | {name: torch.cat([weights[name], weights[name][:1]])}

    return _rewrite(folder, file, extend)


def drop_projection(folder: Path) -> Path:
    """Take every projection out: the tensor of Stanford's layout, the modules of the others'."""
    if (folder / WEIGHTS).exists() and "linear.weight" in load_file(folder / WEIGHTS):
        drop_weight(folder, "linear.weight")
    if (folder / "modules.json").exists():
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kept = [module for module in modules if not module["type"].endswith(".Dense")]
        write_json(folder / "modules.json", kept)
    return folder


def pickle_only(folder: Path) -> Path:
    """Turn every safetensors file into a pickle with the same tensors."""
    for file in list(folder.rglob(WEIGHTS)):
        torch.save(load_file(file), file.with_name("pytorch_model.bin"))
        file.unlink()
    return folder


def truncate_weights(folder: Path, file: str = WEIGHTS) -> Path:
    """Cut a weight file off in the middle, as a broken download leaves it."""
    path = folder / file
    os.truncate(path, path.stat().st_size // 2)
    return folder


def hostile_pickle(folder: Path, created: Path) -> Path:
    """Leave pickled weights alone, which create the file ``created`` where they are unpickled."""
    weights: dict[str, Any] = {**load_file(folder / WEIGHTS)}
    torch.save(weights | {"extra": _Creates(created)}, folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()
    return folder


def auto_map_to_local_module(folder: Path, created: Path) -> Path:
    """Name a module of the folder for the model's code; importing it creates ``created``."""
    code = f"from pathlib import Path\n\nPath({str(created)!r}).touch()\n"
    (folder / "hostile_code.py").write_text(code, encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {
        "AutoConfig": "hostile_code.HostileConfig",
        "AutoModel": "hostile_code.HostileModel",
    }
    write_json(folder / "config.json", config)
    return folder


def shard_weights(folder: Path, max_shard_size: str = "60KB") -> Path:
    """Split the encoder's weights into files with an index, as transformers does."""
    weights = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    save_torch_state_dict(weights, folder, max_shard_size=max_shard_size, metadata={"format": "pt"})
    return folder


class _Creates:
    def __init__(self, created: Path) -> None:
        self.created = created

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        return open, (str(self.created), "w")


def _rewrite(
    folder: Path, file: str, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
) -> Path:
    # Copies: the tensors are views of the file that is about to be written.
    weights = {name: weight.clone() for name, weight in load_file(folder / file).items()}
    save_file(change(weights), folder / file, metadata={"format": "pt"})
    return folder
