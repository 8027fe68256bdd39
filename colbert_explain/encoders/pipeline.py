"""Encode texts with a `MultiVectorEncoder` of sentence-transformers.

The model computes every number. `Pipeline` makes the input ids, so that each vector stays with its
token and its characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from sentence_transformers import MultiVectorEncoder

from colbert_explain.embeddings import Progress
from colbert_explain.encoders.checkpoint.settings import SIDES, Expansion, Side
from colbert_explain.encoders.progress import layers_of, reporting_layers
from colbert_explain.encoders.progress_bar import progress_shown
from colbert_explain.encoders.tokenising import Reading, TextReader
from colbert_explain.encoders.windows import plan_windows
from colbert_explain.tokens import Token, TokenSequence

#: ColBERT's names of the two vocabulary entries that it trains as markers.
_MARKERS = {"[unused0]": "[Q]", "[unused1]": "[D]"}


class Pipeline:
    """Tokenise and encode texts with a `MultiVectorEncoder`.

    Parameters
    ----------
    model
        Its modules compute vectors and choose the scored tokens. Its ``prompts`` are the prefixes
        of queries and documents.
    window
        Tokens per forward pass, structural tokens included.
    query_length, document_length
        Maximum number of tokens of a text, including structural tokens.
    expansion
        The tokens that fill up a query, if any.
    overlap
        Text tokens that neighbouring windows share at least.
    called
        What errors call a length, by its name here; by default this name.

    Raises
    ------
    ValueError
        If a length leaves no room for text.
    """

    def __init__(
        self,
        model: MultiVectorEncoder,
        *,
        window: int,
        query_length: int,
        document_length: int,
        expansion: Expansion | None = None,
        overlap: int = 128,
        called: Mapping[str, str] | None = None,
    ) -> None:
        self.model = model.eval()
        self._layers = layers_of(model)
        self.window = window
        self.lengths: dict[Side, int] = {"query": query_length, "document": document_length}
        self.expansion = expansion
        self.overlap = overlap
        self._before, self._after = _structural_ids(model.tokenizer)
        prefixes = {side: model.prompts.get(side) or "" for side in SIDES}
        self._readers = {
            side: TextReader(model.tokenizer, prefix, prefixes=prefixes.values())
            for side, prefix in prefixes.items()
        }
        lengths: tuple[tuple[str, Side, int], ...] = (
            ("window", "document", window),
            ("query_length", "query", query_length),
            ("document_length", "document", document_length),
        )
        for name, side, length in lengths:
            n_around = len(self._before) + len(self._after)
            n_around += len(self._readers[side].read(side, "a").prefix)
            if length <= n_around:
                name = (called or {}).get(name, name)
                raise ValueError(f"{name} must be at least {n_around + 1}, got {length}")

    @property
    def steps_per_window(self) -> int:
        """How often ``progress`` is called for each window: once before each layer."""
        return max(1, len(self._layers))

    def pieces_of(self, ids: Sequence[int]) -> list[str]:
        """Return the vocabulary entries of ids."""
        entries: list[str] = self.model.tokenizer.convert_ids_to_tokens(list(ids))
        return entries

    def encode(
        self, side: Side, text: str, progress: Progress | None
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
        """Return the tokens of a text and a unit-length vector for each.

        ``progress`` is called before each layer of each window; an exception from it stops the
        work. Without it, a bar is shown in a terminal or notebook if encoding takes long.

        Raises a `ValueError` if the text is not a string, blank, not valid Unicode, or dropped by
        the tokeniser, or if a vector is 0 or not finite.
        """
        reading = self._readers[side].read(side, text)
        before = [*self._before, *(piece.id for piece in reading.prefix)]
        after = list(self._after)
        ids = [piece.id for piece in reading.pieces]
        n_read = min(len(ids), self.lengths[side] - len(before) - len(after))
        size = self.window - len(before) - len(after)
        windows = plan_windows(n_read, size, min(self.overlap, size // 2))
        missing = 0
        if side == "query" and self.expansion is not None:
            missing = max(0, self.expansion.length - len(before) - n_read - len(after))

        rows, masks, origin = [], [], []
        with (
            progress_shown(progress, f"Reading the {side}") as report,
            reporting_layers(self._layers, len(windows), report) as next_window,
        ):
            for number, window in enumerate(windows):
                next_window(number)
                vectors, scored = self._forward(
                    [*before, *ids[window.start : window.stop], *after], side, missing
                )
                is_last = number == len(windows) - 1
                first = 0 if number == 0 else len(before) + window.keep_start - window.start
                last = len(before) + window.keep_stop - window.start
                last += len(after) + missing if is_last else 0
                rows.append(vectors[first:last])
                masks.append(scored[first:last])
                origin += [number] * (last - first)

        tokens = self._tokens(reading, n_read, missing, np.concatenate(masks), origin)
        unread = len(ids) - n_read
        sequence = TokenSequence(
            text, tokens, unread, reading.pieces[n_read].start if unread else None
        )
        return sequence, np.concatenate(rows)

    def _forward(
        self, ids: list[int], side: Side, missing: int
    ) -> tuple[Float[np.ndarray, "tokens dim"], Bool[np.ndarray, " tokens"]]:
        """Return the vectors of one window and which are scored; there is no padding."""
        attention_mask = [1] * len(ids)
        if self.expansion is not None:
            ids = ids + [self.expansion.token_id] * missing
            attention_mask += [int(self.expansion.attend)] * missing
        features = {
            "input_ids": torch.tensor([ids], device=self.model.device),
            "attention_mask": torch.tensor([attention_mask], device=self.model.device),
        }
        if "token_type_ids" in self.model.tokenizer.model_input_names:
            features["token_type_ids"] = torch.zeros_like(features["input_ids"])
        if missing:
            positions = torch.arange(len(ids), device=self.model.device) >= len(ids) - missing
            features["query_expansion_positions"] = positions[None]
        with torch.inference_mode():
            out = self.model(features, task=side)
        vectors = out["token_embeddings"][0].float().cpu().numpy()
        lengths = np.linalg.norm(vectors, axis=1)
        if len(faulty := np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))):
            [piece] = self.pieces_of(ids[faulty[0] : faulty[0] + 1])
            raise ValueError(
                f"{side} must be a text that the model can encode, but its vector of {piece!r} has "
                f"length {lengths[faulty[0]]:g} and so no direction"
            )
        # In bfloat16 the pipeline's own normalisation is off by up to .4%.
        return vectors / lengths[:, None], out["attention_mask"][0].bool().cpu().numpy()

    def _tokens(
        self,
        reading: Reading,
        n_read: int,
        missing: int,
        scored: Bool[np.ndarray, " tokens"],
        origin: list[int],
    ) -> tuple[Token, ...]:
        unknown = self.model.tokenizer.unk_token_id
        name_of = self.model.tokenizer.convert_ids_to_tokens
        special = [(id_, name_of(id_)) for id_ in (*self._before, *self._after)]
        n_before = len(self._before)
        tokens = [Token(id_, name, name, None, None, "special") for id_, name in special]
        tokens[n_before:n_before] = [
            *(
                Token(p.id, p.name, _MARKERS.get(p.text, p.text), None, None, "marker")
                for p in reading.prefix
            ),
            *(
                Token(p.id, p.name, p.text, p.start, p.end, "text", unknown=p.id == unknown)
                for p in reading.pieces[:n_read]
            ),
        ]
        if self.expansion is not None:
            name = name_of(self.expansion.token_id)
            tokens += [
                Token(self.expansion.token_id, name, name, None, None, "expansion")
            ] * missing
        return tuple(
            replace(token, scored=is_scored, window=window)
            for token, is_scored, window in zip(tokens, scored.tolist(), origin, strict=True)
        )


def _structural_ids(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the ids that the tokeniser adds before and after a text, such as [CLS] and [SEP]."""
    word = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    at = next(i for i in range(len(whole)) if whole[i : i + len(word)] == word)
    return tuple(whole[:at]), tuple(whole[at + len(word) :])
