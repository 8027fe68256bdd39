"""Which models a page may load: what the operator allows, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from colbert_explain.encoders.checkpoint.permission import ModelRefused, permitted_model
from colbert_explain.operator_settings import OperatorSettings

__all__ = ["LAYERS", "ModelChoice", "ModelRefused", "bundled_choice", "named_choice"]

#: Layers of the bundled encoder that the page offers: both default layers, or a single one.
LAYERS: tuple[tuple[int, ...], ...] = ((3, 6), *((layer,) for layer in range(7)))


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that may be loaded.

    Attributes
    ----------
    key
        What the page calls it.
    model
        What `load_encoder` takes: a hub id, a folder, or None for the bundled encoder.
    layers
        Layers of the bundled encoder.
    """

    key: str
    model: str | Path | None = None
    layers: tuple[int, ...] | None = None


def bundled_choice(key: str, layers: object) -> ModelChoice:
    """Choose layers of the bundled encoder; a page may send any value.

    Raises
    ------
    ModelRefused
        If the page does not offer them.
    """
    wanted = tuple(layers) if isinstance(layers, list | tuple) else layers
    if wanted not in LAYERS or any(type(layer) is not int for layer in wanted):  # True is no layer
        offered = ", ".join(" + ".join(map(str, layers)) for layers in LAYERS)
        raise ModelRefused(f"layers must be one of {offered}, got {str(layers)[:40]}")
    return ModelChoice(key, layers=wanted)


def named_choice(text: str, settings: OperatorSettings) -> ModelChoice:
    """Choose a model by its hub id or its folder, as `permitted_model` allows.

    Raises
    ------
    ModelRefused
        If it is not allowed, or is not a name.
    """
    model = permitted_model(text, settings)
    return ModelChoice(str(model), model=model)
