"""Measures of rankings by their names, computed by ir-measures."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from colbert_explain import argument_checks as check

if TYPE_CHECKING:
    import pandas as pd

#: A name, perhaps with arguments in parentheses and a number of documents.
_NAME = re.compile(r"[^\s,()]+(?:\([^()]*\)[^\s,()]*)?")
_EXAMPLES = "nDCG@10, RR@10, R@100, P@5, AP, Success@1 or Judged@10"


def measures_named(names: str | Iterable[str]) -> list[Any]:
    """Return measures of ir-measures by their names, each once.

    Parameters
    ----------
    names
        Names with blanks or commas between them, or a list of names.

    Raises
    ------
    ValueError
        If a name is unknown, an argument of a measure is wrong, or it needs a package that is not
        installed.

    Examples
    --------
    >>> measures_named("nDCG@10 RR(rel=2)@10, AP")
    [nDCG@10, RR(rel=2)@10, AP]
    """
    listed = _NAME.findall(names) if isinstance(names, str) else check.listed("measures", names)
    if not listed:
        raise ValueError(f"measures must name at least one, such as {_EXAMPLES}, got none")
    return list(dict.fromkeys(_measure(name) for name in listed))


def _measure(name: Any) -> Any:
    import ir_measures  # a fifth of a second that only evaluations need

    wrong = (
        f"a measure must be one that ir-measures knows, such as {_EXAMPLES}, "
        f"got {check.shown(name)}"
    )
    if isinstance(name, ir_measures.Measure):
        measure = name
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of old names in `ast`
                measure = ir_measures.parse_measure(check.text("measures", name))
        except (NameError, ValueError) as error:
            raise ValueError(wrong) from error
    try:
        pipeline: Any = ir_measures.DefaultPipeline
        supported = pipeline.supports(measure)  # this checks its arguments
    except (AssertionError, KeyError) as error:
        raise ValueError(f"{wrong}: {_reason(error)}") from error
    cutoff = measure.params.get("cutoff", 1)
    if cutoff < 1:
        raise ValueError(f"{wrong}: the number of documents must be at least 1")
    if not supported:
        raise ValueError(
            f"measure {check.shown(name)} needs a package that is not installed: see https://ir-measur.es"
        )
    return measure


def _reason(error: Exception) -> str:
    reason = str(error).strip("'\"")
    if "<object" in reason:  # ir-measures' sign for an argument that is missing
        return "it needs a number of documents, as in P@5"
    return reason


def scores_per_query(
    measures: Iterable[Any],
    qrels: Mapping[str, Mapping[str, int]],
    scores: Mapping[str, Mapping[str, float]],
    queries: Iterable[str],
) -> pd.DataFrame:
    """Return a row for each query and a float64 column for each measure, by ir-measures.

    A query without documents gets 0, or the value that the measure has for none.
    """
    import ir_measures
    import pandas as pd

    measures, queries = list(measures), list(queries)
    frame = pd.DataFrame(
        {str(measure): float(measure.DEFAULT) for measure in measures},
        index=pd.Index(queries, name="query_id", dtype="string"),
        dtype="float64",
    )
    judged = {query: dict(qrels[query]) for query in queries}
    found = {query: dict(scores[query]) for query in queries if scores.get(query)}
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in measures}
    for metric in ir_measures.iter_calc(measures, judged, found):
        values[str(metric.measure)][metric.query_id] = float(metric.value)
    for name, of_queries in values.items():
        for query, value in of_queries.items():
            frame.at[query, name] = value
    return frame


def aggregated(measures: Iterable[Any], per_query: pd.DataFrame) -> dict[str, float]:
    """Return each measure over all queries as ir-measures does: the mean, or the sum of counts."""
    found = {}
    for measure in measures:
        aggregator = measure.aggregator()
        for value in per_query[str(measure)]:
            aggregator.add(value)
        found[str(measure)] = float(aggregator.result())
    return found
