"""The table of a score: one row per query token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int

from colbert_explain.explanation.matches import TokenMatch
from colbert_explain.explanation.scores import PairScores

if TYPE_CHECKING:
    import pandas as pd


def token_table(x: PairScores, matches: tuple[TokenMatch | None, ...]) -> pd.DataFrame:
    """Build what `Explanation.to_frame` returns."""
    import pandas as pd  # a quarter of a second that only tables need

    # In both, -1 stands for "none", as for every query token that is not scored.
    runner_up = np.array([-1 if m is None else m.runner_up_position for m in matches])
    rows = np.arange(len(x.query))

    def position(values: Int[np.ndarray, " query"]) -> pd.Series[int]:
        known = values >= 0
        return pd.Series(np.where(known, values, 0), dtype="Int64").mask(pd.Series(~known))

    def of_matches(positions: Int[np.ndarray, " query"], name: str) -> list[Any]:
        return [getattr(x.document[int(j)], name) if j >= 0 else None for j in positions]

    return pd.DataFrame(
        {
            "token": [token.text for token in x.query],
            "role": [token.role for token in x.query],
            "scored": x.query.scored_mask,
            "unknown": [token.unknown for token in x.query],
            "start": pd.array([token.start for token in x.query], dtype="Int64"),
            "end": pd.array([token.end for token in x.query], dtype="Int64"),
            "contribution": x.contributions,
            "share": x.contributions / x.score if x.score > 0 else np.nan,
            "match": of_matches(x.alignment, "text"),
            "match_position": position(x.alignment),
            "match_start": pd.array(of_matches(x.alignment, "start"), dtype="Int64"),
            "match_end": pd.array(of_matches(x.alignment, "end"), dtype="Int64"),
            "runner_up": of_matches(runner_up, "text"),
            "runner_up_position": position(runner_up),
            "runner_up_similarity": np.where(runner_up >= 0, x.similarity[rows, runner_up], np.nan),
            "tied": [match is not None and match.firmness == "tied" for match in matches],
            "close": [match is not None and match.firmness == "close" for match in matches],
        }
    )
