"""What a cell shows that ends in an audit: its lost queries, each with its cause."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.evaluation.audit import Audit, AuditedQuery
from colbert_explain.text.wording import beginning, capitalised, count, first_of, named, signed
from colbert_explain.views.html.static_table import (
    NO_NUMBER,
    Cell,
    StaticTable,
    count_cell,
    percent_cell,
)

#: Characters of a query or an id in a cell, and queries that a sentence names.
_QUERY, _ID, _MOST_NAMED = 100, 40, 5
#: Of the columns of `_row`.
_HEAD = (
    *("query", "", "right document", "its rank", "by exact MaxSim"),
    *("winner", "its lead", "main cause", "what decides"),
)


def audit_table(audit: Audit) -> StaticTable:
    """List the lost queries of a run, each with its cause and what decides."""
    rows = tuple(_row(lost) for lost in audit.lost)
    counts = "; ".join(f"{cause}: {number:,}" for cause, number in audit.counts.items())
    left_out = _left_out(audit)
    return StaticTable(
        title=f"{capitalised(audit.summary())}.",
        sentences=tuple(
            filter(None, (f"Lost queries by main cause: {counts}." * bool(rows), left_out))
        ),
        caption=(
            "Lost queries; audit.contrast(query_id) compares the winner with the right document"
            if rows
            else "No query is lost"
        ),
        head=_HEAD,
        rows=rows,
        source=audit.provenance.sentence(),
    )


def query_table(queries: Sequence[AuditedQuery]) -> StaticTable:
    """List audited queries, each with its cause and what decides."""
    return StaticTable(
        title=f"{count(len(queries), 'audited query', 'audited queries')}",
        caption="Where the right document is, and why another one won",
        head=_HEAD,
        rows=tuple(map(_row, queries)),
    )


def cause_table(audit: Audit) -> StaticTable:
    """Count the lost queries by main cause."""
    n_lost = len(audit.lost)
    return StaticTable(
        title=f"{capitalised(audit.summary())}.",
        caption="Lost queries by main cause" if n_lost else "No query is lost",
        head=("main cause", "lost queries", "share"),
        rows=tuple(
            (Cell(str(cause)), count_cell(number), percent_cell(number / n_lost))
            for cause, number in audit.counts.items()
        ),
        foot=(
            Cell("sum = lost queries"),
            count_cell(n_lost, strong=True),
            percent_cell(1) if n_lost else Cell("", number=True),
        ),
        source=audit.provenance.sentence(),
    )


def _left_out(audit: Audit) -> str:
    if not audit.left_out:
        return ""
    reasons = [f"{named(query_id)} ({named(why)})" for query_id, why in audit.left_out.items()]
    listed = "; ".join(first_of(reasons, _MOST_NAMED, "and {:,} more"))
    return f"Left out {count(len(audit.left_out), 'query', 'queries')}: {listed}."


def _row(query: AuditedQuery) -> tuple[Cell, ...]:
    lead = query.winner_score - query.right_score
    return (
        Cell(beginning(query.query_id, _ID), strong=True),
        Cell(beginning(query.query, _QUERY)),
        _id(query.right),
        NO_NUMBER if query.rank is None else count_cell(query.rank),
        NO_NUMBER if query.exact_rank is None else count_cell(query.exact_rank),
        Cell("") if query.is_found else _id(query.winner),
        NO_NUMBER if lead != lead else Cell(signed(lead, 2), number=True),
        Cell("found", muted=True) if query.is_found else Cell(query.cause or ""),
        Cell(query.sentence),
    )


def _id(name: str | None) -> Cell:
    return Cell("none", muted=True) if name is None else Cell(beginning(name, _ID))
