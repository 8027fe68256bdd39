"""Two explanations side by side: one that was kept, and the one on show."""

from __future__ import annotations

from colbert_explain.analysis import contrast
from colbert_explain.app.comparison_head import ComparisonHead
from colbert_explain.app.contrast_table import ContrastTable
from colbert_explain.app.figure_view import FigureView
from colbert_explain.app.page_widgets import PageBox
from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import beginning, isolated, visible
from colbert_explain.views import compare_heatmaps
from colbert_explain.views.theme import Theme
from colbert_explain.views.widget_data.contrast import contrast_rows

_NAMES = ("kept", "now")
_ALONE = (
    "Press “Keep for comparison” below the heatmap, then explain another pair: both appear here, "
    "side by side on one colour scale."
)
_WAITING = "This one is kept. Explain another pair to see both here, side by side."
_OTHER_MODEL = (
    "The two come from different models. Each model has its own scale of similarities, so compare "
    "where the matches lie, not the scores."
)
_OTHER_QUERY = (
    "The two have different queries. A score grows with the query's length, so the scores cannot "
    "be compared with each other."
)
_SAME = "Same query, same model: the table shows which query tokens make the difference."


class ComparisonPanel(PageBox):
    """Keeps one explanation until it is cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: Explanation | None = None
        self.head = ComparisonHead()
        self.figure = FigureView(label="Heatmaps of both explanations on one colour scale")
        self.table = ContrastTable()
        self.children = [self.head, self.figure, self.table]
        self.show(None, "light")

    def show(self, explanation: Explanation | None, theme: Theme) -> None:
        """Show the kept explanation beside this one."""
        kept = self.kept
        if kept is None or explanation is None or explanation is kept:
            self.head.sides, self.head.sentence = [], _ALONE if kept is None else _WAITING
            self.figure.show(None)
            self.table.contrast = {}
            return
        figure = compare_heatmaps([kept, explanation], names=_NAMES, theme=theme)
        figure.layout.title.text = "<b>Kept and now</b> on one scale; red frames: best matches"
        same_model = kept.provenance.same_model(explanation.provenance)
        same_query = kept.query == explanation.query
        sentence = _SAME
        if not same_model:
            sentence = _OTHER_MODEL
        elif not same_query:
            sentence = _OTHER_QUERY
        table = {}
        if same_model and same_query:
            table = contrast_rows(contrast(kept, explanation, _NAMES))
        self.head.sides = [
            _side(name, x) for name, x in zip(_NAMES, (kept, explanation), strict=True)
        ]
        self.head.sentence = sentence
        self.figure.show(figure)
        self.table.contrast = table


def _side(name: str, x: Explanation) -> dict[str, str]:
    return {
        "name": name,
        "score": f"{x.score:.3f}",
        "query": beginning(x.query.text, 160),
        "document": beginning(x.document.text, 160),
        "model": visible(x.provenance.sentence()),
    }


def short_name(x: Explanation) -> str:
    """Name an explanation by its score and the beginning of its document."""
    return f"{x.score:.3f}, “{isolated(beginning(x.document.text, 40))}”"
