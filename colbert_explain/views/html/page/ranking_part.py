"""A ranking on its page: the table with a mark for each query word, and each document folded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from markupsafe import Markup

from colbert_explain.analysis import Ranking, contrast
from colbert_explain.explanation import Explanation
from colbert_explain.search import Hits
from colbert_explain.text.wording import count, number, quoted
from colbert_explain.views.html.collection_tables import (
    BEGINNING,
    MOST_WORD_COLUMNS,
    bar,
    hits_table,
    mark,
)
from colbert_explain.views.html.highlight.display import highlight_part
from colbert_explain.views.html.render import render
from colbert_explain.views.html.result_tables import contrast_table
from colbert_explain.views.html.static_table import Cell, StaticTable, number_cell
from colbert_explain.views.html.tables import grid_table
from colbert_explain.views.page_data.documents import name_in_sentence, ranking_entries
from colbert_explain.views.page_data.headline import headline
from colbert_explain.views.page_data.shown_grid import lay_out
from colbert_explain.views.text.plain_text import NOT_COMPARABLE, warnings
from colbert_explain.views.theme import LIGHT, PageTheme


def table_of_marks(ranking: Ranking) -> StaticTable:
    """List the documents, best first, with a mark for each query word and the best match."""
    if isinstance(ranking, Hits):
        return replace(hits_table(ranking), source="")
    n_scored = int(ranking.query.scored_mask.sum())
    rows = []
    words: list[str] = []
    for entry in ranking_entries(ranking, LIGHT):
        words = [one["label"] for one in entry["marks"]]
        first = entry["rank"] == 1
        marks = [(one["value"], one["value"] / one["pieces"]) for one in entry["marks"]]
        row = [
            Cell(str(entry["rank"]), number=True),
            Cell(entry["name"], strong=first),
            number_cell(entry["score"], strong=first),
            Cell(bar(entry["score"] / n_scored), mono=True),
        ]
        if len(words) <= MOST_WORD_COLUMNS:
            row += [Cell(number(value, 2), mean, number=True) for value, mean in marks]
        else:
            row.append(Cell("".join(mark(mean) for _, mean in marks), mono=True))
        rows.append((*row, Cell(entry["snippet"])))
    names = words if len(words) <= MOST_WORD_COLUMNS else [count(len(words), "query word")]
    return StaticTable(
        title=f"{count(len(ranking), 'document')} for {quoted(ranking.query.text[:BEGINNING])}",
        sentences=(left_out,) if (left_out := ranking.left_out()) else (),
        caption=f"MaxSim scores, best first; {NOT_COMPARABLE}. The bar is the score per query "
        "token; the last columns show what each query word adds, and the text around the best "
        "match",
        head=("rank", "document", "score", "", *names, "around the best match"),
        rows=tuple(rows),
    )


def first_and_second(ranking: Ranking, theme: PageTheme) -> str:
    """Write why the best document stands above the next: a sentence, and its tokens to fold."""
    found = ranking.contrast(*ranking.order[:2].tolist())
    texts = (found.first.document.text, found.second.document.text)
    names = [name_in_sentence(*pair) for pair in zip(found.names, texts, strict=True)]
    named = contrast(found.first, found.second, (names[0], names[1]))
    table = replace(contrast_table(named), title="", sentences=(), source="")
    return render(
        "first_and_second.html.j2", sentence=named.sentence(), table=Markup(table.html(theme))
    )


def folded_document(x: Explanation, theme: PageTheme, *, rank: int, name: str, opened: bool) -> str:
    """Write a document of a ranking to fold: what its score is made of, heatmap and text."""
    shown = lay_out(x, level="word", order="text", unscored=False, colours=LIGHT)
    entries: dict[str, Any] = shown.entries()
    hidden = entries["hidden"]["sentence"]
    sentences = [f"{hidden}."] if hidden else []
    return render(
        "folded_document.html.j2",
        rank=rank,
        name=name,
        score=x.score,
        opened=opened,
        headline=headline(x)["sentence"],
        warnings=warnings(x),
        heatmap=Markup(grid_table(x, shown.grid, theme=theme, sentences=sentences)),
        text=Markup(highlight_part(x, theme)),
    )
