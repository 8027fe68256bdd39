"""The settings of a JinaBERT's ``config.json``, checked, and the mark by which it is told."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class JinaBertConfig:
    """What of a ``config.json`` decides the arithmetic; the names are the file's own."""

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
        """Take and check the settings; others, such as ``hidden_act``, have no effect here.

        Raises
        ------
        ValueError
            If a setting is missing or says something that this module does not compute.
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
    """Tell by ALiBi and a JinaBERT ``auto_map``; ``model_type`` claims ``bert`` either way."""
    code = json.dumps(config.get("auto_map")).lower().replace("-", "")
    return config.get("position_embedding_type") == "alibi" and "jinabert" in code


def read_jina_bert_config(path: Path) -> JinaBertConfig:
    """Read a ``config.json``; a ValueError names the file where it holds no JSON object."""
    try:
        config = json.loads(path.read_text("utf-8"))
    except ValueError as error:  # of UTF-8 or of JSON
        raise ValueError(f"{path} must be valid JSON, got: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} must hold a JSON object, got {type(config).__name__}")
    return JinaBertConfig.from_dict(config)
