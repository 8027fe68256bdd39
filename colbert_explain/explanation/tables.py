"""The table of a score: one row per query token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.explanation.matches import TokenMatch
from colbert_explain.explanation.scores import PairScores, share_of

if TYPE_CHECKING:
    import pandas as pd


def token_table(x: PairScores, matches: tuple[TokenMatch | None, ...]) -> pd.DataFrame:
    """Build what `Explanation.to_frame` returns."""
    found = [None if m is None else m.match_position for m in matches]
    second = [None if m is None or m.runner_up is None else m.runner_up_position for m in matches]

    def of_document(places: list[int | None], name: str) -> list[Any]:
        return [None if j is None else getattr(x.document[j], name) for j in places]

    return result_frame(
        {
            "token": texts(token.text for token in x.query),
            "role": texts(token.role for token in x.query),
            "scored": x.query.scored_mask,
            "unknown": [token.unknown for token in x.query],
            "start": positions(token.start for token in x.query),
            "end": positions(token.end for token in x.query),
            "contribution": x.contributions.astype(np.float64),
            "share": [share_of(float(part), x.score) for part in x.contributions],
            "match": texts(of_document(found, "text")),
            "match_position": positions(found),
            "match_start": positions(of_document(found, "start")),
            "match_end": positions(of_document(found, "end")),
            "runner_up": texts(of_document(second, "text")),
            "runner_up_position": positions(second),
            "runner_up_similarity": [
                np.nan if m is None else m.runner_up_similarity for m in matches
            ],
            "tied": [m is not None and m.firmness == "tied" for m in matches],
            "close": [m is not None and m.firmness == "close" for m in matches],
        },
        "position",
        x.provenance,
    )
