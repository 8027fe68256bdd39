"""The trained layers that turn an encoder's states into token vectors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from sentence_transformers.base.modules import Dense
from torch import nn

from colbert_explain.encoders.layout import (
    PROJECTION,
    CheckpointError,
    Layout,
    read_object,
    weight_files,
    weight_shapes,
)
from colbert_explain.encoders.weight_faults import weight_faults

#: Activations are classes of torch.nn, looked up by name there and nowhere else.
_ACTIVATION = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.(\w+)")


def load_projection(layout: Layout) -> tuple[list[Dense], list[str]]:
    """Load the projection's layers in order, with warnings about them.

    Raises
    ------
    CheckpointError
        If a weight is missing, unexpected or of another shape, or a layer's settings say
        something that is not known here.
    """
    if layout.kind == "Stanford":
        weight = _tensors(layout.folder, [PROJECTION])[PROJECTION]
        if weight.ndim != 2:
            raise CheckpointError(
                f"{PROJECTION} must have shape (dim, hidden), got {tuple(weight.shape)}"
            )
        dim, hidden = weight.shape
        module = _token_level(hidden, dim, bias=False, activation=nn.Identity(), residual=False)
        module.linear.load_state_dict({"weight": weight})
        return [module], []
    modules, warnings = [], []
    for place in layout.dense:
        config = read_object(layout.folder, f"{place}/config.json")
        activation, warning = _activation(config.get("activation_function"), place)
        warnings += warning
        module = _token_level(
            _size(config, "in_features", place),
            _size(config, "out_features", place),
            bias=config.get("bias", True) is True,
            activation=activation,
            residual=config.get("use_residual", False) is True,
        )
        _fill(module, layout.folder / place)
        modules.append(module)
    return modules, warnings


def check_sizes(modules: list[Dense], hidden: int) -> None:
    """Refuse layers that do not fit one another or the encoder's ``hidden`` numbers per token."""
    for number, module in enumerate(modules, 1):
        if module.in_features != hidden:
            raise CheckpointError(
                f"layer {number} of the projection must take the {hidden} numbers per token that "
                f"come before it, got {module.in_features}"
            )
        hidden = module.out_features


def _token_level(
    hidden: int, dim: int, *, bias: bool, activation: nn.Module, residual: bool
) -> Dense:
    return Dense(
        hidden,
        dim,
        bias=bias,
        activation_function=activation,
        module_input_name="token_embeddings",
        use_residual=residual,
    )


def _size(config: Mapping[str, Any], key: str, place: str) -> int:
    size = config.get(key)
    if type(size) is not int or size < 1:
        raise CheckpointError(
            f"{key} in {place}/config.json must be a positive whole number, got {size!r}"
        )
    return size


def _activation(name: object, place: str) -> tuple[nn.Module, list[str]]:
    if name is None:
        return nn.Tanh(), [
            f"{place}/config.json names no activation_function: it is read as Tanh, the default "
            "of sentence-transformers"
        ]
    found = _ACTIVATION.fullmatch(str(name))
    kind = getattr(nn, found.group(1), None) if found else None
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise CheckpointError(
            f"activation_function in {place}/config.json must be one of torch.nn's, got {name!r}: "
            "no code of a checkpoint is run, and another one would give other vectors"
        )
    try:
        return kind(), []
    except TypeError as error:
        raise CheckpointError(
            f"activation_function in {place}/config.json must be an activation, got {name!r}"
        ) from error


def _fill(module: Dense, folder: Path) -> None:
    found = weight_shapes(folder)
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    if faults := weight_faults(found, wanted):
        raise CheckpointError(
            f"the projection in {folder.name} must have exactly its weights: {'; '.join(faults)}"
        )
    module.load_state_dict(_tensors(folder, list(wanted)))


def _tensors(folder: Path, names: list[str]) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = {}
    for path in weight_files(folder):
        try:
            with safe_open(path, framework="pt") as file:
                present = set(file.keys())
                tensors |= {
                    # A copy, so that the file may be moved or replaced while the model lives.
                    name: file.get_tensor(name).to(torch.float32, copy=True)
                    for name in names
                    if name in present
                }
        except SafetensorError as error:
            raise CheckpointError(
                f"{path} must be a whole safetensors file, but is damaged ({error})"
            ) from error
    return tensors
