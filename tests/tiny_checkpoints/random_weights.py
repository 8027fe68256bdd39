"""Encoders and projections of the four families, small and random, from torch's generator."""

from __future__ import annotations

from typing import Any

from sentence_transformers.base.modules import Dense
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3Model,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from tests.tiny_checkpoints.tiny_tokenizers import new_tokenizer

HIDDEN, DIM = 32, 16


def random_model(family: str, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """An encoder of two layers for the vocabulary of a tokeniser."""
    config_class, model_class, special = _ARCHITECTURES[family]
    if family == "byte_bpe":  # whose defaults lie outside this vocabulary
        names = ("cls_token_id", "sep_token_id")
        special = special | {name: getattr(tokenizer, name) for name in names}
    config = config_class(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.5,  # at the usual 0.02 all vectors of a text are nearly alike
        pad_token_id=new_tokenizer(family).pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **special,
    )
    model = model_class(config).eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:  # biases of 0 and scales of 1 would not be missed
            nn.init.normal_(parameter.data, mean=float(parameter.data.mean()), std=0.1)
    return model


def random_layers(dense: str) -> list[Dense]:
    """The projection of token vectors, in one layer or two."""
    io = {"module_input_name": "token_embeddings"}
    if dense == "single":
        layers = [Dense(HIDDEN, DIM, bias=False, activation_function=nn.Identity(), **io)]
    else:
        wide = 2 * HIDDEN
        layers = [
            Dense(HIDDEN, wide, activation_function=nn.GELU(), use_residual=True, **io),
            Dense(wide, DIM, bias=False, activation_function=nn.Identity(), **io),
        ]
    for layer in layers:
        for parameter in layer.parameters():
            nn.init.normal_(parameter.data, std=0.3)
    return layers


_ARCHITECTURES: dict[str, tuple[type, type, dict[str, Any]]] = {
    "wordpiece": (BertConfig, BertModel, {"max_position_embeddings": 512}),
    "byte_bpe": (
        ModernBertConfig,
        ModernBertModel,
        {"max_position_embeddings": 512, "local_attention": 16},
    ),
    "decoder": (
        Qwen3Config,
        Qwen3Model,
        {"max_position_embeddings": 512, "num_key_value_heads": 2, "head_dim": 8},
    ),
    "sentencepiece": (
        XLMRobertaConfig,
        XLMRobertaModel,
        {"max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5},
    ),
}
