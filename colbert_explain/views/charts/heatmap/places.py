"""Which tokens stand where in a heatmap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.similarity import first_best


@dataclass(frozen=True, eq=False, slots=True)
class HeatmapPlaces:
    """The tokens behind the rows and columns of a heatmap.

    Attributes
    ----------
    explanation
        What the heatmap shows.
    row_tokens, column_tokens
        The token positions that each row and column stands for.
    """

    explanation: Explanation
    row_tokens: tuple[tuple[int, ...], ...]
    column_tokens: tuple[tuple[int, ...], ...]

    def pair(self, row: int, column: int) -> tuple[int, int] | None:
        """Return query and document position of a cell; of words, those of its best two pieces.

        Pieces that are not scored count only in words that have no others. None where the
        heatmap has no such cell.
        """
        if not (0 <= row < len(self.row_tokens) and 0 <= column < len(self.column_tokens)):
            return None
        x = self.explanation
        rows = [i for i in self.row_tokens[row] if x.query[i].scored] or self.row_tokens[row]
        held = self.column_tokens[column]
        columns = [j for j in held if x.document[j].scored] or held
        cells = x.similarity[np.ix_(list(rows), list(columns))]
        best = int(first_best(cells.reshape(-1)))
        return rows[best // len(columns)], columns[best % len(columns)]

    def cell(self, pair: tuple[int, int]) -> tuple[int, int] | None:
        """Return row and column of two tokens; None where the row is hidden."""
        row = next((k for k, held in enumerate(self.row_tokens) if pair[0] in held), None)
        column = next((k for k, held in enumerate(self.column_tokens) if pair[1] in held), None)
        return None if row is None or column is None else (row, column)
