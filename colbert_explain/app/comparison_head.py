"""The scores, texts and models of two explanations that are compared."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class ComparisonHead(anywidget.AnyWidget):
    """A sentence on how to compare the two, and a card for each."""

    _esm = _HERE / "comparison_head.js"
    _css = _HERE / "comparison_head.css"

    sentence = traitlets.Unicode().tag(sync=True)
    #: ``name``, ``score``, ``query``, ``document`` and ``model`` of each; empty for none.
    sides = traitlets.List(traitlets.Dict()).tag(sync=True)
