"""The rows of a contribution chart: query tokens or words in order, headed by their groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.ledger import distinct_runners_up, score_groups
from colbert_explain.explanation.word_matches import CLOSE_CALL
from colbert_explain.similarity import TIE_TOLERANCE
from colbert_explain.tokens import Role
from colbert_explain.views.palette import Palette
from colbert_explain.views.plotly_text import label, labels, literal, shorten, unmarked
from colbert_explain.views.static_table import Cell, StaticTable
from colbert_explain.views.token_names import token_names


@dataclass(frozen=True, slots=True)
class BarRow:
    """One query token or word in the chart, ready for Plotly.

    Attributes
    ----------
    label, role, scored
        Axis label, and what it is.
    contribution, cosine
        What it adds to the score, 0 where not scored; the same per piece, which colours it.
    text
        What stands beside the bar.
    runner_up, runner_up_similarity
        The best match in another place, NaN where there is none.
    hover
        What hovering it says.
    """

    label: str
    role: Role
    scored: bool
    contribution: float = 0.0
    cosine: float = 0.0
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
        order.sort(key=lambda row: (not row.scored, -row.contribution))
    groups = score_groups(x)
    if len(groups) == 1:
        return [*order]
    arranged: list[BarRow | GroupRow] = []
    for group in groups:
        members = [row for row in order if row.scored and row.role == group.role]
        share = f" = {100 * group.share:.0f} % of the score" if x.score > 0 else ""
        subtotal = f"{len(members)} sum to {group.subtotal:.3f}{share}"
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
        name = Cell(unmarked(row.label), strong=isinstance(row, GroupRow))
        if isinstance(row, GroupRow):
            written.append((name, Cell(""), Cell(unmarked(row.text)), Cell("")))
        elif not row.scored:
            written.append((name, Cell(""), Cell(row.text, muted=True), Cell("")))
        else:
            runner_up = f"{unmarked(row.runner_up)} {row.runner_up_similarity:.3f}"
            written.append(
                (
                    name,
                    Cell(f"{row.contribution:.3f}", row.cosine, number=True),
                    Cell(unmarked(row.text).removeprefix("→ ")),
                    Cell(runner_up if row.runner_up else "\N{EN DASH}"),
                )
            )
    return StaticTable(
        title=title,
        caption=f"What each query {level} adds to the score",
        head=(f"query {level}", "adds", "best match", "runner-up in another place"),
        rows=tuple(written),
        foot=(
            Cell("sum = score"),
            Cell(f"{x.score:.3f}", number=True, strong=True),
            *[Cell("")] * 2,
        ),
        source=x.provenance_sentence(),
    )


def token_rows(
    x: Explanation, colours: Palette, percentiles: Sequence[float] | None
) -> list[BarRow]:
    """Write a row per query token."""
    names, runners_up = token_names(x.document), distinct_runners_up(x)
    rows = []
    for i, written in enumerate(labels(x.query, token_names(x.query), colours)):
        role, rank = x.query[i].role, float("nan") if percentiles is None else percentiles[i]
        if not x.query[i].scored:
            rows.append(BarRow(written, role, False))
            continue
        value, j, second = float(x.contributions[i]), int(x.alignment[i]), int(runners_up[i])
        near = float(x.similarity[i, second]) if second >= 0 else float("nan")
        runner_up = literal(names[second]) if second >= 0 else ""
        text, hover = _texts(x, written, literal(shorten(names[j])), value)
        hover += f"<br>at token {j}"
        if runner_up:
            hover += f"; next best elsewhere: {runner_up} (token {second}) {near:.3f}"
        if x.tied[i]:
            within = not value - near <= TIE_TOLERANCE
            text += "  (tie within the word)" if within else "  (tie)"
        elif value - near < CLOSE_CALL:
            text += f"  (close: {literal(shorten(names[second]))} {near:.3f})"
        if not np.isnan(rank):
            text += f" · above {int(100 * rank)} %"  # never rounded up to 100
            hover += f"<br>above {int(100 * rank)} % of unrelated text of this length"
        rows.append(BarRow(written, role, True, value, value, text, runner_up, near, hover))
    return rows


def word_rows(x: Explanation, colours: Palette) -> list[BarRow]:
    """Write a row per query word; its runner-up is what its pieces would add elsewhere."""
    words, runners_up = x.words(), distinct_runners_up(x)
    word_of = np.repeat(
        np.arange(len(words.document)), [len(word.positions) for word in words.document]
    )
    rows = []
    for i, word in enumerate(words.query):
        written = label(word.text, word.role, word.scored, colours)
        pieces = [p for p in word.positions if x.query[p].scored]
        if not pieces:
            rows.append(BarRow(written, word.role, False))
            continue
        value = float(words.contributions[i])
        match = literal(shorten(words.document[int(words.alignment[i])].text))
        text, hover = _texts(x, written, match, value)
        if len(pieces) > 1:
            text += f" · {len(pieces)} pieces"
        runner_up, near = "", float("nan")
        if all(runners_up[p] >= 0 for p in pieces):
            near = float(sum(x.similarity[p, runners_up[p]] for p in pieces))
            strongest = max(pieces, key=lambda p: float(x.contributions[p]))
            second = words.document[int(word_of[runners_up[strongest]])]
            runner_up = literal(shorten(second.text))
            hover += f"<br>next best elsewhere: {runner_up}, {near:.3f}"
        if value - near <= TIE_TOLERANCE * len(pieces):
            text += "  (tie)"
        elif value - near < CLOSE_CALL * len(pieces):
            text += f"  (close: {runner_up} {near:.3f})"
        cosine = value / len(pieces)
        rows.append(BarRow(written, word.role, True, value, cosine, text, runner_up, near, hover))
    return rows


def _texts(x: Explanation, written: str, match: str, value: float) -> tuple[str, str]:
    """Write what stands beside a bar, and the first line of its hover."""
    share = f"{100 * value / x.score:.0f} %" if x.score > 0 else ""
    text = f"→ {match}  {value:.3f}" + (f" · {share}" if share else "")
    hover = f"{written} → <b>{match}</b>, {value:.3f}" + (
        f", {share} of the score" if share else ""
    )
    return text, hover
