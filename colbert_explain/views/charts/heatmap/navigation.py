"""Which tokens stand where in a heatmap, and where it has to move to show others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.similarity import first_best
from colbert_explain.views.charts.heatmap.layout import OPEN_WHOLE, OPEN_WINDOW
from colbert_explain.views.theme import Theme, palette_of

#: Left and right end of an axis, or of a part of a document.
Ends = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class HeatmapPlaces:
    """The tokens behind the rows and columns of a heatmap.

    An axis range counts columns, whose middles are whole numbers. A part of a document counts
    tokens from edge to edge: (0, n) is the whole. Between the edges of a word both run evenly.

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

    @property
    def shown_whole(self) -> bool:
        """Whether the document is short enough to stand still, all in view."""
        return len(self.column_tokens) <= OPEN_WHOLE

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

    def part(self, axis: Ends) -> Ends:
        """Return the part of the document that an axis range shows, within the document."""
        edges = self._edges()
        left, right = np.interp(np.add(axis, 0.5), np.arange(len(edges)), edges)
        return float(left), float(right)

    def axis(self, part: Ends) -> Ends:
        """Return the axis range that shows a part of the document."""
        edges = self._edges()
        left, right = np.interp(part, edges, np.arange(len(edges))) - 0.5
        return float(left), float(right)

    def moved_to(self, part: Ends, axis: Ends) -> Ends:
        """Move an axis range so that a part stands in its middle, or begins it if it is longer.

        The width stays, but for a view of everything, which narrows to the opening's width. A
        document that is shown whole stays as it is.
        """
        n_columns = len(self.column_tokens)
        if self.shown_whole:
            return -0.5, n_columns - 0.5
        width = min(axis[1] - axis[0], float(n_columns))
        if width > 0.98 * n_columns:
            width = float(OPEN_WINDOW)
        left, right = self.axis(part)
        start = left if right - left > width else (left + right - width) / 2
        if right > left and all((2 * end) % 2 == 1 for end in (left, right, left + width)):
            start = np.floor(start + 0.5) - 0.5  # no column is cut in two
        start = min(max(start, -0.5), n_columns - 0.5 - width)
        return float(start), float(start + width)

    def _edges(self) -> list[int]:
        return [tokens[0] for tokens in self.column_tokens] + [len(self.explanation.document)]


def part_outline(axis: Ends, theme: Theme = "light") -> dict[str, object]:
    """Outline the columns of an axis range from top to bottom, as a shape of a layout."""
    return {
        "type": "rect",
        "name": "passage",
        "xref": "x",
        "yref": "paper",
        "x0": axis[0],
        "x1": axis[1],
        "y0": 0,
        "y1": 1,
        "line": {"width": 2, "color": palette_of(theme).accent, "dash": "dot"},
    }
