"""Settings in the ``config.json`` of a JinaBERT, and how to recognise one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class JinaBertConfig:
    """The settings in a ``config.json`` that the numbers depend on, with the file's names."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    type_vocab_size: int
    layer_norm_eps: float
    feed_forward_type: str

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> JinaBertConfig:
        """Check the settings; others, such as ``hidden_act``, have no effect here.

        Raises a `ValueError` if a setting is missing or not supported.
        """
        settings: dict[str, Any] = {field.name: config.get(field.name) for field in fields(cls)}
        for key, value in settings.items():
            if key == "feed_forward_type":
                _require(value in ("geglu", "reglu"), key, "'geglu' or 'reglu'", value)
            elif key == "layer_norm_eps":
                valid = type(value) is float and 0 < value < math.inf
                _require(valid, key, "a positive number", value)
            else:
                _require(type(value) is int and value > 0, key, "a positive integer", value)
        alibi = config.get("position_embedding_type")
        _require(alibi == "alibi", "position_embedding_type", "'alibi'", alibi)
        causal = config.get("is_decoder", False)
        _require(causal is False, "is_decoder", "false", causal)
        width, heads = settings["hidden_size"], settings["num_attention_heads"]
        _require(width % heads == 0, "hidden_size", f"a multiple of {heads} heads", width)
        return cls(**settings)


def _require(holds: bool, key: str, rule: str, value: object) -> None:
    if not holds:
        raise ValueError(f"{key} must be {rule} in a JinaBERT config, got {value!r}")


def is_jina_bert(config: Mapping[str, Any]) -> bool:
    """Return whether a config, of ``model_type`` BERT, has ALiBi and a JinaBERT ``auto_map``."""
    code = json.dumps(config.get("auto_map")).lower().replace("-", "")
    return config.get("position_embedding_type") == "alibi" and "jinabert" in code
