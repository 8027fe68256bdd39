"""What a heatmap shows: its rows and columns with their labels, values and winners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float

from colbert_explain import argument_checks as check
from colbert_explain.similarity import ordered

Level = Literal["token", "word"]
"""What a row is."""
Rows = Literal["all", "text", "scored"]
"""Which rows are drawn: all, those that stand for text, or those that are scored."""
Sort = Literal["text", "contribution"]
"""The order of rows: that of the text, or the largest contribution first."""


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """Query tokens (or words) against document tokens (or words).

    Attributes
    ----------
    unit
        ``"token"`` or ``"word"``.
    similarity
        Cosine similarities, shape ``(rows, columns)``.
    contributions
        What each row adds to the score; 0 where it is not scored.
    winners
        For each row the columns that win it: several if they are tied, none if not scored.
    row_tied
        Whether the match of a row is a tie; of a word, whether that of one of its pieces is.
    row_labels, column_labels, row_hovers, column_hovers
        Axis labels and hover texts, ready for Plotly.
    row_scored, column_scored, row_is_text
        Whether they take part in the score, and whether a row stands for text.
    row_tokens, column_tokens
        The token positions that each row and column stands for.
    row_pieces
        How many scored tokens each row's contribution is the sum of.
    """

    unit: str
    similarity: Float[np.ndarray, "rows columns"]
    contributions: Float[np.ndarray, " rows"]
    winners: tuple[tuple[int, ...], ...]
    row_tied: tuple[bool, ...]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    row_hovers: tuple[str, ...]
    column_hovers: tuple[str, ...]
    row_scored: Bool[np.ndarray, " rows"]
    column_scored: Bool[np.ndarray, " columns"]
    row_is_text: Bool[np.ndarray, " rows"]
    row_tokens: tuple[tuple[int, ...], ...]
    column_tokens: tuple[tuple[int, ...], ...]
    row_pieces: tuple[int, ...]

    def take(self, order: Sequence[int]) -> Grid:
        """Return a grid of some rows, in the order given; winners keep their rows."""
        if list(order) == list(range(len(self.winners))):
            return self
        index = np.array(order, dtype=np.int64)
        return Grid(
            self.unit,
            self.similarity[index],
            self.contributions[index],
            tuple(self.winners[i] for i in order),
            tuple(self.row_tied[i] for i in order),
            tuple(self.row_labels[i] for i in order),
            self.column_labels,
            tuple(self.row_hovers[i] for i in order),
            self.column_hovers,
            self.row_scored[index],
            self.column_scored,
            self.row_is_text[index],
            tuple(self.row_tokens[i] for i in order),
            self.column_tokens,
            tuple(self.row_pieces[i] for i in order),
        )

    def order(self, rows: str, sort: str) -> list[int]:
        """Choose rows and put them in order.

        Parameters
        ----------
        rows
            ``"all"``, ``"text"`` (those that stand for text) or ``"scored"``.
        sort
            ``"text"``, or ``"contribution"``: the largest first, of equals the earlier one,
            those that are not scored last.

        Raises
        ------
        ValueError
            If ``rows`` or ``sort`` is none of these, or if no row is left.
        """
        check.choice("rows", rows, get_args(Rows))
        check.choice("sort", sort, get_args(Sort))
        everything = np.ones(len(self.winners), dtype=bool)
        kept = {"all": everything, "text": self.row_is_text, "scored": self.row_scored}[rows]
        order = [int(i) for i in np.flatnonzero(kept)]
        if not order:
            raise ValueError(f"rows must leave a query {self.unit} to show, got {rows!r}")
        if sort == "contribution":
            scored = [i for i in order if self.row_scored[i]]
            terms = max((self.row_pieces[i] for i in scored), default=1)
            best_first = [scored[k] for k in ordered(self.contributions[scored], terms=terms)]
            order = best_first + [i for i in order if not self.row_scored[i]]
        return order
