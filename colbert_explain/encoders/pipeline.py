"""A sentence-transformers `MultiVectorEncoder` that reads texts token by token.

The model computes every number; `Pipeline` decides which ids go in, so that each vector stays
with the token and the characters it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from sentence_transformers import MultiVectorEncoder

from colbert_explain.embeddings import Progress
from colbert_explain.encoders.checkpoint.settings import SIDES, Expansion, Side
from colbert_explain.encoders.progress import progress_shown, reporting_layers
from colbert_explain.encoders.tokenising import Reading, TextReader
from colbert_explain.encoders.windows import plan_windows
from colbert_explain.tokens import Token, TokenSequence

#: What ColBERT calls the two vocabulary entries that it trains as markers.
_MARKERS = {"[unused0]": "[Q]", "[unused1]": "[D]"}


@dataclass(frozen=True, slots=True)
class _Frame:
    """The structural ids around every text: ``[CLS]`` before, ``[SEP]`` after."""

    before: tuple[int, ...]
    after: tuple[int, ...]


class Pipeline:
    """Read and encode texts with a `MultiVectorEncoder`.

    Parameters
    ----------
    model
        Its modules decide the vectors and which tokens are scored, its ``prompts`` what stands
        before a query and a document.
    window
        Tokens per forward pass, structural tokens included.
    query_length, document_length
        Most tokens read of a text, structural tokens included.
    expansion
        How queries are filled up with further tokens, if they are.
    overlap
        Text tokens that neighbouring windows share at least.

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
    ) -> None:
        self.model = model.eval()
        self.window = window
        self.lengths: dict[Side, int] = {"query": query_length, "document": document_length}
        self.expansion = expansion
        self.overlap = overlap
        self._frame = _structural_ids(model.tokenizer)
        openings = {side: model.prompts.get(side) or "" for side in SIDES}
        self._readers = {
            side: TextReader(model.tokenizer, opening, markers=openings.values())
            for side, opening in openings.items()
        }
        lengths: tuple[tuple[str, Side, int], ...] = (
            ("window", "document", window),
            ("query_length", "query", query_length),
            ("document_length", "document", document_length),
        )
        for name, side, length in lengths:
            framed = len(self._frame.before) + len(self._frame.after)
            framed += len(self._readers[side].read(side, "a").opening)
            if length <= framed:
                raise ValueError(f"{name} must be at least {framed + 1}, got {length}")

    def spelling(self, ids: Sequence[int]) -> list[str]:
        """Return the vocabulary entries of ids, as the tokeniser spells them."""
        entries: list[str] = self.model.tokenizer.convert_ids_to_tokens(list(ids))
        return entries

    def encode(
        self, side: Side, text: str, progress: Progress | None
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
        """Read a text of a side, and compute a unit-length vector for each of its tokens.

        ``progress`` is called before each layer of each window; raising from it stops. Without
        it, a bar is shown in a terminal or notebook if it takes long.

        Raises
        ------
        ValueError
            If the text is no string, blank, not valid Unicode, or dropped by the tokeniser.
        """
        reading = self._readers[side].read(side, text)
        before = [*self._frame.before, *(piece.id for piece in reading.opening)]
        after = list(self._frame.after)
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
            reporting_layers(self.model, len(windows), report) as next_window,
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
        """Run one window through the pipeline; no padding, so the mask it returns is scoring."""
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
        # In bfloat16 the pipeline's own normalisation is off by up to .4 %.
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors, out["attention_mask"][0].bool().cpu().numpy()

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
        special = [(id_, name_of(id_)) for id_ in (*self._frame.before, *self._frame.after)]
        opened = len(self._frame.before)
        tokens = [Token(id_, name, name, None, None, "special") for id_, name in special]
        tokens[opened:opened] = [
            *(
                Token(p.id, p.name, _MARKERS.get(p.text, p.text), None, None, "marker")
                for p in reading.opening
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


def _structural_ids(tokenizer: Any) -> _Frame:
    """Find what the tokeniser puts around a text, by looking at what it puts around a word."""
    word = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    at = next(i for i in range(len(whole)) if whole[i : i + len(word)] == word)
    return _Frame(tuple(whole[:at]), tuple(whole[at + len(word) :]))
