"""An `Encoder` around a sentence-transformers `MultiVectorEncoder` pipeline.

The pipeline computes every number; this class decides which ids go in, so that each vector
stays with the token and the characters it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from sentence_transformers import MultiVectorEncoder

from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.reading import Reading, read_text
from colbert_explain.encoders.windows import plan_windows
from colbert_explain.tokens import Token, TokenSequence

Side = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class _Frame:
    """The structural ids around a text: ``[CLS]`` before, ``[SEP]`` after."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.before) + len(self.after)


class PipelineEncoder:
    """Encode texts with a `MultiVectorEncoder`, token by token.

    Parameters
    ----------
    model
        The pipeline; its modules decide the vectors and which tokens are scored.
    provenance
        What to say about it.
    window
        Tokens per forward pass, structural tokens included.
    query_length, document_length
        Most tokens read of a text, structural tokens included.
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
        provenance: Provenance,
        *,
        window: int,
        query_length: int,
        document_length: int,
        overlap: int = 128,
    ) -> None:
        self.model = model
        self.provenance = provenance
        self.window = window
        self.query_length = query_length
        self.document_length = document_length
        self.overlap = overlap
        self._frame = _structural_ids(model.tokenizer)
        for name, length in (
            ("window", window),
            ("query_length", query_length),
            ("document_length", document_length),
        ):
            if length <= len(self._frame):
                raise ValueError(f"{name} must be at least {len(self._frame) + 1}, got {length}")

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.provenance.model

    @property
    def dim(self) -> int:
        """Numbers per token vector."""
        return self.provenance.dim

    def __repr__(self) -> str:
        return f"PipelineEncoder({self.provenance.sentence()})"

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query; at most ``query_length`` tokens are read, the rest is counted.

        Parameters
        ----------
        text
            Any text that is not blank.
        progress
            Called as ``progress(done, total)`` before each window. Raising from it stops.

        Raises
        ------
        ValueError
            If the text is no string, blank, not valid Unicode, or dropped by the tokeniser.
        """
        return self._embed(text, "query", self.query_length, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document of up to ``document_length`` tokens, in overlapping windows.

        Each text token takes its vector from the window in which it is most central. Of the
        structural tokens the first window's leading and the last window's closing ones are
        kept: copies would inflate their rows. What lies past ``document_length`` is counted.

        Parameters and errors as for `embed_query`.
        """
        return self._embed(text, "document", self.document_length, progress)

    def _embed(
        self, text: str, side: Side, length: int, progress: Progress | None
    ) -> TokenEmbeddings:
        reading = read_text(self.model.tokenizer, side, text)
        n_read = min(len(reading.ids), length - len(self._frame))
        size = self.window - len(self._frame)
        windows = plan_windows(n_read, size, min(self.overlap, size // 2))
        head, tail = len(self._frame.before), len(self._frame.after)

        rows, masks, origin = [], [], []
        for number, window in enumerate(windows):
            if progress is not None:
                progress(number, len(windows))
            ids = [
                *self._frame.before,
                *reading.ids[window.start : window.stop],
                *self._frame.after,
            ]
            vectors, scored = self._forward(ids, side)
            first = 0 if number == 0 else head + window.keep_start - window.start
            last = head + window.keep_stop - window.start
            last += tail if number == len(windows) - 1 else 0
            rows.append(vectors[first:last])
            masks.append(scored[first:last])
            origin += [number] * (last - first)
        if progress is not None:
            progress(len(windows), len(windows))

        tokens = self._tokens(reading, n_read, np.concatenate(masks), origin)
        unread = len(reading.ids) - n_read
        sequence = TokenSequence(text, tokens, unread, reading.spans[n_read][0] if unread else None)
        return TokenEmbeddings(sequence, np.concatenate(rows), self.provenance)

    def _forward(
        self, ids: list[int], side: Side
    ) -> tuple[Float[np.ndarray, "tokens dim"], Bool[np.ndarray, " tokens"]]:
        """Run one window through the pipeline; no padding, so the mask it returns is scoring."""
        input_ids = torch.tensor([ids], device=self.model.device)
        features = {
            "input_ids": input_ids,
            "attention_mask": torch.ones_like(input_ids),
            "token_type_ids": torch.zeros_like(input_ids),
        }
        with torch.inference_mode():
            out = self.model.eval()(features, task=side)
        vectors = out["token_embeddings"][0].float().cpu().numpy()
        # In bfloat16 the pipeline's own normalisation is off by up to .4 %.
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors, out["attention_mask"][0].bool().cpu().numpy()

    def _tokens(
        self, reading: Reading, n_read: int, scored: Bool[np.ndarray, " tokens"], origin: list[int]
    ) -> tuple[Token, ...]:
        tokenizer = self.model.tokenizer
        flags = zip(scored.tolist(), origin, strict=True)

        def structural(id_: int) -> Token:
            piece = tokenizer.convert_ids_to_tokens(id_)
            is_scored, window = next(flags)
            return Token(id_, piece, piece, None, None, "special", is_scored, window=window)

        tokens = [structural(id_) for id_ in self._frame.before]
        for i in range(n_read):
            (start, end), id_ = reading.spans[i], reading.ids[i]
            is_scored, window = next(flags)
            written, unknown = reading.text[start:end], id_ == tokenizer.unk_token_id
            tokens.append(
                Token(
                    id_, reading.pieces[i], written, start, end, "text", is_scored, unknown, window
                )
            )
        return (*tokens, *(structural(id_) for id_ in self._frame.after))


def _structural_ids(tokenizer: Any) -> _Frame:
    """Find what the tokeniser puts around a text, by looking at what it puts around a word."""
    word = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    at = next(i for i in range(len(whole)) if whole[i : i + len(word)] == word)
    return _Frame(tuple(whole[:at]), tuple(whole[at + len(word) :]))
