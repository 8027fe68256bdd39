"""The rows of a contribution chart: query tokens in order, with the groups that head them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.ledger import distinct_runners_up, score_groups
from colbert_explain.similarity import TIE_TOLERANCE
from colbert_explain.views.palette import Palette
from colbert_explain.views.plotly_text import labels, literal, shorten
from colbert_explain.views.token_names import token_names

#: A runner-up within this of the winner is named beside the bar.
CLOSE_CALL = 0.03


@dataclass(frozen=True, slots=True)
class BarRow:
    """One query token (or word) in the chart, ready for Plotly.

    Attributes
    ----------
    label
        Axis label.
    contribution
        What it adds to the score; 0 where not scored.
    match
        What stands beside the bar.
    runner_up, runner_up_similarity
        The best match in another place, NaN where there is none.
    hover
        What hovering it says.
    """

    label: str
    contribution: float
    match: str
    runner_up: str
    runner_up_similarity: float
    hover: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The heading of a group, with its part of the score."""

    label: str
    subtotal: str


def arrange(
    explanation: Explanation,
    colours: Palette,
    *,
    sort: str,
    percentiles: Sequence[float] | None,
) -> list[BarRow | GroupRow]:
    """List the rows from top to bottom.

    Where only text is scored, query tokens keep their order; where other tokens are, each group
    has a heading and those that are not scored come last.
    """
    x = explanation
    rows = _bar_rows(x, colours, percentiles)
    order = list(range(len(rows)))
    if sort == "contribution":
        order.sort(key=lambda i: (not x.query[i].scored, -float(x.contributions[i])))
    groups = score_groups(x)
    if len(groups) == 1:
        return [rows[i] for i in order]
    arranged: list[BarRow | GroupRow] = []
    for group in groups:
        members = set(group.positions)
        share = f" = {100 * group.share:.0f} % of the score" if x.score > 0 else ""
        subtotal = f"{len(members)} sum to {group.subtotal:.3f}{share}"
        arranged.append(GroupRow(f"<b>{group.name}</b>", f"<b>{subtotal}</b>"))
        arranged += [rows[i] for i in order if i in members]
    if unscored := [rows[i] for i in order if not x.query[i].scored]:
        arranged += [GroupRow("<b>not scored</b>", ""), *unscored]
    return arranged


def _bar_rows(
    x: Explanation, colours: Palette, percentiles: Sequence[float] | None
) -> list[BarRow]:
    names = token_names(x.document)
    runners_up = distinct_runners_up(x)
    written_query = labels(x.query, token_names(x.query), colours)
    rows = []
    for i, (token, written) in enumerate(zip(x.query, written_query, strict=True)):
        if not token.scored:
            rows.append(BarRow(written, 0.0, "not scored", "", np.nan, f"{written}: not scored"))
            continue
        value, j, second = float(x.contributions[i]), int(x.alignment[i]), int(runners_up[i])
        share = f" · {100 * value / x.score:.0f} %" if x.score > 0 else ""
        match = f"→ {literal(shorten(names[j]))}  {value:.3f}{share}"
        hover = f"{written} → <b>{literal(names[j])}</b> (token {j})<br>contribution {value:.3f}"
        hover += share.replace(" · ", ", ") + (" of the score" if share else "")
        runner_up, near = "", np.nan
        if second >= 0:
            runner_up, near = literal(names[second]), float(x.similarity[i, second])
            hover += f"<br>next best elsewhere: {runner_up} (token {second}) {near:.3f}"
        if x.tied[i] and not value - near <= TIE_TOLERANCE:
            match += "  (tie within the word)"
        elif x.tied[i]:
            match += "  (tie)"
        elif value - near < CLOSE_CALL:
            match += f"  (close: {literal(shorten(names[second]))})"
        if percentiles is not None and not np.isnan(percentiles[i]):
            match += f" · above {percentiles[i]:.0f} %"
            hover += f"<br>above {percentiles[i]:.0f} % of unrelated text of this length"
        rows.append(BarRow(written, value, match, runner_up, near, hover))
    return rows
