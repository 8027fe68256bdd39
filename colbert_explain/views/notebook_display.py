"""What a notebook cell shows that ends in a result of this package, in every form of a host."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from colbert_explain.analysis import Contrast, Ranking, RerankedDocuments
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.analysis.model_comparison import ModelComparison
from colbert_explain.analysis.occlusion import Occlusion
from colbert_explain.analysis.passage_reencoding import ReencodedPassage, ReencodedPassages
from colbert_explain.evaluation import Comparison, Evaluation, FirstStageRecall, Run
from colbert_explain.evaluation.audit import Audit, AuditedQuery
from colbert_explain.evaluation.audit.result import AuditedQueries
from colbert_explain.explanation import (
    Explanation,
    Passage,
    TokenMatch,
    Word,
    WordExplanation,
    WordMatch,
)
from colbert_explain.explanation.passages import Passages
from colbert_explain.samples import Sample
from colbert_explain.samples.load import Samples
from colbert_explain.search import Collection, Document, Hits
from colbert_explain.views.charts.heatmap.figure import heatmap
from colbert_explain.views.charts.notebook_figure import drawn_form, on_any_page
from colbert_explain.views.html import collection_tables as collections
from colbert_explain.views.html import evaluation_tables
from colbert_explain.views.html import result_tables as tables
from colbert_explain.views.html.audit_table import audit_table, query_table
from colbert_explain.views.html.highlight.display import highlight
from colbert_explain.views.html.static_table import StaticTable
from colbert_explain.views.html.tables import heatmap_table, notices, token_table
from colbert_explain.views.text.plain_text import plain_text

#: The table that a result is shown as.
_TABLES: dict[type, Callable[[Any], StaticTable]] = {
    Hits: collections.hits_table,  # before Ranking, which it is too
    Ranking: tables.ranking_table,
    RerankedDocuments: tables.reranked_table,
    Collection: collections.collection_table,
    Document: collections.document_table,
    Contrast: tables.contrast_table,
    ModelComparison: tables.models_table,
    Audit: audit_table,
    AuditedQueries: query_table,
    AuditedQuery: lambda query: query_table([query]),
    Occlusion: tables.occlusion_table,
    Calibration: tables.calibration_table,
    WordExplanation: tables.word_table,
    Word: tables.one_word_table,
    WordMatch: lambda m: tables.match_table(f"“{m.word.text}” adds {m.contribution:.3f}", m.pieces),
    TokenMatch: lambda m: tables.match_table(
        f"Query token {m.position} adds {m.similarity:.3f}", [m]
    ),
    Passages: tables.passage_table,
    Passage: lambda passage: tables.passage_table([passage]),
    ReencodedPassages: tables.reencoded_table,
    ReencodedPassage: lambda passage: tables.reencoded_table([passage]),
    Samples: tables.sample_table,
    Sample: lambda sample: tables.sample_table([sample]),
    Run: evaluation_tables.run_table,
    Evaluation: evaluation_tables.evaluation_table,
    Comparison: evaluation_tables.comparison_table,
    FirstStageRecall: evaluation_tables.first_stage_table,
}


def mimebundle(result: Any) -> dict[str, Any]:
    """Show a result in every form a host may ask for.

    Returns
    -------
    dict
        MIME type to content: HTML without a script, which says the same where style sheets are
        stripped, and plain text. Of an `Explanation` also the interactive heatmap, for hosts
        that draw Plotly figures.
    """
    if isinstance(result, Explanation):
        return _explanation(result)
    for kind, table in _TABLES.items():
        if isinstance(result, kind):
            return dict(table(result).forms())
    return {"text/plain": repr(result)}


def _explanation(x: Explanation) -> dict[str, Any]:
    # A host without Plotly shows the HTML: no script in it, so it survives any export.
    static = notices(x) + heatmap_table(x) + highlight(x)._repr_html_() + token_table(x)
    figure = on_any_page(json.loads(heatmap(x).to_json()))
    return {"text/html": static, "text/plain": plain_text(x), **drawn_form(figure)}
