"""Compare the sizes in a checkpoint's configuration with its weights before anything is built.

A configuration can name any sizes: a million layers would take hours to build, a vocabulary of
billions would fill the memory. The headers of the weight files give names and shapes without
loading the weights.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from transformers import PretrainedConfig
from transformers.activations import ACT2FN
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.auto import AutoModel

from colbert_explain.encoders.checkpoint import schema as rule
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.files import Shape
from colbert_explain.encoders.checkpoint.schema import Rules, check, shown
from colbert_explain.encoders.checkpoint.weight_files import weight_faults

#: The deepest published encoders have some hundred layers, the widest 16,384 numbers per token.
MOST_LAYERS, WIDEST, MOST_TOKENS, MOST_POSITIONS = 1000, 1 << 20, 1 << 24, 1 << 24
_MOST_COUNTED = 100_000
_size, _share = rule.whole(1, WIDEST), rule.number(0.0, 1.0)
_positive = rule.number(1e-6, 1e18)
_name = rule.text(256)
_id = rule.whole(-1, MOST_TOKENS, "a token id")


def _rope(value: Any) -> str | None:
    """Require a JSON object with a known kind of rotary positions, or of such objects."""
    kinds = ("default", *ROPE_INIT_FUNCTIONS)
    if not isinstance(value, dict):
        return "a JSON object"
    for inner in (value, *(each for each in value.values() if isinstance(each, dict))):
        if (kind := inner.get("rope_type", inner.get("type"))) is not None and kind not in kinds:
            return f"a JSON object whose rope_type is {', '.join(kinds[:-1])} or {kinds[-1]}"
        for key in ("factor", "rope_theta", "original_max_position_embeddings"):
            if inner.get(key) is not None and (unmet := _positive(inner[key])) is not None:
                return f"a JSON object whose {key} is {unmet}"
    return None


_LAYERS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer", "encoder_layers")
_id_list = rule.list_of(_id, 100, "a list of token ids")
_window = rule.whole(1, 1 << 16)
#: What the keys of text encoders' architectures may hold; other keys are not checked.
_RULES: Rules = {
    key: required
    for required, keys in (
        (rule.whole(1, MOST_LAYERS), f"{' '.join(_LAYERS)} num_decoder_layers decoder_layers"),
        (_size, "hidden_size d_model dim n_embd embedding_size intermediate_size d_ff hidden_dim"),
        (_size, "head_dim d_kv num_attention_heads n_heads n_head num_heads num_key_value_heads"),
        (rule.whole(1, MOST_TOKENS), "vocab_size"),
        (rule.whole(0, MOST_TOKENS), "type_vocab_size"),
        # -1: without end
        (rule.either(rule.one_of(-1), rule.whole(1, MOST_POSITIONS)), "max_position_embeddings"),
        (rule.either(rule.one_of(-1), rule.whole(1, 1 << 24)), "local_attention sliding_window"),
        (rule.either(_window, rule.list_of(_window, 1000, "a list")), "attention_window"),
        (_name, "position_embedding_type model_type"),
        (_id, "pad_token_id"),
        (
            rule.either(_id, _id_list),
            "bos_token_id eos_token_id sep_token_id cls_token_id mask_token_id unk_token_id",
        ),
        (_share, "layer_norm_eps layer_norm_epsilon norm_eps rms_norm_eps hidden_dropout_prob"),
        (_share, "attention_probs_dropout_prob dropout attention_dropout embedding_dropout"),
        (_share, "mlp_dropout"),
        (rule.number(0.0, 1e6), "initializer_range"),
        (_positive, "rope_theta"),
        (_rope, "rope_scaling rope_parameters"),
        (rule.one_of(*ACT2FN), "hidden_act hidden_activation activation activation_function"),
        (rule.one_of("float32", "bfloat16", "float16", "float64"), "dtype torch_dtype"),
        (
            rule.one_of(
                "eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention"
            ),
            "attn_implementation _attn_implementation",
        ),
        (rule.list_of(_name, MOST_LAYERS, "a list of layers' kinds"), "layer_types"),
        (lambda _: "left out, because quantised weights are not read", "quantization_config"),
        (rule.object_of(rule.anything, 100_000), "id2label label2id"),
        (rule.flag, "attention_bias mlp_bias norm_bias is_decoder add_cross_attention use_cache"),
        (rule.flag, "tie_word_embeddings output_hidden_states output_attentions return_dict"),
        (rule.flag, "is_encoder_decoder torchscript"),
        (rule.one_of(0), "chunk_size_feed_forward"),
    )
    for key in keys.split()
}
#: Further keys with a number of parts, over which a library would loop.
_COUNT = re.compile(r"(num|n)_\w+|\w+_(layers|heads|experts|groups)")
_LAYER = re.compile(r"(?:^|\.)(?:layers?|blocks?|h)\.(\d+)\.")
_EMBEDDING = re.compile(
    r"(?:^|\.)(word_embeddings|embed_tokens|tok_embeddings|wte|word_embedding|shared)\.weight$"
)
#: Limits of a network's numbers that are not in the files, such as buffers or a pooler.
_SLACK, _BUFFERS = 4, 1 << 30


def check_config(config: Mapping[str, Any], shapes: Mapping[str, Shape]) -> None:
    """Check types and ranges in a ``config.json``, and its layers against the weights."""
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
    """Yield the configuration and those inside it, such as ``text_config``."""
    yield place, config
    for key, value in config.items():
        if isinstance(value, dict) and (key.endswith("config") or key in ("encoder", "decoder")):
            yield from _parts(value, f"{key} in {place}")


def check_sizes_of_network(config: PretrainedConfig, shapes: Mapping[str, Shape]) -> None:
    """Compare every weight of a network of ``config`` with those of the files.

    The network is built without memory ("meta"). Missing names are left to the loader, which knows
    the names of older versions; only their number is limited here.

    Raises a `CheckpointError` if a weight has another shape, or the network is many times larger
    than the files.
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
    stored = sum(math.prod(shape) for shape in shapes.values())
    buffers = sum(buffer.numel() for buffer in network.buffers())
    if missing > _SLACK * stored or buffers > _SLACK * stored + _BUFFERS:
        raise CheckpointError(
            "config.json must describe the network of the weight files, but its network has "
            f"{max(missing, buffers):,} more values than the {stored:,} in the files"
        )


def check_vocabulary(highest: int, n_ids: int, rows: int) -> None:
    """Refuse a tokeniser whose highest id has no row in the embedding.

    ``n_ids`` is the number of its ids. The embedding may be larger: many are filled up to a
    multiple of 64.
    """
    if highest >= rows:
        raise CheckpointError(
            f"tokeniser and embedding must fit together, but the tokeniser has {n_ids:,} ids up to "
            f"{highest:,} and the embedding {rows:,} rows, for ids up to {rows - 1:,}: "
            "take both from the same saved copy of the model, or resize the embedding "
            "(resize_token_embeddings)"
        )


def embedding_rows(shapes: Mapping[str, Shape]) -> int | None:
    """Return the rows of the word embedding in the weight files; ``None`` if it is not found."""
    rows = [
        shape[0] for name, shape in shapes.items() if _EMBEDDING.search(name) and len(shape) == 2
    ]
    return max(rows, default=None)


def listed(faults: list[str], most: int = 6) -> str:
    """Return up to ``most`` faults as one text, and the number of the others."""
    more = f"; and {len(faults) - most} more" if len(faults) > most else ""
    return f"{'; '.join(faults[:most])}{more}"
