"""Attention with a symmetric ALiBi bias that is never a matrix in memory.

ALiBi has no position embeddings; it lowers a score by the distance of the two tokens::

    bias[h, i, j] = -slope[h] * |i - j|

For 8,192 tokens and 12 heads that is 3.2 GB. But the matrix is Toeplitz: a strip of
``2 * tokens - 1`` values per head holds all of it. With the keys in reversed order, which does not
change a sum over keys, the entry of query ``i`` and the ``j``-th key from the end is
``strip[h, i + j]``, so the matrix is a view of the strip with strides of 1 and 1. Source of ALiBi:
Press et al., "Train Short, Test Long", ICLR 2022.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

#: Entries of the bias (64 MiB) in memory at a time, if a mask makes the matrix necessary.
MASKED_BIAS_ENTRIES = 1 << 24
#: Keys that weigh less than exp(-24) of a query's own token are left out.
NEGLIGIBLE = 24.0
#: Query rows per call for a head with a short reach.
NEAR_ROWS = 512


def alibi_slopes(heads: int) -> list[float]:
    """Return the slope of each head; beyond a power of two, every second one of twice that power.

    >>> alibi_slopes(6)
    [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125]
    """
    power: int = 1 << (heads.bit_length() - 1)
    slopes: list[float] = [2 ** (-8 * k / power) for k in range(1, power + 1)]
    return slopes + (alibi_slopes(2 * power)[::2][: heads - power] if heads > power else [])


def alibi_strip(
    heads: int, tokens: int, device: torch.device | str = "cpu"
) -> Float[Tensor, "heads strip"]:
    """Return the bias at the distances ``1 - tokens`` to ``tokens - 1``, one row per head.

    It is always float32: bfloat16 would round a bias of 31 to steps of 1/8.
    """
    slopes = torch.tensor(alibi_slopes(heads), dtype=torch.float32, device=device)
    return -slopes[:, None] * torch.arange(1 - tokens, tokens, device=device).abs()


def reversed_mask(
    attention_mask: Int[Tensor, "batch tokens"] | Bool[Tensor, "batch tokens"],
) -> Float[Tensor, "batch 1 1 tokens"] | None:
    """Return the mask that `attend` adds to the scores; None if every token is attended to."""
    # Only the CPU kernel can read overlapping strides. Elsewhere adding zeros makes a copy.
    if attention_mask.is_cpu and bool(attention_mask.all()):
        return None
    hidden_keys = (attention_mask == 0).flip(1)[:, None, None]
    # The reference's number; -inf would give NaN for a text of padding only.
    return hidden_keys * torch.finfo(torch.float32).min


def attend(
    query: Float[Tensor, "batch heads tokens head_dim"],
    key: Float[Tensor, "batch heads tokens head_dim"],
    value: Float[Tensor, "batch heads tokens head_dim"],
    strip: Float[Tensor, "heads strip"],
    mask: Float[Tensor, "batch 1 1 tokens"] | None,
) -> Float[Tensor, "batch heads tokens head_dim"]:
    """Compute ``softmax(query @ key.T / sqrt(head_dim) + bias + mask) @ value``.

    Parameters
    ----------
    query
        In the order of the text, shape ``(batch, heads, tokens, head_dim)``.
    key, value, mask
        In *reversed* order; the mask as `reversed_mask` gives it, shape ``(batch, 1, 1, tokens)``.
    strip
        As `alibi_strip` gives it, shape ``(heads, 2 * tokens - 1)``.

    Returns
    -------
    torch.Tensor
        In the order of the text. Without a mask the kernel reads the bias as a view. With one,
        bias and mask are added for a few query rows at a time.
    """
    batch, heads, tokens, _ = query.shape
    if mask is None:
        return _attend_by_reach(query, key, value, strip)
    bias = strip.as_strided((batch, heads, tokens, tokens), (0, 2 * tokens - 1, 1, 1))
    rows = max(1, MASKED_BIAS_ENTRIES // (batch * heads * tokens))
    parts = [
        scaled_dot_product_attention(query_rows, key, value, attn_mask=bias_rows + mask)
        for query_rows, bias_rows in zip(
            torch.split(query, rows, dim=2), torch.split(bias, rows, dim=2), strict=True
        )
    ]
    return torch.cat(parts, dim=2)


def _attend_by_reach(
    query: Float[Tensor, "batch heads tokens head_dim"],
    key: Float[Tensor, "batch heads tokens head_dim"],
    value: Float[Tensor, "batch heads tokens head_dim"],
    strip: Float[Tensor, "heads strip"],
) -> Float[Tensor, "batch heads tokens head_dim"]:
    """Attend without a mask, each head only to keys within its reach.

    A score without bias is at most ``m`` in absolute value, the product of the longest query and
    the longest key over ``sqrt(head_dim)``. So the weight of a key at distance ``r`` is at most
    ``exp(2 * m - slope * r)`` times that of the query's own token. The reach is the distance where
    this is ``exp(-NEGLIGIBLE)``: all keys beyond it together change no digit of a float32.
    """
    batch, heads, tokens, head_dim = query.shape
    context = query.new_empty(batch, tokens, heads, head_dim).transpose(1, 2)
    longest = [states.float().norm(dim=-1).amax((0, 2)) for states in (query, key)]
    spread = 2 * longest[0] * longest[1] / head_dim**0.5
    reach = ((spread + NEGLIGIBLE) / -strip[:, tokens:].amax(1)) if tokens > 1 else spread
    near = [h for h in range(heads) if 3 * float(reach[h]) < tokens]
    far = [h for h in range(heads) if h not in near]
    if far:
        shape, strides = (batch, len(far), tokens, tokens), (0, 2 * tokens - 1, 1, 1)
        bias = strip[far].as_strided(shape, strides)
        context[:, far] = scaled_dot_product_attention(
            query[:, far], key[:, far], value[:, far], attn_mask=bias
        )
    for h in near:
        within = int(reach[h]) + 1
        for first in range(0, tokens, NEAR_ROWS):
            stop = min(first + NEAR_ROWS, tokens)
            # The keys, in reversed order, within reach of these rows.
            keys = slice(max(0, tokens - stop - within), min(tokens, tokens - first + within))
            bias = strip[h, first + keys.start :].as_strided(
                (stop - first, keys.stop - keys.start), (1, 1)
            )
            context[:, h, first:stop] = scaled_dot_product_attention(
                query[:, h : h + 1, first:stop],
                key[:, h : h + 1, keys],
                value[:, h : h + 1, keys],
                attn_mask=bias,
            )[:, 0]
    return context
