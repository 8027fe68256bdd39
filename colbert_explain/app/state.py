"""`WorkbenchState`: what a workbench shows and is about to show; every part of it reads it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import traitlets

from colbert_explain.analysis import Ranking
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.grid import Level
from colbert_explain.views.theme import THEMES


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How an explanation is drawn.

    Attributes
    ----------
    level
        A row and a column per ``"word"`` or per ``"token"``.
    order
        Rows in the order of the ``"text"``, or by ``"contribution"``, the largest first.
    unscored
        Whether rows and columns that are not scored are shown.
    """

    level: Level = "word"
    order: Literal["text", "contribution"] = "text"
    unscored: bool = False


class WorkbenchState(traitlets.HasTraits):
    """The facts of a workbench, each held here and nowhere else."""

    #: The texts that were asked for last: what is being computed, or is on show.
    query = traitlets.Unicode()
    #: Name and text of each document, in the given order.
    documents = traitlets.List(traitlets.Tuple())
    #: The page's number of the request for them; None for what Python asked for.
    request = traitlets.Int(None, allow_none=True)
    #: The explanation on show, None before the first.
    explanation: Explanation | None = traitlets.Any(None)  # type: ignore[assignment]
    #: The ranking that it belongs to, None for a single pair; and its position in the given order.
    ranking: Ranking | None = traitlets.Any(None)  # type: ignore[assignment]
    position = traitlets.Int(0)
    #: Position of the document that the one on show is compared with; None for the best other one.
    against = traitlets.Int(None, allow_none=True)
    #: Name of the document of a single pair.
    name = traitlets.Unicode()
    #: An explanation kept to be compared with others, and its name.
    kept: tuple[str, Explanation] | None = traitlets.Any(None)  # type: ignore[assignment]
    #: Query and document token of the pair that is pinned.
    pinned: tuple[int, int] | None = traitlets.Any(None)  # type: ignore[assignment]
    options: ViewOptions = traitlets.Any(ViewOptions())  # type: ignore[assignment]
    theme = traitlets.Enum(THEMES, default_value="light")

    def named_documents(self) -> dict[str, str]:
        """Return the documents by name."""
        return dict(self.documents)

    def show(
        self, explanation: Explanation, ranking: Ranking | None, position: int, name: str
    ) -> None:
        """Put another explanation on show; nothing is pinned in it."""
        with self.hold_trait_notifications():
            self.pinned = None
            self.explanation, self.ranking = explanation, ranking
            self.position, self.name = position, name

    def show_nothing(self) -> None:
        """Put nothing on show: what was there belongs to something that is gone."""
        with self.hold_trait_notifications():
            self.pinned = self.explanation = self.ranking = self.against = None

    def __repr__(self) -> str:
        shown: Any = self.explanation
        return f"WorkbenchState({shown!r})"
