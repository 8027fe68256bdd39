"""Load the trained layers between an encoder's states and token vectors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sentence_transformers.base.modules import Dense
from torch import nn

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import CheckpointFiles, NetworkPart, Shape
from colbert_explain.encoders.checkpoint.formats import PROJECTION
from colbert_explain.encoders.checkpoint.near_checkpoints import HEAD
from colbert_explain.encoders.checkpoint.schema import shown
from colbert_explain.encoders.checkpoint.weight_files import (
    read_weights,
    weight_faults,
    weight_files,
    weight_shapes,
)

#: Activations must be classes of torch.nn.
_ACTIVATION = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.(\w+)")


def load_projection(files: CheckpointFiles) -> tuple[list[Dense], list[str]]:
    """Return the projection's layers in order, and warnings about them.

    Raises a `CheckpointError` if a weight is missing, unexpected or of another shape, or a layer
    has a setting that is not known here.
    """
    if files.format == "Stanford":
        weight = read_weights(weight_files(files.folder), [PROJECTION])[PROJECTION]
        if weight.ndim != 2:
            raise CheckpointError(
                f"{PROJECTION} must have shape (dim, hidden), got {tuple(weight.shape)}"
            )
        module = _token_level(*reversed(weight.shape), bias=False)
        module.linear.load_state_dict({"weight": weight})
        return [module], []
    if files.format == "BGE-M3":
        return [_bge_m3_head(files.folder / HEAD)], []
    modules, warnings = [], []
    for part in files.dense:
        module, warning = _dense(files.folder, part)
        modules.append(module)
        warnings += warning
    return modules, warnings


def _bge_m3_head(path: Path) -> Dense:
    shapes = weight_shapes([path])
    if set(shapes) != {"weight", "bias"} or len(shapes["weight"]) != 2:
        raise CheckpointError(
            f"{path} must hold a weight (dim, hidden) and a bias (dim,), got {shown(shapes)}"
        )
    dim, hidden = shapes["weight"]
    module = _token_level(hidden, dim, bias=True)
    if faults := weight_faults(shapes, {"weight": (dim, hidden), "bias": (dim,)}):
        raise CheckpointError(f"weight and bias in {path} must match: {'; '.join(faults)}")
    module.linear.load_state_dict(read_weights([path], ["weight", "bias"]))
    return module


def _dense(folder: Path, part: NetworkPart) -> tuple[Dense, list[str]]:
    config, place, shapes = part.config, part.place, part.shapes
    activation, warnings = _activation(config.get("activation_function"), place)
    wide, narrow = _size(part, "in_features"), _size(part, "out_features")
    # Checked before a layer of this size is built.
    _refuse_faults(
        {name: shape for name, shape in shapes.items() if name == "linear.weight"},
        {"linear.weight": (narrow, wide)},
        place,
    )
    module = _token_level(
        wide,
        narrow,
        bias=config.get("bias") is not False,
        activation=activation,
        residual=config.get("use_residual") is True,
    )
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    _refuse_faults(shapes, wanted, place)
    module.load_state_dict(read_weights(weight_files(folder / place), list(wanted)))
    return module, warnings


def _refuse_faults(found: Mapping[str, Shape], wanted: Mapping[str, Shape], place: str) -> None:
    if faults := weight_faults(found, wanted):
        raise CheckpointError(
            f"the projection in {place} must have exactly the weights that its config.json "
            f"describes: {'; '.join(faults)}"
        )


def check_sizes(modules: list[Dense], hidden: int) -> None:
    """Refuse layers that do not fit one another or the encoder's ``hidden`` numbers per token."""
    for number, module in enumerate(modules, 1):
        if module.in_features != hidden:
            raise CheckpointError(
                f"layer {number} of the projection must have input dimension {hidden}, "
                f"the output dimension of what precedes it, got {module.in_features}"
            )
        hidden = module.out_features


def _token_level(
    hidden: int,
    dim: int,
    *,
    bias: bool,
    activation: nn.Module | None = None,
    residual: bool = False,
) -> Dense:
    return Dense(
        hidden,
        dim,
        bias=bias,
        activation_function=nn.Identity() if activation is None else activation,
        module_input_name="token_embeddings",
        use_residual=residual,
    )


def _size(part: NetworkPart, key: str) -> int:
    size = part.config.get(key)
    if size is None:
        raise CheckpointError(
            f"{key} in {part.place}/config.json must be a positive whole number, got none"
        )
    return int(size)


def _activation(name: object, place: str) -> tuple[nn.Module, list[str]]:
    if name is None:
        return nn.Tanh(), [
            f"{place}/config.json names no activation_function: Tanh is used, the default of "
            "sentence-transformers"
        ]
    found = _ACTIVATION.fullmatch(str(name))
    kind = getattr(nn, found.group(1), None) if found else None
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise CheckpointError(
            f"activation_function in {place}/config.json must be one of torch.nn's, got {name!r}: "
            "code in a checkpoint is never run, and a different activation would give "
            "different vectors"
        )
    try:
        return kind(), []
    except TypeError as error:
        raise CheckpointError(
            f"activation_function in {place}/config.json must be an activation, got {name!r}"
        ) from error
