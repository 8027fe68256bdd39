"""What a cell shows that ends in a run, its measures, or their comparison: a table."""

from __future__ import annotations

import math

from colbert_explain.evaluation import Comparison, Evaluation, FirstStageRecall, Run
from colbert_explain.text.wording import (
    beginning,
    count,
    isolated,
    number,
    one_line,
    percent,
    signed,
)
from colbert_explain.views.html.static_table import Cell, StaticTable

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
        rows.append(
            (
                Cell(beginning(query, _NAME)),
                _count(len(ranked)),
                Cell(beginning(id_, _NAME) if ranked else "nothing found", muted=not ranked),
                _value(score),
            )
        )
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
        better = row["difference"] > 0, row["difference"] < 0
        interval = (
            "" if math.isnan(row["low"]) else f"{_signed(row['low'])} to {_signed(row['high'])}"
        )
        rows.append(
            (
                Cell(str(name)),
                _value(row["first"], strong=better[0]),
                _value(row["second"], strong=better[1]),
                Cell(_signed(row["difference"]), number=True),
                _value(row["standard_error"]),
                Cell(interval or "\N{EN DASH}", number=True),
                *(_count(int(row[column])) for column in ("won", "lost", "equal")),
            )
        )
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
            _count(int(row["n_best"])),
            _count(int(row["n_kept"])),
            Cell(percent(float(row["recall"])), number=True),
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
            _count(int(frame["n_best"].sum())),
            _count(int(frame["n_kept"].sum())),
            Cell(percent(found.mean), number=True, strong=True),
            Cell(""),
            Cell(""),
        ),
    )


def _called(name: str) -> str:
    return isolated(beginning(one_line(name), _NAME))


def _queries(number: int) -> str:
    return f"{number:,} {'query' if number == 1 else 'queries'}"


def _count(value: int) -> Cell:
    return Cell(f"{value:,}", number=True)


def _value(value: float, *, strong: bool = False) -> Cell:
    written = "\N{EN DASH}" if math.isnan(value) else number(value, _DIGITS)
    return Cell(written, number=True, strong=strong)


def _signed(value: float) -> str:
    return signed(value, _DIGITS)
