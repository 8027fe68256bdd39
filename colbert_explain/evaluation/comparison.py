"""`Comparison`: two evaluations of the same queries, query by query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colbert_explain.display_hook import ShowsItself
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd

#: Differences below this are none: measures are sums of a few fractions.
EQUAL = 1e-9
#: Standard errors on each side of a mean, between which 95% of a normal distribution lies.
_95_PERCENT = 1.959964


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Comparison(ShowsItself):
    """Differences of measures, the first run minus the second; `Evaluation.compare` makes one.

    Attributes
    ----------
    names
        The names of the two runs.
    per_query
        A row for each query, by id, and a float64 column for each measure: the difference.
    summary
        A row for each measure, by name: the means ``first`` and ``second``; their ``difference``;
        its ``standard_error``, from the differences of single queries; ``low`` and ``high``, an
        interval that would contain the true difference for 95% of samples of queries drawn in the
        same way; and the numbers of queries ``won`` by the first run, ``lost`` and ``equal``. Error
        and interval are NaN for a single query, and the interval is too narrow for fewer than about
        30.
    notes
        Sentences about queries and measures that only one of them has.
    """

    names: tuple[str, str]
    per_query: pd.DataFrame
    summary: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        measured = ", ".join(
            f"{name} {row['difference']:+.4f} ± {row['standard_error']:.4f}"
            for name, row in self.summary.iterrows()
        )
        return f"Comparison({self.names[0]!r} minus {self.names[1]!r}: {measured})"

    def to_frame(self) -> pd.DataFrame:
        """Return `summary`."""
        return self.summary


def compared(
    first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str], measures: Sequence[str]
) -> Comparison:
    """Compare two tables with a row for each query and a column for each measure."""
    import pandas as pd

    shared = [name for name in measures if name in second.columns]
    queries = first.index[first.index.isin(second.index)]
    for what, found, one, other in (
        ("a measure", shared, first.columns, second.columns),
        ("a query", queries, first.index, second.index),
    ):
        if not len(found):
            raise ValueError(
                f"the two evaluations must have {what} in common, but the first has "
                f"{', '.join(one[:5])}, the second {', '.join(other[:5])}"
            )
    notes = []
    for name, frame in zip(names, (first, second), strict=True):
        if alone := len(frame) - len(queries):
            words = count(alone, "query") if alone == 1 else f"{alone:,} queries"
            notes.append(f"Not compared: {words} that only {name} has.")
    a, b = first.loc[queries, shared], second.loc[queries, shared]
    difference = a - b
    mean, n = difference.mean(), len(difference)
    error = difference.std(ddof=1) / np.sqrt(n)
    summary = pd.DataFrame(
        {
            "first": a.mean(),
            "second": b.mean(),
            "difference": mean,
            "standard_error": error,
            "low": mean - _95_PERCENT * error,
            "high": mean + _95_PERCENT * error,
            "won": (difference > EQUAL).sum().astype("float64"),
            "lost": (difference < -EQUAL).sum().astype("float64"),
            "equal": (difference.abs() <= EQUAL).sum().astype("float64"),
        }
    ).rename_axis("measure")
    return Comparison(names, difference, summary, tuple(notes))
