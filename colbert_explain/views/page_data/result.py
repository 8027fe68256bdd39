"""`page_result`: a whole result as one message, whose numbers and texts belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colbert_explain.analysis import Contrast, Ranking, contrast
from colbert_explain.analysis.unreadable_documents import UnreadableDocument
from colbert_explain.explanation import Explanation
from colbert_explain.text.sentence_parts import plain
from colbert_explain.views.charts.heatmap.grid import Level, Sort
from colbert_explain.views.charts.heatmap.places import HeatmapPlaces
from colbert_explain.views.charts.plotly_text import footer
from colbert_explain.views.page_data.documents import (
    document_entry,
    document_name,
    name_in_sentence,
    ranking_entries,
)
from colbert_explain.views.page_data.headline import headline
from colbert_explain.views.page_data.page_figure import page_figure
from colbert_explain.views.page_data.shown_grid import lay_out
from colbert_explain.views.page_data.strip import strip_contents
from colbert_explain.views.page_data.text_segments import text_segments
from colbert_explain.views.pinned_pair import check_pinned
from colbert_explain.views.text.plain_text import warnings
from colbert_explain.views.theme import Theme, palette_of

#: Characters of a line below a saved picture, which is at least 600 pixels wide.
_SOURCE_WIDTH = 90


@dataclass(frozen=True, eq=False, slots=True)
class PageResult:
    """What a page shows of a result.

    Attributes
    ----------
    data
        Ready for JSON.
    places
        Which tokens stand where in its grid.
    """

    data: dict[str, Any]
    places: HeatmapPlaces


def page_result(
    explanation: Explanation,
    *,
    ranking: Ranking | None = None,
    position: int = 0,
    name: str = "",
    compared: Contrast | None = None,
    unreadable: Sequence[UnreadableDocument] = (),
    documents: list[dict[str, Any]] | None = None,
    level: Level = "word",
    order: Sort = "text",
    unscored: bool = False,
    theme: Theme = "light",
    pinned: tuple[int, int] | None = None,
    key: int = 0,
) -> PageResult:
    """Write a result for the workbench page.

    Parameters
    ----------
    explanation
        What is shown: of a ranking, that of the document at ``position``.
    ranking
        The ranking that it belongs to, if there is one.
    position
        Which document of the ranking it is.
    name
        What the document is called where there is no ranking; its first words if it has no name.
    compared
        Why it stands where it does; by default, its contrast with the best other document.
    unreadable
        Documents that were given and are not ranked.
    documents
        The ``documents`` of an earlier result of the same ranking in the same theme, which need
        not be computed again.
    level, order, unscored
        Rows and columns are words or tokens; rows stand in the order of the text, or the largest
        contribution first; what is not scored is shown as well.
    theme
        ``"light"`` or ``"dark"``.
    pinned
        Query and document position of the pinned pair.
    key
        Tells one result from another.

    Returns
    -------
    PageResult
        Its ``data`` holds: ``key``; ``query``, ``document``, ``name``; ``documents`` and
        ``unreadable``; ``position``; ``headline``; ``notices``; ``numbers``, a sentence on what
        they are; ``provenance``, and ``source``, the same for the foot of a saved picture;
        ``contrast``, a sentence (None without a ranking); ``grid`` (see `ShownGrid.entries`),
        ``figure``, ``opening``, ``strip`` (empty where all columns fit), ``text`` (see
        `text_segments`) and ``pinned``. No text is escaped, apart from what
        Plotly draws: show it as text, never as markup.
    """
    x, colours = explanation, palette_of(theme)
    check_pinned(x, pinned)
    if ranking is not None:
        name = ranking.names[position]
    shown = lay_out(x, level=level, order=order, unscored=unscored, colours=colours)
    entries = shown.entries()
    cell = None if pinned is None else shown.places.cell(pinned)
    if documents is None:
        documents = (
            [document_entry(x, colours, name=name, best=x.score)]
            if ranking is None
            else ranking_entries(ranking, colours)
        )
    if compared is None and ranking is not None:
        compared = _against_best_other(ranking, position, x)
    opening = shown.opening
    fits = opening == (0, len(shown.column_names))
    return PageResult(
        {
            "key": key,
            "query": x.query.text,
            "document": x.document.text,
            "name": document_name(name, x.document.text),
            "documents": documents,
            "unreadable": [
                {"name": one.name, "position": one.position, "reason": one.reason}
                for one in unreadable
            ],
            "position": position,
            "headline": headline(x),
            "notices": warnings(x),
            "numbers": numbers_sentence(x.provenance.dim),
            "provenance": x.provenance_sentence(),
            "source": footer(x.provenance_sentence(), _SOURCE_WIDTH),
            "contrast": None if compared is None else contrast_sentence(compared),
            "grid": entries,
            "figure": page_figure(shown, cell),
            "opening": list(opening),
            "strip": {} if fits else strip_contents(x, theme=theme),
            "text": text_segments(shown, entries["rows"]),
            "pinned": None if cell is None else {"row": cell[0], "column": cell[1]},
        },
        shown.places,
    )


def numbers_sentence(dim: int) -> str:
    """Say what the numbers are to a reader who knows no model; ``dim`` is 0 if unknown."""
    size = f" ({dim:,} numbers each)" if dim else ""
    return (
        f"A similarity is the cosine of the angle between two token vectors{size}; a word of "
        "several tokens has the mean of its tokens' similarities. The score is the sum of the best "
        "similarities of all scored query tokens."
    )


def _against_best_other(ranking: Ranking, position: int, x: Explanation) -> Contrast | None:
    others = [i for i in ranking.order.tolist() if i != position]
    if not others:
        return None
    other = ranking.explanations[others[0]]
    names = (
        name_in_sentence(ranking.names[position], x.document.text),
        name_in_sentence(ranking.names[others[0]], other.document.text),
    )
    return contrast(x, other, names)


def contrast_sentence(found: Contrast) -> dict[str, Any]:
    """Return the sentence of a contrast, and in parts that are emphasised or not."""
    parts = found.sentence_parts()
    return {"sentence": plain(parts), "parts": [list(part) for part in parts]}
