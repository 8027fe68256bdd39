"""A table as HTML and as text: what figures leave in a saved notebook, and what results show.

Nothing in it needs a script, a style sheet or an inline style to be understood: hosts of
notebooks strip one or all of them. Colours only repeat what the numbers say.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import SupportsFloat

from colbert_explain.text.wording import (
    END_ISOLATE,
    ISOLATE,
    isolated,
    number,
    percent,
    shorten,
    visible,
)
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.theme import (
    COSINE_STEPS,
    PageTheme,
    cosine_step,
    css_cosine,
    inline_cosine,
)

#: Rows of a table that a cell shows at most: a saved notebook stays small.
MOST_ROWS = 100
#: Characters of a cell in the text form.
_TEXT_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text
        What it says; escaped when it is written, and kept in its place whatever its direction.
    similarity
        The cosine similarity that colours it, in ``[-1, 1]``; none where ``None``.
    number
        Whether it is set flush right.
    strong
        Whether it is a winner, the best of several, or at the foot the sum.
    muted
        Whether it is a remark, such as "not scored".
    mono
        Whether all its characters have one width, as those of a strip must.
    """

    text: str
    similarity: float | None = None
    number: bool = False
    strong: bool = False
    muted: bool = False
    mono: bool = False


#: Where there is no number.
NO_NUMBER = Cell("\N{EN DASH}", number=True)


def number_cell(value: SupportsFloat, digits: int = 3, *, strong: bool = False) -> Cell:
    """Write a number with so many decimals; a dash where it is not one."""
    written = NO_NUMBER.text if math.isnan(value) else number(value, digits)
    return Cell(written, number=True, strong=strong)


def similarity_cell(value: SupportsFloat) -> Cell:
    """Write a cosine similarity, which colours its cell."""
    return Cell(number(value), float(value), number=True)


def count_cell(value: int, *, strong: bool = False) -> Cell:
    """Write a whole number, its thousands apart."""
    return Cell(f"{value:,}", number=True, strong=strong)


def percent_cell(part: float, digits: int = 0, *, strong: bool = False) -> Cell:
    """Write a fraction as a percentage; a dash where it is not a number."""
    return Cell(percent(part, digits) or NO_NUMBER.text, number=True, strong=strong)


@dataclass(frozen=True, slots=True)
class StaticTable:
    """A table with what stands around it.

    Attributes
    ----------
    title
        The line above it, such as the score.
    sentences
        Paragraphs between title and table; in them and in the title `isolated` keeps names apart.
    caption
        What the table holds.
    head
        One heading a column.
    rows, foot
        Cells, as many as headings; the first of a row names it. ``foot`` may be empty.
    source
        What computed it; may be empty.
    """

    title: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sentences: tuple[str, ...] = ()
    foot: tuple[Cell, ...] = ()
    source: str = ""

    @property
    def shown(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that are written out; the caption says how many are not."""
        return self.rows[:MOST_ROWS]

    @property
    def full_caption(self) -> str:
        """The caption, with what is left out."""
        n_more = len(self.rows) - len(self.shown)
        if not n_more:
            return self.caption
        return f"{self.caption}; the first {len(self.shown)} of {len(self.rows):,} rows"

    def html(self, theme: PageTheme = "auto") -> str:
        """Write it as HTML that survives without its style sheet."""
        values = {
            cosine_step(cell.similarity)
            for row in (*self.shown, self.foot)
            for cell in row
            if cell.similarity is not None
        }
        return render(
            "static_table.html.j2",
            table=self,
            numbers=_number_columns(self),
            step=cosine_step,
            colours=[(step, css_cosine(step / COSINE_STEPS, theme)) for step in sorted(values)],
            inline=lambda value: inline_cosine(value, theme),
            theme_class=theme_class(theme),
        )

    def text(self) -> str:
        """Write it as lines of text, its columns flush."""
        numbers = _number_columns(self)
        grid = [[_cell_text(cell.text) for cell in row] for row in (*self.shown, self.foot) if row]
        lines = [[_cell_text(name) for name in self.head], *grid]
        widths = [max(_width(line[k]) for line in lines) for k in range(len(self.head))]
        written = [
            "  ".join(
                (" " * (width - _width(text)) + text)
                if number
                else (text + " " * (width - _width(text)))
                for text, width, number in zip(line, widths, numbers, strict=True)
            ).rstrip()
            for line in lines
        ]
        above = [self.title, *self.sentences, f"{self.full_caption}:"]
        below = [self.source] if self.source else []
        return "\n".join(
            [_visible(line) for line in above if line] + [f"  {line}" for line in written] + below
        )

    def forms(self, theme: PageTheme = "auto") -> dict[str, str]:
        """Write it as what a notebook keeps: HTML and text, by MIME type."""
        return {"text/html": self.html(theme), "text/plain": self.text()}


def _number_columns(table: StaticTable) -> list[bool]:
    """Return which columns contain numbers."""
    cells = [row for row in (*table.shown, table.foot) if row]
    return [any(row[k].number for row in cells) for k in range(len(table.head))]


def _cell_text(text: str) -> str:
    text = " ".join(text.split())
    if ISOLATE in text:
        return _visible(text)  # a name of a few characters in a text of ours
    return isolated(shorten(visible(text), _TEXT_LENGTH))


def _visible(text: str) -> str:
    """Replace what a terminal would obey or hide, but for what keeps names in their place."""
    parts = re.split(f"([{ISOLATE}{END_ISOLATE}])", text)
    return "".join(part if part in (ISOLATE, END_ISOLATE) else visible(part) for part in parts)


def _width(text: str) -> int:
    return len(text) - text.count(ISOLATE) - text.count(END_ISOLATE)
