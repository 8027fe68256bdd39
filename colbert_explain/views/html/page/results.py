"""A ranking or a contrast as one HTML file: tables and texts, no script."""

from __future__ import annotations

from importlib import metadata

from markupsafe import Markup

from colbert_explain.analysis import Contrast, Ranking
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import excerpt
from colbert_explain.views.html.heatmap_table import heatmap_table
from colbert_explain.views.html.highlight.display import highlight
from colbert_explain.views.html.render import render, theme_class, token_table
from colbert_explain.views.html.result_tables import contrast_table, ranking_table
from colbert_explain.views.theme import PageTheme

#: Documents of a ranking whose texts are on the page, best first.
_MOST_DOCUMENTS = 10


def result_page_html(result: Ranking | Contrast, theme: PageTheme = "auto") -> str:
    """Write the page of a ranking or a contrast that `write_html` saves.

    A ranking: its table, why the first stands above the second, and the texts of the first ten
    documents. A contrast: its table, and both documents with heatmap, texts and table.
    """
    if isinstance(result, Ranking):
        table, query = ranking_table(result), result.query.text
        order = result.order.tolist()
        shown = [(result.names[i], result.explanations[i]) for i in order[:_MOST_DOCUMENTS]]
        parts = [("Ranking", table.html(theme))]
        if len(order) > 1:
            first = result.contrast(order[0], order[1])
            parts.append(
                ("Why the first stands above the second", contrast_table(first).html(theme))
            )
        n_left = len(order) - len(shown)
        note = (
            f"The texts of the other {n_left:,} documents are not on this page." if n_left else ""
        )
    else:
        table, query, note = contrast_table(result), result.first.query.text, ""
        shown = list(zip(result.names, (result.first, result.second), strict=True))
        parts = [("Contrast", table.html(theme))]
    whole = isinstance(result, Contrast)
    parts += [(name, _document(x, theme, whole=whole)) for name, x in shown]
    return render(
        "result_page.html.j2",
        theme_class=theme_class(theme),
        title=table.title,
        query=excerpt(query),
        note=note,
        # The parts come from templates of this package, which have escaped every text.
        parts=[(name, Markup(part)) for name, part in parts],
        version=metadata.version("colbert-explain"),
    )


def _document(x: Explanation, theme: PageTheme, *, whole: bool) -> str:
    text = highlight(x, theme=theme)._repr_html_()
    if not whole:
        return text
    return heatmap_table(x, theme=theme) + text + token_table(x, theme=theme)
