"""Settings that depend on the model: markers, lengths, and the token of query expansion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tokenizers import AddedToken
from torch import nn

from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.network_sizes import check_vocabulary
from colbert_explain.encoders.checkpoint.settings import (
    ARGUMENT,
    REACH,
    SIDES,
    Expansion,
    ReadingSettings,
    Setting,
    called,
    known,
)
from colbert_explain.encoders.checkpoint.transformer import CheckedTransformer


def reach_of(transformer: CheckedTransformer) -> int:
    """Return how many tokens the model can read at once."""
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
    """Refuse a tokeniser with an id that has no row in the embedding."""
    tokenizer: Any = transformer.tokenizer
    embedding: Any = transformer.model.get_input_embeddings()
    ids = tokenizer.get_vocab().values()
    check_vocabulary(max(ids, default=0), len(ids), embedding.weight.shape[0])


def longest_of(transformer: CheckedTransformer) -> int:
    """Return the tokeniser's own limit of tokens; a huge number without one."""
    tokenizer: Any = transformer.tokenizer
    return int(tokenizer.model_max_length)


def with_lengths(settings: ReadingSettings, reach: int, own: int) -> ReadingSettings:
    """Set the lengths that are not given, and check that all are consistent."""
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
            f"{called('query_length', filled.query_length)} must be at most {reach}, the number of "
            f"tokens the model can read at once, got {length}"
        )
    if filled.query_expansion.value and (floor := known(filled.expansion_length)) > length:
        raise CheckpointError(
            f"{called('query_length', filled.query_length)} must be at least {floor}, the length "
            f"to which queries are padded, got {length}"
        )
    return filled


def with_expansion_token(settings: ReadingSettings, tokenizer: Any) -> ReadingSettings:
    """Set the token of query expansion: [MASK], or a decoder's end of text."""
    given = settings.expansion_token
    if not settings.query_expansion.value:
        return settings
    name = given.value or tokenizer.mask_token or tokenizer.eos_token
    if name not in tokenizer.get_vocab():
        raise CheckpointError(
            f"expansion_token must be a token of this model, got {name!r}"
            if name
            else "expansion_token must be given: this model has neither a [MASK] nor an "
            "end-of-text token"
        )
    return replace(settings, expansion_token=replace(given, value=name))


def expansion_of(settings: ReadingSettings, tokenizer: Any) -> Expansion | None:
    """Return the numbers of query expansion; ``None`` without it."""
    if not settings.query_expansion.value:
        return None
    return Expansion(
        known(settings.expansion_length),
        settings.expansion_attended.value,
        tokenizer.convert_tokens_to_ids(known(settings.expansion_token)),
    )


def unknown_words(words: list[str], tokenizer: Any) -> list[str]:
    """List the words of a skiplist that are not a token of the tokeniser."""
    unknown = (None, tokenizer.unk_token_id)
    return [
        word
        for word in words
        if tokenizer.convert_tokens_to_ids(word) in unknown and word != tokenizer.unk_token
    ]


def split_markers(settings: ReadingSettings, tokenizer: Any) -> ReadingSettings:
    """Split a prompt that begins with an added token into marker and prompt.

    The newest format has one text for both, such as ``"[Q] search_query: "``.
    """
    for side in SIDES:
        marker, prompt = settings.marker(side), settings.prompt(side)
        if marker.value or marker.source == ARGUMENT:
            continue
        added = [token for token in tokenizer.get_added_vocab() if prompt.value.startswith(token)]
        if added:
            token = max(added, key=len)
            rest = replace(prompt, value=prompt.value.removeprefix(token))
            settings = settings.with_prefix(side, replace(prompt, value=token), rest)
    return settings


def make_markers_whole(tokenizer: Any, prefixes: Iterable[str]) -> None:
    """Make the tokeniser treat known markers as one piece.

    Stanford and PyLate insert a marker's id. As text, ``[unused0]`` would be split, and a
    normalised marker would not match after lower-casing. A marker that is not in the vocabulary
    stays ordinary text.
    """
    vocabulary = {*tokenizer.get_vocab(), *tokenizer.get_added_vocab()}
    tokens = []
    for prefix in prefixes:
        if not prefix.strip():
            continue
        for marker in (prefix, prefix.split(None, 1)[0]):
            if marker in vocabulary:
                if tokenizer.tokenize(marker) != [marker]:
                    tokens.append(AddedToken(marker, normalized=False, special=True))
                break
    if tokens:
        tokenizer.add_special_tokens({"additional_special_tokens": tokens})


def marker_pieces(tokenizer: Any, marker: str) -> list[str]:
    """Return the pieces of a marker that is split; an empty list if it is one piece."""
    pieces = tokenizer.tokenize(marker.strip()) if marker.strip() else []
    whole = tokenizer.tokenize(marker) if marker.strip() else []
    return [] if min(len(pieces), len(whole)) <= 1 else pieces
