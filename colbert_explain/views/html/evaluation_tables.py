"""What a cell shows that ends in a run, its measures, or their comparison: a table."""

from __future__ import annotations

import math

from colbert_explain.evaluation import Comparison, Evaluation, FirstStageRecall, Run
from colbert_explain.text.wording import beginning, count, isolated, one_line, percent, signed
from colbert_explain.views.html.static_table import (
    NO_NUMBER,
    Cell,
    StaticTable,
    count_cell,
    number_cell,
    percent_cell,
)

#: Characters of a text, a name and a list of ids in a cell.
_BEGINNING, _NAME, _IDS = 100, 40, 100
_DIGITS = 4
_COUNTED_BY = "Measures by ir-measures"


def run_table(run: Run) -> StaticTable:
    """List the queries of a run, each with its best document."""
    rows = []
    for query in run.scores:
        ranked = run.ranked(query)
        id_, score = ranked[0] if ranked else ("", math.nan)
        best = Cell(beginning(id_, _NAME) if ranked else "nothing found", muted=not ranked)
        rows.append((Cell(beginning(query, _NAME)), count_cell(len(ranked)), best, _value(score)))
    return StaticTable(
        title=f"{_called(run.name)}: {_queries(len(run))}",
        sentences=run.notes,
        caption="Documents found for each query, and the best of them",
        head=("query", "documents", "best document", "score"),
        rows=tuple(rows),
    )


def evaluation_table(evaluation: Evaluation) -> StaticTable:
    """List the measures of an evaluation, over all queries."""
    frame = evaluation.to_frame()
    return StaticTable(
        title=f"{_called(evaluation.run.name)}: {_queries(len(evaluation.per_query))}",
        sentences=evaluation.notes,
        caption=f"{_COUNTED_BY}, over all queries",
        head=("measure", "mean", "standard error"),
        rows=tuple(
            (Cell(str(name)), _value(row["mean"]), _value(row["standard_error"]))
            for name, row in frame.iterrows()
        ),
    )


def query_table(evaluation: Evaluation) -> StaticTable:
    """List the measures of each query."""
    measures = tuple(map(str, evaluation.per_query.columns))
    rows = tuple(
        (Cell(beginning(str(query), _NAME)), *(_value(row[name]) for name in measures))
        for query, row in evaluation.per_query.iterrows()
    )
    return StaticTable(
        title=f"{_called(evaluation.run.name)}: {_queries(len(rows))}",
        caption=f"{_COUNTED_BY}, for each query",
        head=("query", *measures),
        rows=rows,
    )


def comparison_table(comparison: Comparison) -> StaticTable:
    """List measures of two runs, and how sure their differences are."""
    first, second = map(_called, comparison.names)
    rows = []
    for name, row in comparison.summary.iterrows():
        difference, low, high = row["difference"], row["low"], row["high"]
        interval = NO_NUMBER
        if not math.isnan(low):
            interval = Cell(f"{_signed(low)} to {_signed(high)}", number=True)
        cells = (
            Cell(str(name)),
            _value(row["first"], strong=difference > 0),
            _value(row["second"], strong=difference < 0),
            Cell(_signed(difference), number=True),
            _value(row["standard_error"]),
            interval,
            *(count_cell(int(row[column])) for column in ("won", "lost", "equal")),
        )
        rows.append(cells)
    return StaticTable(
        title=f"{first} minus {second}: {_queries(len(comparison.per_query))}",
        sentences=comparison.notes,
        caption=f"{_COUNTED_BY}, and their differences, query by query",
        head=(
            *("measure", first, second, "difference", "standard error", "95% interval"),
            *("queries won", "lost", "equal"),
        ),
        rows=tuple(rows),
    )


def first_stage_table(found: FirstStageRecall) -> StaticTable:
    """List how many of each query's best documents a first stage keeps."""
    frame = found.per_query
    rows = [
        (
            Cell(beginning(str(query_id), _NAME)),
            count_cell(int(row["n_best"])),
            count_cell(int(row["n_kept"])),
            percent_cell(float(row["recall"])),
            Cell(beginning(", ".join(row["dropped"]), _IDS) if row["dropped"] else ""),
            Cell(beginning(str(row["query"]), _BEGINNING)),
        )
        for query_id, row in frame.iterrows()
    ]
    stage = "The index" if found.first_stage is None else f"First stage {found.first_stage}"
    return StaticTable(
        title=f"{stage} keeps {percent(found.mean, 1)} of the best {count(found.k, 'document')}",
        caption=f"Documents among {found.candidates:,} candidates, for {_queries(len(frame))}",
        head=("query", "best", "kept", "share", "dropped", "text"),
        rows=tuple(rows),
        foot=(
            Cell("all"),
            count_cell(int(frame["n_best"].sum())),
            count_cell(int(frame["n_kept"].sum())),
            percent_cell(found.mean, strong=True),
            *[Cell("")] * 2,
        ),
    )


def _called(name: str) -> str:
    return isolated(beginning(one_line(name), _NAME))


def _queries(number: int) -> str:
    return count(number, "query", "queries")


def _value(value: float, *, strong: bool = False) -> Cell:
    return number_cell(value, _DIGITS, strong=strong)


def _signed(value: float) -> str:
    return signed(value, _DIGITS)
