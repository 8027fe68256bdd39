"""Encode texts with a `MultiVectorEncoder` of sentence-transformers.

The model computes every number. `Pipeline` makes the input ids, so that each vector stays with its
token and its characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Bool, Float
from sentence_transformers import MultiVectorEncoder

from colbert_explain.embeddings import Progress
from colbert_explain.encoders.checkpoint.settings import SIDES, Expansion, Side
from colbert_explain.encoders.progress import layers_of, reporting_layers
from colbert_explain.encoders.progress_bar import progress_shown
from colbert_explain.encoders.tokenising import Reading, TextReader
from colbert_explain.encoders.windows import Window, plan_windows
from colbert_explain.text.wording import listed
from colbert_explain.tokens import Token, TokenSequence

#: ColBERT's names of the two vocabulary entries that it trains as markers.
_MARKERS = {"[unused0]": "[Q]", "[unused1]": "[D]"}

#: The tokens of a text and a vector for each.
Encoded: TypeAlias = tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a text is encoded: its pieces between structural ids, in windows.

    ``after`` ends with the tokens that fill up a query, ``missing`` in number.
    """

    side: Side
    reading: Reading
    before: list[int]
    after: list[int]
    n_read: int
    windows: list[Window]
    missing: int

    def ids_of(self, window: Window) -> list[int]:
        pieces = self.reading.pieces[window.start : window.stop]
        return [*self.before, *(piece.id for piece in pieces), *self.after]

    @property
    def tokens_in_one_pass(self) -> int | None:
        return len(self.ids_of(self.windows[0])) if len(self.windows) == 1 else None


@dataclass(frozen=True, slots=True)
class _Pass:
    """What a forward pass gives for a text: a vector for each id, and which are scored."""

    ids: list[int]
    vectors: Float[np.ndarray, "tokens dim"]
    scored: Bool[np.ndarray, " tokens"]


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
        #: By texts, tokens and whether some fill up a query: whether a shared pass gives the bits
        #: of a pass for each text.
        self._gives_same_bits: dict[tuple[int, int, bool], bool] = {}
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

    def encode(self, side: Side, text: str, progress: Progress | None) -> Encoded:
        """Return the tokens of a text and a unit-length vector for each.

        ``progress`` is called before each layer of each window; an exception from it stops the
        work. Without it, a bar is shown in a terminal or notebook if encoding takes long.

        Raises a `ValueError` if the text is not a string, blank, not valid Unicode, or dropped by
        the tokeniser, or if a vector is 0 or not finite.
        """
        plan = self._plan(side, text)
        with (
            progress_shown(progress, f"Reading the {side}") as report,
            reporting_layers(self._layers, len(plan.windows), report) as next_window,
        ):
            passes = []
            for number, window in enumerate(plan.windows):
                next_window(number)
                [one] = self._forward([plan.ids_of(window)], [plan.missing], side)
                passes.append(self._normalised(one, side))
        return self._joined(plan, passes)

    def tokens_to_share(self, side: Side, text: str) -> int | None:
        """Return how many tokens a text has, if it can share a forward pass with others.

        Returns ``None`` if one pass does not encode it, or if shared passes give other bits here.
        Raises a `ValueError` as `encode` does.
        """
        plan = self._plan(side, text)
        n = plan.tokens_in_one_pass
        # Half precision rounds differences away, so that a trial would show little.
        if n is None or self.model.dtype != torch.float32:
            return None
        return None if self._gives_same_bits.get((2, n, plan.missing > 0)) is False else n

    def encode_together(
        self, side: Side, texts: Sequence[str], before_pass: Callable[[], object]
    ) -> list[Encoded | ValueError]:
        """Return what `encode` returns or raises for each text, to the last bit.

        All texts must have the same `tokens_to_share`. They share forward passes where such a pass
        has given the same bits as one for each text when it was first needed. ``before_pass`` is
        called before each pass; an exception from it stops the work.
        """
        plans = [self._plan(side, text) for text in texts]
        counts = sorted({plan.tokens_in_one_pass or 0 for plan in plans})
        if len(counts) > 1 or 0 in counts:
            raise ValueError(
                "texts must have the same number of tokens in one forward pass, got "
                f"{listed([f'{n:,}' if n else 'several passes' for n in counts])}"
            )

        def forward(some: Sequence[_Plan]) -> list[_Pass]:
            before_pass()
            ids = [plan.ids_of(plan.windows[0]) for plan in some]
            return self._forward(ids, [plan.missing for plan in some], side)

        passes: list[_Pass] = []
        while some := plans[len(passes) :]:
            # Few sizes, so that few have to be tried: 4 and 2 of 6 texts.
            some = some[: 1 << len(some).bit_length() - 1]
            passes += self._in_one_pass(some, forward)

        outcomes: list[Encoded | ValueError] = []
        for plan, one in zip(plans, passes, strict=True):
            try:
                outcomes.append(self._joined(plan, [self._normalised(one, side)]))
            except ValueError as error:
                outcomes.append(error)
        return outcomes

    def _in_one_pass(
        self, plans: Sequence[_Plan], forward: Callable[[Sequence[_Plan]], list[_Pass]]
    ) -> list[_Pass]:
        """Return a pass for each text, shared if that has been seen to give the same bits."""
        are_filled = {plan.missing > 0 for plan in plans}  # these may need a mask
        can_share = len(plans) > 1 and len(are_filled) == 1
        shape = len(plans), plans[0].tokens_in_one_pass or 0, any(are_filled)
        if can_share and self._gives_same_bits.get(shape):
            return forward(plans)
        alone = [one for plan in plans for one in forward([plan])]
        if can_share and shape not in self._gives_same_bits:
            try:
                is_same = all(map(_are_equal, alone, forward(plans)))
            except RuntimeError:  # such as too little memory
                is_same = False
            # Another thread may have tried it too.
            self._gives_same_bits[shape] = is_same and self._gives_same_bits.get(shape, True)
        return alone

    def _plan(self, side: Side, text: str) -> _Plan:
        reading = self._readers[side].read(side, text)
        before = [*self._before, *(piece.id for piece in reading.prefix)]
        n_around = len(before) + len(self._after)
        n_read = min(len(reading.pieces), self.lengths[side] - n_around)
        size = self.window - n_around
        missing = 0
        if side == "query" and self.expansion is not None:
            missing = max(0, self.expansion.length - n_around - n_read)
        after = list(self._after)
        if self.expansion is not None:
            after += [self.expansion.token_id] * missing
        windows = plan_windows(n_read, size, min(self.overlap, size // 2))
        return _Plan(side, reading, before, after, n_read, windows, missing)

    def _forward(self, batch: list[list[int]], missing: Sequence[int], side: Side) -> list[_Pass]:
        """Run the network over texts of the same number of tokens; there is no padding.

        The last ids of each text, ``missing`` in number, fill up a query.
        """
        device = self.model.device
        n_missing = torch.tensor(missing, device=device)[:, None]
        fills = torch.arange(len(batch[0]), device=device) >= len(batch[0]) - n_missing
        is_hidden = self.expansion is not None and not self.expansion.attend
        features = {
            "input_ids": torch.tensor(batch, device=device),
            "attention_mask": (~fills if is_hidden else torch.ones_like(fills)).long(),
        }
        if "token_type_ids" in self.model.tokenizer.model_input_names:
            features["token_type_ids"] = torch.zeros_like(features["input_ids"])
        if any(missing):
            features["query_expansion_positions"] = fills
        with torch.inference_mode():
            out = self.model(features, task=side)
        return [
            _Pass(ids, vectors.float().cpu().numpy(), scored.bool().cpu().numpy())
            for ids, vectors, scored in zip(
                batch, out["token_embeddings"], out["attention_mask"], strict=True
            )
        ]

    def _joined(self, plan: _Plan, passes: Sequence[_Pass]) -> Encoded:
        """Return tokens and vectors of a text from the passes over its windows."""
        rows, masks, origin = [], [], []
        for number, (window, one) in enumerate(zip(plan.windows, passes, strict=True)):
            is_last = number == len(plan.windows) - 1
            first = 0 if number == 0 else len(plan.before) + window.keep_start - window.start
            last = len(plan.before) + window.keep_stop - window.start
            last += len(plan.after) if is_last else 0
            rows.append(one.vectors[first:last])
            masks.append(one.scored[first:last])
            origin += [number] * (last - first)
        tokens = self._tokens(plan, np.concatenate(masks), origin)
        reading, n_read = plan.reading, plan.n_read
        unread = len(reading.pieces) - n_read
        sequence = TokenSequence(
            reading.text, tokens, unread, reading.pieces[n_read].start if unread else None
        )
        return sequence, np.concatenate(rows)

    def _normalised(self, one: _Pass, side: Side) -> _Pass:
        """Return a pass with unit vectors, or raise a `ValueError` if one has no direction."""
        lengths = np.linalg.norm(one.vectors, axis=1)
        if len(faulty := np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))):
            [piece] = self.pieces_of(one.ids[faulty[0] : faulty[0] + 1])
            raise ValueError(
                f"{side} must be a text that the model can encode, but its vector of {piece!r} has "
                f"length {lengths[faulty[0]]:g} and so no direction"
            )
        # In bfloat16 the pipeline's own normalisation is off by up to .4%.
        return replace(one, vectors=one.vectors / lengths[:, None])

    def _tokens(
        self, plan: _Plan, scored: Bool[np.ndarray, " tokens"], origin: list[int]
    ) -> tuple[Token, ...]:
        unknown = self.model.tokenizer.unk_token_id
        name_of = self.model.tokenizer.convert_ids_to_tokens
        special = [(id_, name_of(id_)) for id_ in (*self._before, *self._after)]
        n_before = len(self._before)
        tokens = [Token(id_, name, name, None, None, "special") for id_, name in special]
        tokens[n_before:n_before] = [
            *(
                Token(p.id, p.name, _MARKERS.get(p.text, p.text), None, None, "marker")
                for p in plan.reading.prefix
            ),
            *(
                Token(p.id, p.name, p.text, p.start, p.end, "text", unknown=p.id == unknown)
                for p in plan.reading.pieces[: plan.n_read]
            ),
        ]
        if self.expansion is not None:
            name = name_of(self.expansion.token_id)
            tokens += [
                Token(self.expansion.token_id, name, name, None, None, "expansion")
            ] * plan.missing
        return tuple(
            replace(token, scored=is_scored, window=window)
            for token, is_scored, window in zip(tokens, scored.tolist(), origin, strict=True)
        )


def _are_equal(one: _Pass, other: _Pass) -> bool:
    return np.array_equal(one.vectors, other.vectors, equal_nan=True) and np.array_equal(
        one.scored, other.scored
    )


def _structural_ids(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the ids that the tokeniser adds before and after a text, such as [CLS] and [SEP]."""
    word = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    at = next(i for i in range(len(whole)) if whole[i : i + len(word)] == word)
    return tuple(whole[:at]), tuple(whole[at + len(word) :])
