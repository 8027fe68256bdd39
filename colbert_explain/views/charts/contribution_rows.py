"""The rows of a contribution chart: query tokens or words in order, headed by their groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from colbert_explain.explanation import Explanation, TokenMatch, WordMatch
from colbert_explain.explanation.score_groups import score_groups
from colbert_explain.explanation.scores import share_of
from colbert_explain.similarity import ordered
from colbert_explain.text.printed_sums import SCORE_BEFORE_ROUNDING
from colbert_explain.text.wording import number, percent
from colbert_explain.tokens import Role
from colbert_explain.views.charts.plotly_text import literal, name_in_text, unmarked
from colbert_explain.views.html.static_table import Cell, StaticTable, number_cell
from colbert_explain.views.text.phrases import (
    firmness_sentence,
    firmness_sentences,
    percentile_words,
)
from colbert_explain.views.theme import Palette
from colbert_explain.views.token_labels import label, labels, token_names


@dataclass(frozen=True, slots=True)
class BarRow:
    """One query token or word in the chart, ready for Plotly.

    Attributes
    ----------
    label, role, scored
        Axis label, and what it is.
    contribution, cosine
        What it adds to the score, 0 where not scored; the same per piece, which colours it.
    pieces
        How many of its tokens are scored.
    text
        What stands beside the bar.
    runner_up, runner_up_similarity
        The best match in another word, NaN where there is none.
    hover
        What hovering it says.
    """

    label: str
    role: Role
    scored: bool
    contribution: float = 0.0
    cosine: float = 0.0
    pieces: int = 0
    text: str = "not scored"
    runner_up: str = ""
    runner_up_similarity: float = float("nan")
    hover: str = "not scored"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The heading of a group, and beside it its part of the score."""

    label: str
    text: str


def arrange(x: Explanation, rows: Sequence[BarRow], sort: str) -> list[BarRow | GroupRow]:
    """Put rows in order, from top to bottom.

    Where only text is scored there are no headings, and nothing but ``sort`` orders the rows.
    Where other tokens are scored too, each group has a heading; what is not scored comes last.
    """
    order = list(rows)
    if sort == "contribution":
        scored = [row for row in rows if row.scored]
        sums = np.array([row.contribution for row in scored])
        terms = max((row.pieces for row in scored), default=1)
        order = [scored[k] for k in ordered(sums, terms=terms)]
        order += [row for row in rows if not row.scored]
    groups = score_groups(x)
    if len(groups) == 1:
        return [*order]
    arranged: list[BarRow | GroupRow] = []
    for group in groups:
        members = [row for row in order if row.scored and row.role == group.role]
        summed = f"{len(members)} sum to " if len(members) > 1 else ""
        subtotal = f"{summed}{number(group.subtotal)}"
        if share := percent(group.share):
            subtotal += f" = {share} of the score"
        arranged += [GroupRow(f"<b>{group.name}</b>", f"<b>{subtotal}</b>"), *members]
    if unscored := [row for row in order if not row.scored]:
        arranged += [GroupRow("<b>not scored</b>", ""), *unscored]
    return arranged


def contribution_table(
    x: Explanation, rows: Sequence[BarRow | GroupRow], title: str, level: str
) -> StaticTable:
    """Write the rows of a chart as a table."""
    written = []
    for row in rows:
        name = Cell(unmarked(row.label))
        if isinstance(row, GroupRow):
            written.append((name, Cell(""), Cell(unmarked(row.text)), Cell("")))
        elif not row.scored:
            written.append((name, Cell(""), Cell(row.text, muted=True), Cell("")))
        else:
            added = Cell(number(row.contribution), row.cosine, number=True)
            match = Cell(unmarked(row.text).removeprefix("→ "), strong=True)
            runner_up = f"{unmarked(row.runner_up)} {number(row.runner_up_similarity)}"
            written.append(
                (name, added, match, Cell(runner_up if row.runner_up else "\N{EN DASH}"))
            )
    return StaticTable(
        title=title,
        caption=f"What each query {level} adds to the score",
        head=(f"query {level}", "adds", "best match", "runner-up in another word"),
        rows=tuple(written),
        foot=(
            Cell(SCORE_BEFORE_ROUNDING),
            number_cell(x.score, strong=True),
            *[Cell("")] * 2,
        ),
        source=x.provenance_sentence(),
    )


def token_rows(
    x: Explanation, colours: Palette, percentiles: Float[np.ndarray, " query"]
) -> list[BarRow]:
    """Write a row per query token."""
    names = token_names(x.document)
    rows = []
    for i, written in enumerate(labels(x.query, token_names(x.query), colours)):
        role, percentile = x.query[i].role, float(percentiles[i])
        match = x.token_matches[i]
        if match is None:
            rows.append(BarRow(written, role, False))
            continue
        value, j = match.similarity, match.match_position
        second, near = match.runner_up_position, match.runner_up_similarity
        runner_up = name_in_text(names[second]) if second >= 0 else ""
        text, hover = _texts(x, written, name_in_text(names[j]), value)
        hover += f"<br>at token {j}"
        if runner_up:
            hover += f"; runner-up in another word: {runner_up} (token {second}) {number(near)}"
        if match.firmness == "tied":
            text += "  (tie)"
        elif match.firmness == "close":
            text += f"  (close: {name_in_text(names[second])} {number(near)})"
        if sentence := firmness_sentence(x, match):
            hover += f"<br>{literal(sentence)}"
        if not np.isnan(percentile):
            text += f" · above {int(percentile)}%"  # never rounded up to 100
            hover += f"<br>{percentile_words(percentile)}"
        rows.append(BarRow(written, role, True, value, value, 1, text, runner_up, near, hover))
    return rows


def word_rows(x: Explanation, colours: Palette) -> list[BarRow]:
    """Write a row per query word; its runner-up is what its pieces would add in other words."""
    matches = {match.word: match for match in x.word_matches}
    rows = []
    for word in x.words().query:
        written = label(word.text, word.role, word.scored, colours)
        match = matches.get(word)
        if match is None:
            rows.append(BarRow(written, word.role, False))
            continue
        value, n_pieces = match.contribution, len(match.pieces)
        strongest = match.pieces[0]
        text, hover = _texts(x, written, name_in_text(strongest.match.text), value)
        if n_pieces > 1:
            text += f" · {n_pieces} pieces"
        runner_up, near = "", match.runner_up_similarity
        if not np.isnan(near) and strongest.runner_up is not None:
            runner_up = name_in_text(strongest.runner_up.text)
            hover += f"<br>runner-up in another word: {runner_up}, {number(near)}"
        if match.firmness == "tied":
            text += "  (tie)"
        elif match.firmness == "close":
            text += f"  (close: {_close_piece(x, match)})"
        for sentence in firmness_sentences(x, match):
            hover += f"<br>{literal(sentence)}"
        cosine = value / n_pieces
        rows.append(
            BarRow(written, word.role, True, value, cosine, n_pieces, text, runner_up, near, hover)
        )
    return rows


def _close_piece(x: Explanation, match: WordMatch) -> str:
    """Return the runner-up of a word's match, and of which of its pieces."""
    piece = match.deciding[0]
    near = f"{_runner_up(piece)} {number(piece.runner_up_similarity)}"
    if len(match.pieces) == 1:
        return near
    return f"{name_in_text(x.query[piece.position].piece)} {number(piece.similarity)}, {near}"


def _runner_up(piece: TokenMatch) -> str:
    return name_in_text(piece.runner_up.text) if piece.runner_up else ""


def _texts(x: Explanation, written: str, match: str, value: float) -> tuple[str, str]:
    """Write what stands beside a bar, and the first line of its hover."""
    share = percent(share_of(value, x.score))
    text = f"→ {match}  {number(value)}" + (f" · {share}" if share else "")
    hover = f"{written} → <b>{match}</b>, {number(value)}" + (
        f", {share} of the score" if share else ""
    )
    return text, hover
