"""The grid that a page shows: its rows and columns with all that is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import Firmness, TokenMatch
from colbert_explain.explanation.scores import share_of
from colbert_explain.explanation.words import Word
from colbert_explain.similarity import first_best
from colbert_explain.text.match_kinds import MatchKind
from colbert_explain.text.wording import count, listed, visible
from colbert_explain.views.charts.heatmap.grid import Grid, Level, Sort, token_grid, word_grid
from colbert_explain.views.charts.heatmap.layout import OPEN_WINDOW, opening
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.charts.plotly_text import drawn_width
from colbert_explain.views.page_data.json_values import none_for_nan
from colbert_explain.views.theme import Palette
from colbert_explain.views.token_labels import short_name, token_names

#: A document of more columns opens on a window.
SHOWN_WHOLE = 64
#: Characters of the document on either side of a match.
_AROUND = 40
KINDS: dict[MatchKind | None, str] = {
    "same word": "same",
    "same stem": "stem",
    "different word": "other",
    None: "structural",
}
_FIRM: dict[Firmness, str] = {"tied": "tie", "close": "close", "firm": ""}


@dataclass(frozen=True, eq=False, slots=True)
class ShownGrid:
    """An explanation as a page lays it out.

    Attributes
    ----------
    explanation, colours
        What is shown, and in which colours.
    grid
        The rows and columns in view.
    places
        Which tokens stand where in it.
    row_names, column_names
        What they are called, as plain text.
    n_hidden_rows, n_hidden_columns
        How many rows and columns are left out because they are not scored.
    opening
        The columns in view at first: all, or the window with the strongest evidence.
    label_width
        Pixels of the widest column label.
    """

    explanation: Explanation
    colours: Palette
    grid: Grid
    places: HeatmapPlaces
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    n_hidden_rows: int
    n_hidden_columns: int
    opening: tuple[int, int]
    label_width: int

    def runners_up(self) -> dict[int, float]:
        """Return for each row that has one the similarity of its best match elsewhere."""
        facts = _row_facts(self)
        found = {}
        for i, tokens in enumerate(self.grid.row_tokens):
            near = facts.get(tokens, {}).get("runner_up")
            if near is not None and near["value"] is not None:
                found[i] = near["value"]
        return found

    def entries(self) -> dict[str, Any]:
        """Return rows, columns and what is hidden, ready for JSON."""
        return {
            "unit": self.grid.unit,
            "rows": self._rows(),
            "columns": self._columns(),
            "hidden": {
                "rows": self.n_hidden_rows,
                "columns": self.n_hidden_columns,
                "sentence": self._hidden_sentence(),
            },
        }

    def _rows(self) -> list[dict[str, Any]]:
        grid = self.grid
        facts = _row_facts(self)
        rows = []
        for i, (name, tokens, winners) in enumerate(
            zip(self.row_names, grid.row_tokens, grid.winners, strict=True)
        ):
            row = {
                "label": name,
                "tokens": list(tokens),
                "scored": bool(grid.row_scored[i]),
                "pieces": grid.row_pieces[i],
                "value": 0.0,
                "share": None,
                "colour": None,
                "column": winners[0] if winners else None,
                "tied": list(winners[1:]),
                "runner_up": None,
                "firm": "",
                "kind": None,
                "context": ["", "", ""],
            }
            rows.append(row | facts.get(tokens, {}) | _tick(name, grid.row_labels[i]))
        return rows

    def _columns(self) -> list[dict[str, Any]]:
        grid = self.grid
        won: dict[int, list[int]] = {}
        for i, winners in enumerate(grid.winners):
            for j in winners:
                won.setdefault(j, []).append(i)
        nearest = self._nearest_rows()
        return [
            {
                "label": name,
                "tokens": list(tokens),
                "scored": scored,
                "rows": won.get(j, []),
                "nearest": nearest[j],
                **_tick(name, label),
            }
            for j, (name, tokens, scored, label) in enumerate(
                zip(
                    self.column_names,
                    grid.column_tokens,
                    grid.column_scored.tolist(),
                    grid.column_labels,
                    strict=True,
                )
            )
        ]

    def _nearest_rows(self) -> list[int]:
        """Return for each column the scored row that is most similar to it.

        Of equals, the first in the text, whichever order the rows are in.
        """
        grid = self.grid
        scored = np.flatnonzero(grid.row_scored)
        in_text = scored[np.argsort([grid.row_tokens[i][0] for i in scored])]
        return [int(i) for i in in_text[first_best(grid.similarity[in_text].T)]]

    def _hidden_sentence(self) -> str:
        hidden = [
            count(n, f"unscored {noun}")
            for n, noun in ((self.n_hidden_rows, "row"), (self.n_hidden_columns, "column"))
            if n
        ]
        return f"{listed(hidden)} hidden" if hidden else ""


def lay_out(
    x: Explanation, *, level: Level, order: Sort, unscored: bool, colours: Palette
) -> ShownGrid:
    """Choose rows and columns: words or tokens, the scored ones or all, in some order."""
    whole = (token_grid if level == "token" else word_grid)(x, colours, hovers=False)
    row_order = whole.order("all" if unscored else "scored", order)
    n_columns = len(whole.column_labels)
    columns = range(n_columns) if unscored else np.flatnonzero(whole.column_scored).tolist()
    grid = whole.take(row_order, columns)
    row_names, column_names = _names(x, level)
    return ShownGrid(
        x,
        colours,
        grid,
        HeatmapPlaces(x, grid.row_tokens, grid.column_tokens),
        tuple(short_name(row_names[i]) for i in row_order),
        tuple(short_name(column_names[j]) for j in columns),
        len(whole.row_labels) - len(row_order),
        n_columns - len(columns),
        opening(x, grid, SHOWN_WHOLE, OPEN_WINDOW),
        max(map(drawn_width, grid.column_labels)),
    )


def _names(x: Explanation, level: Level) -> tuple[list[str], list[str]]:
    if level == "token":
        return token_names(x.query), token_names(x.document)
    words = x.words()
    return [word.text for word in words.query], [word.text for word in words.document]


def _tick(name: str, label: str) -> dict[str, str]:
    """Return the axis label of Plotly where it is a text other than the name."""
    return {} if label == name else {"tick": label}


def _row_facts(shown: ShownGrid) -> dict[tuple[int, ...], dict[str, Any]]:
    """Describe the match of every scored row, by the tokens that the row stands for."""
    x = shown.explanation
    column_of = {j: k for k, tokens in enumerate(shown.grid.column_tokens) for j in tokens}
    by_word = shown.grid.unit == "word"
    facts = {}
    for match in x.word_matches:
        strongest = match.pieces[0]
        units = [(match.word.positions, strongest, match.contribution, len(match.pieces))]
        near, firm = match.runner_up_similarity, match.firmness
        if not by_word:
            units = [((piece.position,), piece, piece.similarity, 1) for piece in match.pieces]
        for tokens, piece, value, n_pieces in units:
            if not by_word:
                near, firm = piece.runner_up_similarity, piece.firmness
            facts[tokens] = {
                "value": value,
                "share": none_for_nan(share_of(value, x.score)),
                "colour": shown.colours.cosine_colour(value / n_pieces),
                "runner_up": _runner_up(piece, near, column_of),
                "firm": _FIRM[firm],
                "kind": KINDS[match.kind],
                "context": _context(x.document.text, piece.match),
            }
    return facts


def _runner_up(piece: TokenMatch, near: float, column_of: dict[int, int]) -> dict[str, Any] | None:
    if piece.runner_up is None:
        return None
    return {
        "column": column_of.get(piece.runner_up_position),
        "label": short_name(piece.runner_up.text),
        "value": none_for_nan(near),
    }


def _context(text: str, word: Word) -> list[str]:
    """Return what stands before a word, the word, and what stands after it, each on one line."""
    if word.start is None or word.end is None:
        return ["", visible(word.text), ""]
    first, stop = max(0, word.start - _AROUND), word.end + _AROUND
    before, after = text[first : word.start], text[word.end : stop]
    if first > 0:
        before = "…" + _without_first_word(before)
    if stop < len(text):
        after = _without_first_word(after[::-1])[::-1] + "…"
    return [visible(part) for part in (before, text[word.start : word.end], after)]


def _without_first_word(part: str) -> str:
    """Drop a word that may be cut, unless nothing would be left."""
    _, space, rest = part.lstrip().partition(" ")
    return rest if space and rest.strip() else part
