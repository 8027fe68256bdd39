"""Sizes in a checkpoint's configuration, held against its weights before anything is built.

A configuration costs nothing to write: one of a million layers would be built for hours, one of a
vocabulary of billions would fill the memory. The headers of the weight files tell names and shapes
without the numbers, so what the configuration asks for is compared with what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from transformers import PretrainedConfig
from transformers.activations import ACT2FN
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.auto import AutoModel

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import Shape
from colbert_explain.encoders.checkpoint.schema import (
    Rule,
    anything,
    check,
    either,
    flag,
    list_of,
    number,
    object_of,
    one_of,
    shown,
    text,
    whole,
)
from colbert_explain.encoders.checkpoint.weight_files import weight_faults

#: The deepest published encoders have some hundred layers, the widest 16,384 numbers per token.
MOST_LAYERS, WIDEST, MOST_TOKENS, MOST_POSITIONS = 1000, 1 << 20, 1 << 24, 1 << 24
_MOST_COUNTED = 100_000
_size, _share = whole(1, WIDEST), number(0.0, 1.0)
_name = text(256)
_id = whole(-1, MOST_TOKENS, "a token id")


def _rope(value: Any) -> str | None:
    """Require a JSON object with a known kind of rotary positions; it may hold others."""
    kinds = ("default", *ROPE_INIT_FUNCTIONS)
    if not isinstance(value, dict):
        return "a JSON object"
    for inner in (value, *(each for each in value.values() if isinstance(each, dict))):
        if (kind := inner.get("rope_type", inner.get("type"))) is not None and kind not in kinds:
            return f"a JSON object whose rope_type is {', '.join(kinds[:-1])} or {kinds[-1]}"
        for key in ("factor", "rope_theta", "original_max_position_embeddings"):
            if inner.get(key) is not None and (unmet := number(1e-6, 1e18)(inner[key])) is not None:
                return f"a JSON object whose {key} is {unmet}"
    return None


_LAYERS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer", "encoder_layers")
#: What the architectures of text encoders read; a key that one does not know is left alone.
_RULES: Mapping[str, Rule] = {
    **dict.fromkeys((*_LAYERS, "num_decoder_layers", "decoder_layers"), whole(1, MOST_LAYERS)),
    **dict.fromkeys(("hidden_size", "d_model", "dim", "n_embd", "embedding_size"), _size),
    **dict.fromkeys(("intermediate_size", "d_ff", "hidden_dim", "head_dim", "d_kv"), _size),
    **dict.fromkeys(("num_attention_heads", "n_heads", "n_head", "num_heads"), _size),
    "num_key_value_heads": _size,
    "vocab_size": whole(1, MOST_TOKENS),
    "type_vocab_size": whole(0, MOST_TOKENS),
    # -1: without end
    "max_position_embeddings": either(one_of(-1), whole(1, MOST_POSITIONS)),
    "position_embedding_type": _name,
    "model_type": _name,
    "pad_token_id": _id,
    **dict.fromkeys(("layer_norm_eps", "layer_norm_epsilon", "norm_eps", "rms_norm_eps"), _share),
    **dict.fromkeys(("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout"), _share),
    **dict.fromkeys(("attention_dropout", "embedding_dropout", "mlp_dropout"), _share),
    "initializer_range": number(0.0, 1e6),
    "rope_theta": number(1e-6, 1e18),
    **dict.fromkeys(
        ("hidden_act", "hidden_activation", "activation", "activation_function"), one_of(*ACT2FN)
    ),
    **dict.fromkeys(("rope_scaling", "rope_parameters"), _rope),
    **dict.fromkeys(("dtype", "torch_dtype"), one_of("float32", "bfloat16", "float16", "float64")),
    **dict.fromkeys(
        ("attn_implementation", "_attn_implementation"),
        one_of("eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention"),
    ),
    "layer_types": list_of(_name, MOST_LAYERS, "a list of layers' kinds"),
    "quantization_config": lambda _: "left out, because quantised weights are not read",
    **dict.fromkeys(("id2label", "label2id"), object_of(anything, 100_000)),
    **dict.fromkeys(
        tuple(f"{name}_token_id" for name in ("bos", "eos", "sep", "cls", "mask", "unk")),
        either(_id, list_of(_id, 100, "a list of token ids")),
    ),
    **dict.fromkeys(("attention_bias", "mlp_bias", "norm_bias"), flag),
    **dict.fromkeys(("is_decoder", "add_cross_attention", "tie_word_embeddings"), flag),
    **dict.fromkeys(("output_hidden_states", "output_attentions", "use_cache"), flag),
    **dict.fromkeys(("return_dict", "is_encoder_decoder", "torchscript"), flag),
    **dict.fromkeys(("local_attention", "sliding_window"), either(one_of(-1), whole(1, 1 << 24))),
    "attention_window": either(whole(1, 1 << 16), list_of(whole(1, 1 << 16), 1000, "a list")),
    "chunk_size_feed_forward": one_of(0),
}
#: Further keys that say how many of something there are: a loop runs over each.
_COUNT = re.compile(r"(num|n)_\w+|\w+_(layers|heads|experts|groups)")
_LAYER = re.compile(r"(?:^|\.)(?:layers?|blocks?|h)\.(\d+)\.")
_EMBEDDING = re.compile(
    r"(?:^|\.)(word_embeddings|embed_tokens|tok_embeddings|wte|word_embedding|shared)\.weight$"
)
#: What a network may have beyond the file: buffers, a pooler or a decoder that is not read.
_SLACK, _BUFFERS = 4, 1 << 30


def check_config(config: Mapping[str, Any], shapes: Mapping[str, Shape]) -> None:
    """Check what a ``config.json`` says by type and range, and its layers against the weights.

    Raises
    ------
    CheckpointError
        With key, rule and value.
    """
    layers = len({found.group(1) for name in shapes if (found := _LAYER.search(name))})
    for place, settings in _parts(config, "config.json"):
        check(settings, _RULES, place)
        for key, value in settings.items():
            if _COUNT.fullmatch(key) and isinstance(value, int) and abs(value) > _MOST_COUNTED:
                raise CheckpointError(
                    f"{key} in {place} must be at most {_MOST_COUNTED:,}, got {shown(value)}"
                )
        padding, vocabulary = settings.get("pad_token_id"), settings.get("vocab_size")
        if padding is not None and vocabulary is not None and padding >= vocabulary:
            raise CheckpointError(
                f"pad_token_id in {place} must be below the vocab_size of {vocabulary:,}, got "
                f"{padding:,}"
            )
        width, heads = settings.get("hidden_size"), settings.get("num_attention_heads")
        if width and heads and settings.get("head_dim") is None and width % heads:
            raise CheckpointError(
                f"num_attention_heads in {place} must divide the hidden_size of {width:,}, got "
                f"{heads:,}"
            )
        shares_layers = settings.get("model_type") == "albert"
        for key in _LAYERS:
            wanted = settings.get(key)
            if wanted is not None and wanted > layers > 0 and not shares_layers:
                raise CheckpointError(
                    f"{key} in {place} must be {layers}, as many layers as the weight files hold, "
                    f"got {wanted}"
                )


def _parts(config: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the configuration itself, and those of its parts (``text_config``)."""
    yield place, config
    for key, value in config.items():
        if isinstance(value, dict) and (key.endswith("config") or key in ("encoder", "decoder")):
            yield from _parts(value, f"{key} in {place}")


def check_sizes_of_network(config: PretrainedConfig, shapes: Mapping[str, Shape]) -> None:
    """Hold every weight that a network of ``config`` has against those of the files.

    The network is laid out without memory ("meta"). Names that are not found are left to the
    loader, which knows what a file of an older version calls them; their number is limited here.

    Raises
    ------
    CheckpointError
        If a weight has another shape, or the network is many times larger than the files.
    """
    with torch.device("meta"):
        network = AutoModel.from_config(config, trust_remote_code=False)
    prefix = f"{network.base_model_prefix}."
    wanted, missing = {}, 0
    for name, tensor in network.named_parameters():
        known = next(
            (n for n in (name, prefix + name, name.removeprefix(prefix)) if n in shapes), ""
        )
        if known:
            wanted[known] = tuple(tensor.shape)
        elif not name.startswith(("decoder.", "pooler.")):
            missing += tensor.numel()
    found = {name: shapes[name] for name in wanted}
    if faults := weight_faults(found, wanted):
        raise CheckpointError(
            "model must have exactly the weights of its architecture: " + listed(faults)
        )
    there = sum(_numel(shape) for shape in shapes.values())
    buffers = sum(buffer.numel() for buffer in network.buffers())
    if missing > _SLACK * there or buffers > _SLACK * there + _BUFFERS:
        raise CheckpointError(
            "config.json must describe the network whose weights there are, but its network has "
            f"{max(missing, buffers):,} numbers more than the {there:,} of the weight files"
        )


def check_vocabulary(highest: int, n_ids: int, rows: int) -> None:
    """Refuse a tokeniser that has ids for which the embedding has no row.

    An embedding may be larger: many are filled up to a multiple of 64.

    Parameters
    ----------
    highest
        The tokeniser's largest id.
    n_ids
        How many ids it has, the added ones included.
    rows
        Rows of the embedding.
    """
    if highest >= rows:
        raise CheckpointError(
            f"tokeniser and embedding must fit together, but the tokeniser has {n_ids:,} ids up to "
            f"{highest:,} and the embedding {rows:,} rows, for ids up to {rows - 1:,}: take both "
            "from the same save of the model, or resize the embedding (resize_token_embeddings)"
        )


def embedding_rows(shapes: Mapping[str, Shape]) -> int | None:
    """Count the rows of the word embedding in the weight files; ``None`` if it is not known."""
    rows = [
        shape[0] for name, shape in shapes.items() if _EMBEDDING.search(name) and len(shape) == 2
    ]
    return max(rows, default=None)


def listed(faults: list[str], most: int = 6) -> str:
    """Join faults to one text; of many the first."""
    more = f"; and {len(faults) - most} more" if len(faults) > most else ""
    return f"{'; '.join(faults[:most])}{more}"


def _numel(shape: Shape) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
