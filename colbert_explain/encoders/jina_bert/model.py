"""JinaBERT: the bidirectional ALiBi encoder under jina-colbert-v1-en, with no remote code.

Such a checkpoint calls itself ``bert``: read as one, its position embeddings and feed-forward
weights would be random. It has no position embeddings (`alibi_attention` stands for them) and
its feed-forward layers are gated::

    GEGLU(x) = gelu(x @ A.T) * (x @ B.T)  # A, B: the two halves of gated_layers; ReGLU: relu

Sources: Günther et al., "Jina Embeddings 2", 2023, section 3; the reference implementation,
jinaai/jina-bert-implementation (Apache-2.0), to whose outputs the tests hold this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn.functional import gelu, relu
from transformers.modeling_outputs import BaseModelOutput

from colbert_explain.encoders.checkpoint.weight_files import weight_faults
from colbert_explain.encoders.jina_bert.attention import alibi_strip, attend, reversed_mask
from colbert_explain.encoders.jina_bert.config import JinaBertConfig, read_jina_bert_config

#: All but attention sees a token alone: it is computed for this many at a time and written where
#: it stays. Whole temporaries would leave holes in the heap that the next ones do not fit into.
ROWS = 256
_GATES: dict[str, Callable[[Tensor], Tensor]] = {"geglu": gelu, "reglu": relu}
_PROJECTIONS = ("query", "key", "value")


def _norm(config: JinaBertConfig) -> nn.LayerNorm:
    return nn.LayerNorm(config.hidden_size, config.layer_norm_eps)


class _Attention(nn.Module):
    def __init__(self, config: JinaBertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.num_attention_heads
        self.self = nn.ModuleDict({name: nn.Linear(width, width) for name in _PROJECTIONS})
        self.output = nn.ModuleDict({"dense": nn.Linear(width, width), "LayerNorm": _norm(config)})

    def forward(
        self,
        hidden: Float[Tensor, "batch tokens dim"],
        strip: Float[Tensor, "heads strip"],
        mask: Float[Tensor, "batch 1 1 tokens"] | None,
    ) -> Float[Tensor, "batch tokens dim"]:
        order = torch.arange(hidden.shape[1], device=hidden.device)
        projected = hidden.new_empty(3, *hidden.shape)
        for name, states in zip(_PROJECTIONS, projected, strict=True):
            pieces = torch.split(order if name == "query" else order.flip(0), ROWS)
            for tokens, piece in zip(pieces, torch.split(states, ROWS, 1), strict=True):
                piece.copy_(self.self[name](hidden[:, tokens]))
        query, key, value = projected.view(*projected.shape[:3], self.heads, -1).transpose(2, 3)
        return attend(query, key, value, strip, mask).transpose(1, 2).flatten(2)


class _GatedFeedForward(nn.Module):
    def __init__(self, config: JinaBertConfig) -> None:
        super().__init__()
        self.gate = _GATES[config.feed_forward_type]
        self.gated_layers = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.wo = nn.Linear(config.intermediate_size, config.hidden_size)
        self.layernorm = _norm(config)

    def forward(self, rows: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows dim"]:
        gate, up = self.gated_layers(rows).chunk(2, dim=-1)
        return self.layernorm(self.wo(self.gate(gate) * up) + rows)


class _Layer(nn.Module):
    def __init__(self, config: JinaBertConfig) -> None:
        super().__init__()
        self.attention = _Attention(config)
        self.mlp = _GatedFeedForward(config)

    def forward(
        self,
        hidden: Float[Tensor, "batch tokens dim"],
        strip: Float[Tensor, "heads strip"],
        mask: Float[Tensor, "batch 1 1 tokens"] | None,
    ) -> Float[Tensor, "batch tokens dim"]:
        context, output = self.attention(hidden, strip, mask), self.attention.output
        pieces = (torch.split(states.flatten(0, 1), ROWS) for states in (context, hidden))
        for attended, rows in zip(*pieces, strict=True):
            attended.copy_(self.mlp(output["LayerNorm"](output["dense"](attended) + rows)))
        return context


class JinaBertModel(nn.Module):
    """The encoder, for inference (no dropout, no gradients); parameters have the files' names."""

    def __init__(self, config: JinaBertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(config.vocab_size, config.hidden_size),
                "token_type_embeddings": nn.Embedding(config.type_vocab_size, config.hidden_size),
                "LayerNorm": _norm(config),
            }
        )
        layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    def get_input_embeddings(self) -> nn.Module:
        """Return the word embedding, as transformers' models do."""
        return self.embeddings["word_embeddings"]

    @torch.no_grad()
    def forward(
        self,
        input_ids: Int[Tensor, "batch tokens"],
        attention_mask: Int[Tensor, "batch tokens"] | Bool[Tensor, "batch tokens"] | None = None,
        token_type_ids: Int[Tensor, "batch tokens"] | None = None,
        output_hidden_states: bool = False,
        return_dict: bool = True,
    ) -> BaseModelOutput:
        """Encode token ids; there is no limit to ``tokens``.

        Parameters
        ----------
        input_ids, token_type_ids
            Shape ``(batch, tokens)``; token types are 0 by default.
        attention_mask
            Shape ``(batch, tokens)``, 0 where a token must not be attended to. It still gets a
            vector, which a ColBERT scores where it is a [MASK] of query expansion.
        output_hidden_states
            Keep every layer's states, those of the embedding layer first.
        return_dict
            Must be true; sentence-transformers asks every encoder for it.

        Returns
        -------
        transformers.modeling_outputs.BaseModelOutput
            ``last_hidden_state``, shape ``(batch, tokens, dim)``, in the weights' dtype.
        """
        if token_type_ids is None:
            token_type_ids = torch.zeros_like(input_ids)
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        hidden = self.embeddings["LayerNorm"](  # no names: they would keep both for the whole pass
            self.embeddings["word_embeddings"](input_ids)
            + self.embeddings["token_type_embeddings"](token_type_ids)
        )
        strip = alibi_strip(self.config.num_attention_heads, input_ids.shape[1], hidden.device)
        mask = reversed_mask(attention_mask)
        states = [hidden] if output_hidden_states else []
        for layer in self.encoder["layer"].children():
            hidden = layer(hidden, strip, mask)
            if output_hidden_states:
                states.append(hidden)
        return BaseModelOutput(hidden, tuple(states) or None)


def load_jina_bert(
    folder: str | Path,
    dtype: torch.dtype = torch.float32,
    config: Mapping[str, Any] | None = None,
) -> JinaBertModel:
    """Load the encoder from ``config.json`` and ``model.safetensors``, on the CPU, frozen.

    The names may start with ``bert.``, as in a ColBERT, or not. A ``pooler``, which no token
    vector needs, and ``linear.weight``, a ColBERT's projection, are left to others. ``config`` is
    what ``config.json`` says, where it has been read already.

    Raises
    ------
    ValueError
        If a file is missing or damaged, a setting is refused by `JinaBertConfig.from_dict`, or
        a weight is missing, unexpected or of another shape: the message names every one.
    """
    settings, weights = Path(folder) / "config.json", Path(folder) / "model.safetensors"
    for path in (settings, weights):
        if not path.is_file():
            raise ValueError(f"folder must hold {path.name}, got {folder} without it")
    read = read_jina_bert_config(settings) if config is None else JinaBertConfig.from_dict(config)
    with torch.device("meta"):
        model = JinaBertModel(read)
    try:
        with safe_open(weights, framework="pt") as file:
            names = file.keys()
            found = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            prefix = "bert." if any(name.startswith("bert.") for name in found) else ""
            wanted = {prefix + name: tuple(w.shape) for name, w in model.state_dict().items()}
            faults = weight_faults(found, wanted, not_needed=_not_needed(prefix))
            if faults:
                raise ValueError(
                    f"the weights must be those of the JinaBERT config: {'; '.join(faults)}"
                )
            state = {
                name.removeprefix(prefix): file.get_tensor(name).to(dtype, copy=True)
                for name in wanted
            }
    except SafetensorError as error:
        raise ValueError(f"{weights} must be a whole safetensors file, got: {error}") from error
    model.load_state_dict(state, assign=True)
    return model.requires_grad_(False).eval()


def _not_needed(prefix: str) -> Callable[[str], bool]:
    """Tell the projection, which is read elsewhere, and the pooler, which no vector depends on."""
    return lambda name: name == "linear.weight" or name.startswith(f"{prefix}pooler.")
