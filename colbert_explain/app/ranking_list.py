"""The documents of a ranking, best first; choosing one shows its explanation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.analysis import Ranking
from colbert_explain.app.page_messages import Events, is_whole
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text
from colbert_explain.text.wording import visible


class RankingList(PageWidget):
    """Shows the output of `ranking_rows`; an empty list is hidden.

    Parameters
    ----------
    on_choose
        Called with the position, in the given order, of the document that was chosen.
    on_cancel
        Called when the reader cancels a choice.
    """

    _esm = page_script("ranking_list.js")
    _css = page_text("ranking_list.css")
    events: ClassVar[Events] = {"choose": {"position": is_whole}, "cancel": {}}

    query = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: Which documents are not ranked, and why, in a sentence.
    left_out = traitlets.Unicode().tag(sync=True)
    #: Position of the document on show.
    chosen = traitlets.Int(-1).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_choose: Callable[[int], object], on_cancel: Callable[[], object]) -> None:
        super().__init__()
        self._on_choose, self._on_cancel = on_choose, on_cancel

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "choose":
            self._on_choose(fields["position"])
        else:
            self._on_cancel()


def ranking_rows(ranking: Ranking) -> list[dict[str, Any]]:
    """Write the table of a ranking, ready for JSON; no text is escaped.

    ``position`` is the place in ``ranking.names``; ``of_best`` is the score as a share of the best
    score, None if that is not above 0.
    """
    frame = ranking.to_frame(pooled_cosine=True)
    best = float(frame["score"].max())
    return [
        {
            "rank": int(row["rank"]),
            "name": visible(str(row["document"])),
            "position": int(place),
            "score": float(row["score"]),
            "mean": float(row["mean_contribution"]),
            "pooled": float(row["pooled_cosine"]),
            "of_best": float(row["score"]) / best if best > 0 else None,
        }
        for place, row in zip(ranking.order, frame.to_dict("records"), strict=True)
    ]
