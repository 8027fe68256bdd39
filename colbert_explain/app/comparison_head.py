"""The scores, texts and models of two explanations that are compared."""

from __future__ import annotations

import traitlets

from colbert_explain.app.page_widgets import PageWidget, page_text


class ComparisonHead(PageWidget):
    """A sentence on how to compare the two, and a card for each."""

    _esm = page_text("comparison_head.js")
    _css = page_text("comparison_head.css")

    sentence = traitlets.Unicode().tag(sync=True)
    #: ``name``, ``score``, ``query``, ``document`` and ``model`` of each; empty for none.
    sides = traitlets.List(traitlets.Dict()).tag(sync=True)
