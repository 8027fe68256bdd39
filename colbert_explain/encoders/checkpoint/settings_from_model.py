"""Settings fitted to a model: what only its tokeniser and its positions can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import nn

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.network_sizes import check_vocabulary
from colbert_explain.encoders.checkpoint.settings import (
    REACH,
    Expansion,
    ReadingSettings,
    Setting,
    known,
)
from colbert_explain.encoders.checkpoint.transformer import CheckedTransformer


def reach_of(transformer: CheckedTransformer) -> int:
    """Count the tokens that the model reads at once: its positions."""
    for name, module in transformer.model.named_modules():
        if isinstance(module, nn.Embedding) and name.endswith(("position_embeddings", "wpe")):
            # RoBERTa's positions begin after its padding index.
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - first
    positions = getattr(transformer.model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        return positions
    return min(longest_of(transformer), 1 << 20)


def check_tokenizer(transformer: CheckedTransformer) -> None:
    """Refuse a tokeniser with an id, its own or an added one, that the embedding has no row for."""
    tokenizer: Any = transformer.tokenizer
    embedding: Any = transformer.model.get_input_embeddings()
    ids = tokenizer.get_vocab().values()
    check_vocabulary(max(ids, default=0), len(ids), embedding.weight.shape[0])


def longest_of(transformer: CheckedTransformer) -> int:
    """Tokens after which the tokeniser says to stop; a huge number where it says nothing."""
    tokenizer: Any = transformer.tokenizer
    return int(tokenizer.model_max_length)


def with_lengths(settings: ReadingSettings, reach: int, own: int) -> ReadingSettings:
    """Fill in the lengths that are not given, and check that they go together."""
    longest: Setting[int | None] = Setting(min(reach, own), REACH)
    query, document = settings.query_length, settings.document_length
    filled = replace(
        settings,
        query_length=longest if query.value is None else query,
        document_length=longest if document.value is None else document,
    )
    length = known(filled.query_length)
    if length > reach:
        raise CheckpointError(
            f"query_length must be at most {reach}, what the model reads at once, got {length}"
        )
    if filled.query_expansion.value and (floor := known(filled.expansion_length)) > length:
        raise CheckpointError(
            f"query_length must be at least {floor}, up to which queries are filled, got {length}"
        )
    return filled


def with_expansion_token(settings: ReadingSettings, tokenizer: Any) -> ReadingSettings:
    """Name the token that queries are filled up with: [MASK], or a decoder's end of text."""
    given = settings.expansion_token
    if not settings.query_expansion.value:
        return settings
    name = given.value or tokenizer.mask_token or tokenizer.eos_token
    if name not in tokenizer.get_vocab():
        raise CheckpointError(
            f"expansion_token must be a token of this model, got {name!r}"
            if name
            else "expansion_token must be given: this model has neither [MASK] nor an end of text"
        )
    return replace(settings, expansion_token=Setting(name, given.source))


def expansion_of(settings: ReadingSettings, tokenizer: Any) -> Expansion | None:
    """Put the settings of query expansion into numbers, if there is any."""
    if not settings.query_expansion.value:
        return None
    return Expansion(
        known(settings.expansion_length),
        settings.expansion_attended.value,
        tokenizer.convert_tokens_to_ids(known(settings.expansion_token)),
    )


def unknown_words(words: list[str], tokenizer: Any) -> list[str]:
    """List the words of a skiplist that are no single token of the tokeniser."""
    unknown = (None, tokenizer.unk_token_id)
    return [
        word
        for word in words
        if tokenizer.convert_tokens_to_ids(word) in unknown and word != tokenizer.unk_token
    ]
