"""Token vectors out of the hidden layers of an encoder that has no projection of its own."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import torch
from sentence_transformers.base.modules.module import Module
from torch.nn.functional import normalize


class LayerMix(Module):
    """Put the unit-length states of some hidden layers side by side, scaled to unit length.

    The cosine of two such vectors is the mean of their layers' cosines: with a lower layer,
    which keeps words apart, and an upper one, which knows what they mean, a similarity says
    both. Follows a ``Transformer`` module whose config has ``output_hidden_states``.

    Parameters
    ----------
    layers
        Hidden layers, 0 being the embedding layer's output.
    """

    config_keys: list[str] = ["layers"]  # noqa: RUF012 - sentence-transformers' own convention

    def __init__(self, layers: tuple[int, ...]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # sentence-transformers is half typed
        self.layers = tuple(layers)

    def forward(self, features: MutableMapping[str, Any], **_: Any) -> Any:
        """Replace ``token_embeddings`` by the mix of ``all_layer_embeddings``."""
        states = features.pop("all_layer_embeddings")
        parts = [normalize(states[layer], p=2, dim=-1) for layer in self.layers]
        features["token_embeddings"] = normalize(torch.cat(parts, dim=-1), p=2, dim=-1)
        return features

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write the layer numbers; the module has no weights."""
        self.save_config(output_path)
