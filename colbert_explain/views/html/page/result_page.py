"""A ranking, a contrast or an audit as one HTML page of tables and texts, without a script."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

from markupsafe import Markup

from colbert_explain.analysis import Contrast, Ranking
from colbert_explain.evaluation import Comparison, Evaluation
from colbert_explain.evaluation.audit import Audit
from colbert_explain.explanation import Explanation
from colbert_explain.search import Hits
from colbert_explain.text.wording import count, excerpt
from colbert_explain.views.html.audit_table import audit_table, cause_table
from colbert_explain.views.html.evaluation_tables import (
    comparison_table,
    evaluation_table,
    query_table,
)
from colbert_explain.views.html.highlight.display import highlight_part
from colbert_explain.views.html.page.ranking_part import (
    first_and_second,
    folded_document,
    table_of_marks,
)
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.html.result_tables import contrast_table
from colbert_explain.views.html.tables import heatmap_table, token_table
from colbert_explain.views.page_data.documents import document_name
from colbert_explain.views.theme import PageTheme

Result = Ranking | Contrast | Evaluation | Comparison | Audit
"""What has a page of tables and texts; hits are a ranking."""
RESULTS = (Ranking, Contrast, Evaluation, Comparison, Audit)

#: Documents of a ranking whose texts are on the page, best first; contrasts of an audit.
_MOST_DOCUMENTS = _MOST_CONTRASTS = 10
#: Headings, each with its HTML from templates of this package, which have escaped every text.
_Parts = list[tuple[str, str]]


def result_page_html(result: Result, theme: PageTheme = "auto") -> str:
    """Write the page of a result that `write_html` saves.

    A ranking: its table with a mark for each query word, why the first outranks the second,
    and the first ten documents, folded, each with its heatmap and its text. A contrast: its
    table, and both documents with heatmap, texts and table. An evaluation or a comparison: its
    tables. An audit: causes, lost queries, and ten contrasts.
    """
    query = note = ""
    if isinstance(result, Ranking):
        title, parts, note = _ranking(result, theme)
        query = excerpt(result.query.text)
    elif isinstance(result, Contrast):
        title, parts = _contrast(result, theme)
        query = excerpt(result.first.query.text)
    elif isinstance(result, Audit):
        title, parts, note = _audit(result, theme)
    else:
        title, parts = _measures(result, theme)
    return render(
        "result_page.html.j2",
        theme_class=theme_class(theme),
        title=title,
        query=query,
        note=note,
        parts=[(name, Markup(part)) for name, part in parts],
        provenance=_provenance(result),
        version=metadata.version("colbert-explain"),
    )


def _provenance(result: Result) -> str:
    """Return what computed a ranking or a contrast; the tables of other results say it."""
    if isinstance(result, Ranking):
        return result.query_embeddings.provenance.sentence()
    return result.first.provenance.sentence() if isinstance(result, Contrast) else ""


def _first_two(first: int, second: int) -> str:
    return "Why the first two tie" if first == second else "Why the first outranks the second"


def _ranking(ranking: Ranking, theme: PageTheme) -> tuple[str, _Parts, str]:
    table = table_of_marks(ranking)
    order, ranks = ranking.order.tolist(), ranking.ranks
    is_search = isinstance(ranking, Hits)
    parts = [("Hits" if is_search else "Ranking", replace(table, title="").html(theme))]
    if len(order) > 1:
        parts.append(
            (_first_two(ranks[order[0]], ranks[order[1]]), first_and_second(ranking, theme))
        )
    shown = order[:_MOST_DOCUMENTS]
    documents = [
        folded_document(
            ranking.explanations[i],
            theme,
            rank=int(ranks[i]),
            name=document_name(ranking.names[i], ranking.document_embeddings[i].tokens.text),
            opened=i == order[0],
        )
        for i in shown
    ]
    parts.append(("Documents", "".join(documents)))
    n_left = len(order) - len(shown)
    note = f"{count(n_left, 'more document')} {_is(n_left)} in the table only." if n_left else ""
    return table.title, parts, note


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _contrast(contrast: Contrast, theme: PageTheme) -> tuple[str, _Parts]:
    table = contrast_table(contrast)
    both = zip(contrast.names, (contrast.first, contrast.second), strict=True)
    parts = [(name, _document(x, theme)) for name, x in both]
    return table.title, [("Contrast", replace(table, source="").html(theme)), *parts]


def _measures(result: Evaluation | Comparison, theme: PageTheme) -> tuple[str, _Parts]:
    if isinstance(result, Comparison):
        table = comparison_table(result)
        return table.title, [("Two runs compared", table.html(theme))]
    table = evaluation_table(result)
    queries = query_table(result).html(theme)
    return table.title, [("Measures", table.html(theme)), ("Each query", queries)]


def _audit(audit: Audit, theme: PageTheme) -> tuple[str, _Parts, str]:
    table = audit_table(audit)
    parts = [("Causes", cause_table(audit).html(theme)), ("Lost queries", table.html(theme))]
    with_contrast = [lost for lost in audit.lost if lost.sentence]
    for lost in with_contrast[:_MOST_CONTRASTS]:
        contrast = contrast_table(audit.contrast(lost.query_id))
        parts.append((f"{lost.query_id}: {excerpt(lost.query)}", contrast.html(theme)))
    n_left = len(with_contrast) - _MOST_CONTRASTS
    left = count(n_left, "more query", "more queries")
    note = f"Not on this page: contrasts of {left}." if n_left > 0 else ""
    return table.title, parts, note


def _document(x: Explanation, theme: PageTheme) -> str:
    table = token_table(x, theme=theme, source=False)
    return heatmap_table(x, theme=theme) + highlight_part(x, theme) + table
