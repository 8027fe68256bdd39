"""`write_html`: a result as one HTML file that opens anywhere, offline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup
from numpy.typing import ArrayLike
from plotly.offline import get_plotlyjs

from colbert_explain import argument_checks as check
from colbert_explain.analysis import Contrast, Ranking
from colbert_explain.evaluation import Comparison, Evaluation
from colbert_explain.evaluation.audit import Audit
from colbert_explain.explanation import Explanation
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.text.wording import count, excerpt
from colbert_explain.views.charts.contributions import contribution_chart
from colbert_explain.views.charts.document_map import document_map
from colbert_explain.views.charts.heatmap.figure import heatmap
from colbert_explain.views.charts.style import CONFIG_WITHOUT_SOURCE, without_source
from colbert_explain.views.html.highlight.display import highlight_part
from colbert_explain.views.html.page.result_page import RESULTS, Result, result_page_html
from colbert_explain.views.html.page.scripts import script_code, script_data
from colbert_explain.views.html.render import render, theme_class
from colbert_explain.views.html.tables import heatmap_table, notices, token_table
from colbert_explain.views.text.report import report_sections
from colbert_explain.views.theme import PageTheme, Theme

_N_PASSAGES = 5
#: A document of fewer tokens is seen whole in its heatmap and needs no map.
_LEAST_MAPPED = 100
_HEADINGS = {
    "words": "In words",
    "heatmap": "Heatmap",
    "contributions": "Contributions",
    "map": "Document map",
    "texts": "Query and document",
    "passages": "Best sentences",
    "table": "All query tokens",
    "provenance": "Provenance",
}


def write_html(
    explanation: Explanation | Ranking | Contrast | Evaluation | Comparison | Audit,
    path: str | Path,
    *,
    theme: PageTheme = "auto",
    percentiles: ArrayLike | None = None,
) -> None:
    """Write an explanation to one HTML file: sentences, figures, texts, table and provenance.

    For a ranking or hits: their table with a mark for each query word, what was left out, why the
    first is before the second, and the ten best documents, each with its heatmap and its text,
    collapsed. For an audit: causes, lost queries, and the contrasts of the first of these.

    The file holds all it needs, Plotly's script included (4.8 MB), and forbids the browser to send
    any request. It is written whole or not at all: it is written under another name and then moved.
    The page of any result other than an explanation has tables and texts, and no script.

    Parameters
    ----------
    explanation
        What to write: an explanation, a ranking, hits, a contrast, an evaluation, a comparison or
        an audit.
    path
        Where; a file of that name is replaced.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: as the reader's browser is set.
    percentiles
        As in `report`.

    Raises
    ------
    ValueError
        If there is no such theme, ``percentiles`` does not fit the query, or ``explanation`` is
        none of these.
    OSError
        If ``path`` names a folder or is not in an existing one, or the system refuses to write.
    """
    file = check.file_path("path", path)
    if isinstance(explanation, Explanation):
        page = page_html(explanation, theme, percentiles)
    elif isinstance(explanation, RESULTS):
        if percentiles is not None:
            raise ValueError(
                f"percentiles must be None for {_article(explanation)}: they belong to one document"
            )
        page = result_page_html(explanation, theme)
    else:
        raise ValueError(
            "explanation must be an Explanation, a Ranking, a Contrast, an Evaluation, a "
            f"Comparison or an Audit, got {check.shown(explanation)}"
        )
    write_whole(file, page.encode("utf-8"))


def _article(result: Result) -> str:
    name = type(result).__name__
    return f"{'an' if name[0] in 'AE' else 'a'} {name}"


def page_html(
    x: Explanation,
    theme: PageTheme = "auto",
    percentiles: ArrayLike | None = None,
) -> str:
    """Write the page of an explanation that `write_html` saves."""
    held_to = theme_class(theme)
    sections = report_sections(x, percentiles=percentiles)
    figures: dict[str, Callable[[Theme], go.Figure]] = {
        "heatmap": lambda t: heatmap(x, theme=t),
        "contributions": lambda t: contribution_chart(x, theme=t, percentiles=percentiles),
    }
    if len(x.document) >= _LEAST_MAPPED:
        figures["map"] = lambda t: document_map(x, theme=t)
    drawn = {name: _drawn(draw, x, theme) for name, draw in figures.items()}
    plotly_code, plotly_source = script_code(get_plotlyjs())
    templates = resources.files("colbert_explain.views.html") / "templates"
    page_code, page_source = script_code((templates / "standalone.js").read_text("utf-8"))
    return render(
        "standalone_page.html.j2",
        theme_class=held_to,
        title=f"MaxSim score {x.score:.3f}: {excerpt(x.query.text)}",
        score=x.score,
        query=excerpt(x.query.text),
        document=excerpt(x.document.text),
        contents=[(name, h) for name, h in _HEADINGS.items() if name != "map" or name in drawn],
        plots=[
            {
                "id": name,
                "heading": _HEADINGS[name],
                "words": words,
                "height": int(drawn[name]["figure"]["layout"]["height"]),
            }
            for name, words in _alternatives(x).items()
            if name in drawn
        ],
        # These three come from templates of this package, which have escaped every text.
        notices=Markup(notices(x, theme=theme)),
        highlight=Markup(highlight_part(x, theme)),
        table=Markup(token_table(x, theme=theme, source=False)),
        heatmap_table=Markup(heatmap_table(x, theme=theme)),
        passages=x.passages(_N_PASSAGES),
        sections=[section for section in sections if section.heading != "What computed this"],
        provenance=list(_provenance(x)),
        version=metadata.version("colbert-explain"),
        figures=script_data(
            {
                "figures": {f"{name}-plot": figure for name, figure in drawn.items()},
                "config": CONFIG_WITHOUT_SOURCE,
                "theme": theme,
            }
        ),
        plotly_code=plotly_code,
        page_code=page_code,
        script_sources=[plotly_source, page_source],
    )


def _drawn(draw: Callable[[Theme], go.Figure], x: Explanation, theme: PageTheme) -> dict[str, Any]:
    return figure_in_themes(lambda t: without_source(draw(t), x.provenance_sentence()), theme)


def figure_in_themes(draw: Callable[[Theme], go.Figure], theme: PageTheme) -> dict[str, Any]:
    """Draw a figure for a page that follows its reader's theme.

    Returns
    -------
    dict
        ``figure``, in the light theme unless another is asked for, and ``dark``: what is
        different in the dark theme, a list of (path, value); the numbers are there once.
    """
    figure = _plain(draw("light" if theme == "auto" else theme))
    dark = list(_differences(figure, _plain(draw("dark")), [])) if theme == "auto" else []
    return {"figure": figure, "dark": dark}


def _plain(figure: go.Figure) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(figure.to_json())  # arrays as their bytes in base64
    return plain


def _differences(one: Any, other: Any, path: list[str | int]) -> Iterator[tuple[Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], [*path, key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, [*path, i])
    elif one != other:
        yield path, other


def _alternatives(x: Explanation) -> dict[str, str]:
    """Describe each figure: what it shows, and where the same is given as text."""
    n_query, n_document = count(len(x.query), "query token"), count(len(x.document), "token")
    return {
        "heatmap": (
            f"Cosine similarities of {n_query} (rows) and {n_document} of the document (columns), "
            "the best match of each scored row framed in red. Hover over a cell for both tokens "
            "with the words around them; drag to move in a long document. The section "
            "“All query tokens” gives the framed cells as text."
        ),
        "contributions": (
            "One bar per query token, whose length is what the token adds to the score; the mark "
            "on it is the runner-up in another word. The sections “In words” and “All query "
            "tokens” give the same as text."
        ),
        "map": (
            "The document from its first token to its last: how well each place matches, and "
            "where each query token found its best match. The sections “Query and document” "
            "and “Best sentences” give the same as text."
        ),
    }


def _provenance(x: Explanation) -> list[tuple[str, Any]]:
    p = x.provenance
    rows: list[tuple[str, Any]] = [
        ("Model", p.model + (f" ({p.kind})" if p.kind else "")),
        ("Revision", p.revision),
        ("SHA-256 of the weights", p.sha256),
        ("Hidden layers", " + ".join(map(str, p.layers))),
        ("Numbers per token", p.dim or None),
        ("Arithmetic", p.dtype),
        ("Scored", p.scored),
        *sorted(p.settings.items()),
        ("Not the checkpoint's own", ", ".join(sorted(p.overridden))),
        *((f"Version of {name}", version) for name, version in sorted(p.versions.items())),
        ("In one line", x.provenance_sentence()),
    ]
    return [(name, value) for name, value in rows if value]
