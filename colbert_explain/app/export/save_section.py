"""What the section "Save and Python" shows."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.app.export.exported_files import file_kinds, file_stem
from colbert_explain.app.export.reproducing_code import reproducing_code
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.grid import Level, Sort


def save_section(
    explanation: Explanation,
    *,
    ranking: Ranking | None = None,
    position: int = 0,
    level: Level = "word",
    order: Sort = "text",
    unscored: bool = False,
    pinned: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Name the files that can be saved, and write the Python that makes the view again.

    Parameters
    ----------
    explanation
        The explanation on show.
    ranking, position
        The ranking that it is from, and its place in the given order.
    level, order, unscored
        The page's options.
    pinned
        Token positions of the pinned pair.

    Returns
    -------
    dict
        Ready for JSON: ``kinds`` of `exported_file`; ``stem``, the name of the files without an
        extension; ``code``.
    """
    rows = "all" if unscored else "scored"
    options = {"level": level, "rows": rows, "sort": order}
    code = reproducing_code(explanation, options, pinned=pinned, ranking=ranking, position=position)
    return {
        "kinds": list(file_kinds(ranking)),
        "stem": file_stem(explanation.query.text),
        "code": code,
    }
