"""The lower half of the workbench: one explanation in every view, one selection in all of them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from colbert_explain.analysis import Ranking
from colbert_explain.app.background_job import MainThread
from colbert_explain.app.comparison_panel import ComparisonPanel, short_name
from colbert_explain.app.contribution_list import ContributionList
from colbert_explain.app.encoding_job import EncodingDesk
from colbert_explain.app.export_panel import ExportPanel
from colbert_explain.app.heatmap_panel import HeatmapPanel
from colbert_explain.app.linked_html import LinkedHtml
from colbert_explain.app.page_widgets import PageBox, PageHtml
from colbert_explain.app.passage_list import PassageList
from colbert_explain.app.ranked_documents import RankedDocuments
from colbert_explain.app.result_bar import ResultBar
from colbert_explain.app.section_tabs import SectionTabs, section_panel
from colbert_explain.app.text_selection import passage_at, picked_pair
from colbert_explain.app.what_if_panel import WhatIfPanel
from colbert_explain.explanation import Explanation
from colbert_explain.views import highlight
from colbert_explain.views.charts.heatmap.figure import DrawnHeatmap
from colbert_explain.views.html.tables import notices, token_table
from colbert_explain.views.pinned_pair import pinned_sentence
from colbert_explain.views.theme import Theme
from colbert_explain.views.widget_data.contributions import contribution_rows, summary_sentences
from colbert_explain.views.widget_data.passages import passage_rows

_TITLES = {
    "text": "Text",
    "contributions": "Contributions",
    "sentences": "Best sentences",
    "contrast": "Contrast",
    "what-if": "What if",
    "compare": "Compare",
    "table": "Table",
    "export": "Save and share",
}


class ResultsPanel(PageBox):
    """Shows one explanation after another; one that is no longer shown is not kept in memory.

    Parameters
    ----------
    desk
        Encodes texts again; without it, no text is encoded again.
    main
        Runs callbacks on the main thread.
    """

    def __init__(self, desk: EncodingDesk | None = None, main: MainThread | None = None) -> None:
        super().__init__()
        main = main or MainThread()
        self.explanation: Explanation | None = None
        self.pinned: tuple[int, int] | None = None
        self.heatmap = HeatmapPanel(self.pin, self._drawn)
        self.ranked = RankedDocuments(self._show_ranked, self.heatmap.options, main)
        self.text = LinkedHtml("Query and document", self._pick)
        self.table = LinkedHtml("Contributions as a table", self._pick)
        self.contributions = ContributionList(self.pin)
        self.passages = PassageList(self.go_to)
        self.what_if = WhatIfPanel(desk, main)
        self.comparison = ComparisonPanel()
        self.export = ExportPanel(main)
        self.bar = ResultBar(self._bar_event)
        self.tabs = SectionTabs(selected="text")
        self._score = PageHtml()
        self._plain_text, self._compared, self._placed = "", False, False
        self._boxed = [frozenset[int](), frozenset[int]()]
        self._listed: tuple[Any, ...] = ()
        self.tabs.observe(lambda _: self._fill_selected(), names="selected")
        self.add_class("ce-results")
        self.heatmap.add_class("ce-heatmap")

    @property
    def figure(self) -> go.FigureWidget | None:
        """The one figure widget, None before the first explanation."""
        return self.heatmap.figure

    @property
    def theme(self) -> Theme:
        """The theme of the figures, light or dark; setting it draws them again."""
        return self.heatmap.theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        if theme != self.heatmap.theme:
            self.heatmap.theme = theme
            self.comparison.show(self.explanation, theme)

    @property
    def ranking(self) -> Ranking | None:
        """The ranking that the explanation belongs to, None for a single pair."""
        return self.ranked.ranking

    @property
    def title(self) -> str:
        """The name and rank of the document that is shown; empty for a single pair."""
        ranking = self.ranked.ranking
        return "" if ranking is None else self.ranked.title(ranking, self.ranked.position)

    def saved_html(self) -> str:
        """Return the score and the coloured texts as HTML that needs no widgets."""
        return f"{self._score.value}{self._plain_text}"

    def options(self) -> dict[str, Any]:
        """Return the current options of `heatmap`."""
        return self.heatmap.options()

    def show(
        self,
        explanation: Explanation,
        drawn: DrawnHeatmap,
        options: dict[str, Any] | None = None,
        *,
        ranking: Ranking | None = None,
        position: int = 0,
    ) -> None:
        """Show an explanation; ``drawn`` is its heatmap, already drawn on a worker thread.

        Parameters
        ----------
        explanation, drawn
            What to show.
        options
            Those it was drawn with, by default the default options; if others have been chosen
            since, it is drawn again.
        ranking, position
            The ranking that the explanation belongs to, and its place in the given order.
        """
        # Everything that can fail comes first: what is on show belongs together.
        x = explanation
        title = "" if ranking is None else self.ranked.title(ranking, position)
        score = notices(x, title=title, summary=summary_sentences(x))
        text, *boxed = highlight(x).html_and_boxes()
        passages = passage_rows(x)
        self.heatmap.show(x, drawn, options)
        self._score.value, self.explanation, self.pinned = score, x, None
        self.text.html = self._plain_text = text
        self._boxed = boxed
        self.passages.passages, self.passages.picked = passages, -1
        self.ranked.show(ranking, position)
        self.export.show(x, ranking, position)
        self._mark()
        self.comparison.show(x, self.theme)
        self._offer(two=self.comparison.kept not in (None, x))
        self._place()
        self._fill_selected()

    def pin(self, query_position: int, document_position: int) -> None:
        """Select a pair of tokens in every view."""
        if self.explanation is None:
            return
        pair = (query_position, document_position)
        shape = self.explanation.similarity.shape
        if any(not 0 <= p < n for p, n in zip(pair, shape, strict=True)):
            return  # a click on what was on show before
        self.pinned = pair
        self.heatmap.mark(pair)
        self._mark()

    def unpin(self) -> None:
        """Select nothing."""
        self.pinned = None
        self.heatmap.mark(None)
        self._mark()

    def go_to(self, first: int, stop: int) -> None:
        """Show a range of document tokens in the heatmap with an outline; pins nothing."""
        if self.explanation is None or not 0 <= first < stop <= len(self.explanation.document):
            return
        self.heatmap.go_to(first, stop)
        self.passages.picked = first

    def keep(self) -> None:
        """Keep the explanation, to compare it with the next one."""
        self._set_kept(self.explanation)

    def release(self) -> None:
        """Clear the kept explanation."""
        self._set_kept(None)

    def wait(self, timeout: float | None = None) -> None:
        """Block until all work that was started here has finished; for scripts and tests."""
        self.export.wait(timeout)
        self.what_if.wait(timeout)
        self.ranked.wait(timeout)

    def _mark(self) -> None:
        """Show the selection in every view except the heatmap, which already shows it."""
        x, pair = self.explanation, self.pinned
        if x is None:
            return
        # A token that is in no coloured word has a box only in a text written for it.
        boxed = pair is None or all(p in side for p, side in zip(pair, self._boxed, strict=True))
        self.text.html = self._plain_text if boxed else highlight(x, pinned=pair)._repr_html_()
        marked = [] if pair is None else list(pair)
        self.text.pinned = self.table.pinned = marked
        self.contributions.pinned = -1 if pair is None else pair[0]
        self.passages.pinned = passage_at(self.passages.passages, pair)
        self.bar.pinned = pinned_sentence(x, pair)
        self.bar.kept = "" if self.comparison.kept is None else short_name(self.comparison.kept)
        self.bar.same = self.comparison.kept is x
        self._write_code()

    def _pick(self, side: str, tokens: list[int]) -> None:
        if self.explanation is not None:
            pair = picked_pair(self.explanation, side, tokens, self.pinned)
            if pair is not None:
                self.pin(*pair)

    def _drawn(self) -> None:
        """Update the selected section after the heatmap was drawn with other options."""
        self._fill_selected()

    def _show_ranked(
        self,
        explanation: Explanation,
        drawn: DrawnHeatmap,
        options: dict[str, Any],
        ranking: Ranking,
        position: int,
    ) -> None:
        self.show(explanation, drawn, options, ranking=ranking, position=position)

    def _bar_event(self, event: str) -> None:
        {"unpin": self.unpin, "keep": self.keep, "release": self.release}[event]()

    def _set_kept(self, explanation: Explanation | None) -> None:
        self.comparison.kept, self._compared = explanation, False
        self.comparison.show(self.explanation, self.theme)
        self._mark()

    def _offer(self, *, two: bool) -> None:
        hidden = set()
        if len(self.passages.passages) < 2:
            hidden.add("sentences")
        if self.ranked.ranking is None or len(self.ranked.ranking) < 2:
            hidden.add("contrast")
        self.tabs.offer({name: title for name, title in _TITLES.items() if name not in hidden})
        if two and not self._compared:
            self.tabs.selected = "compare"
        self._compared = two

    def _fill_selected(self) -> None:
        """Fill the selected section; sections that are slow to fill stay empty until then."""
        x, selected = self.explanation, self.tabs.selected
        if x is None:
            return
        if selected == "what-if":
            self.what_if.show(x)
        elif self.what_if.explanation is not x:
            self.what_if.show(None)
        level, theme = self.heatmap.controls.level, self.theme
        if selected == "contributions" and self._listed != (x, level, theme):
            self.contributions.ledger = contribution_rows(x, level=level, theme=theme)
            self._listed = (x, level, theme)
        elif selected != "contributions" and x not in self._listed:
            self.contributions.ledger, self._listed = {}, ()
        if selected == "table":
            self.table.html = token_table(x)
        else:
            self.table.html = ""
        self._write_code()

    def _write_code(self) -> None:
        if self.tabs.selected == "export":
            self.export.write_code(self.options(), self.pinned)

    def _place(self) -> None:
        if self._placed:
            return
        self._placed = True
        sections = {
            "text": self.text,
            "contributions": self.contributions,
            "sentences": self.passages,
            "contrast": self.ranked.contrast,
            "what-if": self.what_if.form,
            "compare": self.comparison,
            "table": self.table,
            "export": self.export,
        }
        head = (self.ranked.list, self._score, self.heatmap, self.bar, self.tabs)
        self.children = [*head, *(section_panel(*named) for named in sections.items())]
