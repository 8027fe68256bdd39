"""The tables of an explanation: its score, its tokens, its heatmap and its document map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.text.printed_sums import SCORE_BEFORE_ROUNDING
from colbert_explain.text.wording import capitalised, count, isolated, number, token_range
from colbert_explain.views.charts.bins import binned_profile
from colbert_explain.views.charts.heatmap.grid import Grid, token_grid
from colbert_explain.views.charts.heatmap.layout import opening
from colbert_explain.views.charts.plotly_text import unmarked
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.html.static_table import (
    Cell,
    StaticTable,
    count_cell,
    similarity_cell,
)
from colbert_explain.views.text.plain_text import NOT_COMPARABLE, warnings
from colbert_explain.views.theme import (
    COSINE_TITLE,
    LIGHT,
    PageTheme,
    cosine_step,
    css_cosine,
    drawn_theme,
    inline_cosine,
    palette_of,
)
from colbert_explain.views.token_labels import short_name, token_names


def token_table(explanation: Explanation, *, theme: PageTheme = "auto", source: bool = True) -> str:
    """Write the table of contributions as HTML: one row per query token, sum at the foot.

    ``source`` says whether what computed it stands below.
    """
    return render(
        "token_table.html.j2",
        rows=explanation.to_frame().to_dict("records"),
        score=explanation.score,
        score_row=SCORE_BEFORE_ROUNDING,
        theme_class=theme_class(theme),
        provenance=explanation.provenance_sentence() if source else "",
    )


def notices(
    explanation: Explanation,
    *,
    theme: PageTheme = "auto",
    title: str = "",
    summary: Sequence[str] = (),
) -> str:
    """Write the score with its unit, and what was not read or not known, as HTML.

    ``title`` stands above it, the sentences of ``summary`` below.
    """
    return render(
        "notices.html.j2",
        title=title,
        summary=summary,
        score=explanation.score,
        mean=explanation.mean_contribution,
        n_scored=int(explanation.query.scored_mask.sum()),
        not_comparable=NOT_COMPARABLE,
        warnings=warnings(explanation),
        theme_class=theme_class(theme),
    )


#: Query and document tokens that a table shows at most.
MOST_ROWS, MOST_COLUMNS = 64, 36
#: Colours between a similarity of -1 and one of 1 are told apart in this many steps per unit.
_STEPS = 20


def heatmap_table(explanation: Explanation, *, theme: PageTheme = "auto") -> str:
    """Write the similarity matrix as an HTML table without a script.

    The colours, rounded to steps of 0.05, and the red frames are those of the heatmap. A long
    document shows the 36 tokens with the strongest evidence; the caption says so.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    return grid_table(explanation, token_grid(explanation, LIGHT), theme=theme)


def grid_table(
    explanation: Explanation,
    grid: Grid,
    *,
    theme: PageTheme = "auto",
    title: str = "",
    sentences: Sequence[str] = (),
    source: str = "",
    most_columns: int = MOST_COLUMNS,
) -> str:
    """Write what a heatmap shows, its rows in its order, as an HTML table.

    ``title`` and ``sentences`` stand above it, ``source`` below. Of many columns those with the
    strongest evidence are there, of many rows the first; the caption says so.
    """
    first, stop = opening(explanation, grid, most_columns, most_columns)
    rows = []
    for i, label in enumerate(grid.row_labels[:MOST_ROWS]):
        cells = [
            (
                float(grid.similarity[i, j]),
                j in grid.winners[i],
                bool(grid.row_scored[i] and grid.column_scored[j]),
            )
            for j in range(first, stop)
        ]
        rows.append((unmarked(label), bool(grid.row_scored[i]), cells))

    levels = [k / _STEPS for k in range(-_STEPS, _STEPS + 1)]
    return render(
        "heatmap_table.html.j2",
        title=title,
        sentences=sentences,
        source=source,
        columns=[
            (unmarked(grid.column_labels[j]), bool(grid.column_scored[j]))
            for j in range(first, stop)
        ],
        rows=rows,
        step=lambda value: cosine_step(value, _STEPS) + _STEPS,
        colours=[css_cosine(level, theme) for level in levels],
        inline=[inline_cosine(level, theme) for level in levels],
        frame=palette_of(drawn_theme(theme)).frame,
        caption=_caption(grid, first, stop),
        theme_class=theme_class(theme),
    )


def _caption(grid: Grid, first: int, stop: int) -> str:
    unit, (n_rows, n_columns) = grid.unit, grid.similarity.shape
    caption = f"Every query {unit} (rows) against every document {unit} (columns), {COSINE_TITLE}"
    if stop - first < n_columns:
        caption = (
            f"Query {unit}s (rows) against document {unit}s {first:,} to {stop - 1:,} of "
            f"{n_columns:,} (columns), where the evidence is strongest, {COSINE_TITLE}"
        )
    if n_rows > MOST_ROWS:
        caption += f"; the first {MOST_ROWS} of {n_rows:,} query {unit}s"
    caption += ". Framed and bold: the best match of its row."
    if grid.row_scored.all() and grid.column_scored.all():
        return caption
    return f"{caption} Grey and slanted: not scored."


#: Characters of a line, of which each stands for as many tokens as it must.
_WIDTH = 40
#: Heights from 0 to 1; what stands where no token is scored, nothing was matched, and one was.
_HEIGHTS, _UNSCORED, _EMPTY, _MATCH = "▁▂▃▄▅▆▇█", " ", "·", "█"


def document_map_table(
    explanation: Explanation, window: tuple[int, int] | None = None
) -> StaticTable:
    """Write a document map as a table: a line per scored query token.

    ``window`` is the part that the figure points out: first token, and the one after the last.
    """
    x = explanation
    binned = binned_profile(x, _WIDTH)
    names, found = token_names(x.query), token_names(x.document)
    heights = "".join(_height(float(value)) for value in binned.values)
    rows = [(Cell("best similarity", muted=True), Cell(heights, mono=True), *[Cell("")] * 3)]
    scored = np.flatnonzero(x.query.scored_mask).tolist()
    for i in scored:
        line = [_EMPTY] * len(binned.starts)
        for j in x.winners(i).tolist():
            line[int(np.searchsorted(binned.starts, j, side="right")) - 1] = _MATCH
        j, tie = int(x.alignment[i]), " (tie)" if x.tied[i] else ""
        row = (
            Cell(short_name(names[i])),
            Cell("".join(line), mono=True),
            Cell(isolated(short_name(found[j])) + tie, strong=True),
            count_cell(j),
            similarity_cell(x.contributions[i]),
        )
        rows.append(row)
    sentences = []
    if window is not None:
        sentences.append(f"Pointed out: {token_range(window[0], window[1] - 1)}.")
    if x.document.n_unread:
        unread = count(x.document.n_unread, "more token")
        were = "was" if x.document.n_unread == 1 else "were"
        sentences.append(f"{unread} of the document {were} not read.")
    return StaticTable(
        title=f"MaxSim score {number(x.score)}",
        sentences=tuple(sentences),
        caption=f"{capitalised(where_matches(x))}; each line is the document, "
        f"{count(len(x.document), 'token')} from the first to the last",
        head=("query token", "place", "best match", "at token", "similarity"),
        rows=tuple(rows),
        source=x.provenance_sentence(),
    )


def where_matches(x: Explanation) -> str:
    """Return a sentence: how many query tokens a document map shows and leaves out."""
    n_scored = int(x.query.scored_mask.sum())
    n_unscored = len(x.query) - n_scored
    aside = f"; {n_unscored} more not scored" if n_unscored else ""
    return f"where the {count(n_scored, 'query token')} match{'es' * (n_scored == 1)}{aside}"


def _height(value: float) -> str:
    if not np.isfinite(value):
        return _UNSCORED
    return _HEIGHTS[round(min(1.0, max(0.0, value)) * (len(_HEIGHTS) - 1))]
