"""`ComparedResult`: the document on show, and the sentence that compares it with another one."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import Contrast, contrast
from colbert_explain.app.page.result import ResultOnPage
from colbert_explain.text.wording import quoted
from colbert_explain.views.page_data.result import PageResult


class ComparedResult(ResultOnPage):
    """The document on show; its contrast is with the one that the reader has chosen."""

    def draw(self, **changes: Any) -> tuple[Any, PageResult]:
        """Draw as `ResultOnPage` does, and say which document it is compared with."""
        facts, drawn = super().draw(**changes)
        if facts["against"] is not None:
            drawn.data["against"] = facts["against"]
        return facts, drawn

    def compared(self, facts: dict[str, Any]) -> Contrast | None:
        """Compare the document on show with the other one, the better one first."""
        facts["against"] = other = self._other(facts)
        if other is None:
            return None
        ranking = facts["ranking"]
        first, second = sorted((facts["position"], other), key=ranking.order.tolist().index)
        names = (quoted(ranking.names[first]), quoted(ranking.names[second]))
        return contrast(ranking.explanations[first], ranking.explanations[second], names)

    def _other(self, facts: dict[str, Any]) -> int | None:
        """Return the position of the other document: the one chosen, else the best one."""
        ranking, shown, other = facts["ranking"], facts["position"], facts["against"]
        if ranking is None or len(ranking) < 2:
            return None
        if other is None or other == shown or not 0 <= other < len(ranking):
            order = ranking.order.tolist()
            return int(order[0] if shown != order[0] else order[1])
        return int(other)
