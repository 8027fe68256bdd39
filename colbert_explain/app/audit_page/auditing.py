"""An audit that a page asks for: search, measure, look for causes; and what the page lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from colbert_explain.app.audit_page.cause_sentences import CAUSE_SENTENCES
from colbert_explain.app.audit_page.judged_by import JudgedBy, check_fit
from colbert_explain.app.collections.second_kinds import SecondKind
from colbert_explain.app.jobs.counted_progress import CountedProgress
from colbert_explain.app.jobs.job import Watch
from colbert_explain.evaluation import Evaluation, Run, evaluate, run_of
from colbert_explain.evaluation.audit import Audit, audit
from colbert_explain.search import Collection, FirstStage
from colbert_explain.text.wording import count

#: What is measured; the second column of the list is the first of them.
MEASURES = "nDCG@10 RR@10 R@100"
LISTED = "nDCG@10"
#: How many documents of a search are kept, and how many a first stage chooses.
DEPTH = 100
#: How deep a right document may be, to be found.
DEPTHS = (1, 3, 5, 10, 20, 50, 100)
#: Queries that are sent to the page, the worst first.
MOST_LISTED = 5000

Searched = Literal["given", "exact", "bm25", "pooled"]
SEARCHED: tuple[Searched, ...] = get_args(Searched)
Second = SecondKind | Literal["given"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked.

    Attributes
    ----------
    searched
        The run that was given, or how the collection is searched: exactly, or with a first stage.
    k
        A query is found if a right document is among the first ``k``.
    second
        The second run, or how the collection is searched a second time; None for neither.
    """

    searched: Searched = "exact"
    k: int = 10
    second: Second | None = None

    @property
    def first_stage(self) -> FirstStage | None:
        """The first stage of the search."""
        return self.searched if self.searched in ("bm25", "pooled") else None


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """A run, and how good it is.

    Attributes
    ----------
    run
        What was found.
    evaluation
        Its measures.
    ranks
        The rank of the best-placed right document by query id, from 1; None if the run has none.
    notes
        Sentences about what is odd.
    """

    run: Run
    evaluation: Evaluation
    ranks: dict[str, int | None]
    notes: tuple[str, ...]

    @property
    def worst_first(self) -> list[str]:
        """The ids of the queries, those of the lowest measure first."""
        values = self.evaluation.per_query[LISTED].to_dict()
        lowest = {id_: -(rank or 10**9) for id_, rank in self.ranks.items()}
        return sorted(self.ranks, key=lambda id_: (values[id_], lowest[id_]))

    def first(self, k: int) -> str:
        """Return the id of the worst query that is lost, or of the worst one if none is."""
        worst = self.worst_first
        return next((id_ for id_ in worst if not is_found(self.ranks[id_], k)), worst[0])

    def n_found(self, k: int) -> int:
        """Return for how many queries a right document is among the first ``k``."""
        return sum(is_found(rank, k) for rank in self.ranks.values())


def is_found(rank: int | None, k: int) -> bool:
    """Return whether a right document at a rank is among the first ``k``."""
    return rank is not None and rank <= k


def measured(ask: Ask, given: JudgedBy, collection: Collection, watch: Watch) -> Measured:
    """Search for the judged queries, unless a run is given, and measure.

    Parameters
    ----------
    ask, given
        What is asked, and what it is judged by.
    collection
        Its encoder stops when the work is cancelled.
    watch
        Is told what is being done.

    Raises
    ------
    ValueError
        If queries, judgments, run and collection do not belong together.
    """
    watch.report("Comparing ids …")
    notes = check_fit(given, collection)
    queries, judged = given.queries or {}, given.judged or {}
    if ask.searched == "given" and given.run is not None:
        run = given.run
    else:
        asked = {id_: text for id_, text in queries.items() if id_ in judged}
        run = run_of(
            collection,
            asked,
            DEPTH,
            first_stage=ask.first_stage,
            candidates=DEPTH,
            progress=CountedProgress(watch, "Running query"),
        )
    return evaluated(run, given, watch, notes)


def evaluated(run: Run, given: JudgedBy, watch: Watch, notes: list[str]) -> Measured:
    """Measure a run."""
    watch.report("Measuring …")
    queries, judged = given.queries or {}, given.judged or {}
    evaluation = evaluate(run, queries, judged, MEASURES)
    watch.check()
    ranks: dict[str, int | None] = {}
    for query_id in evaluation.per_query.index:
        grades = judged[query_id]
        if not any(grade > 0 for grade in grades.values()):
            continue
        ranked = run.ranked(query_id) if query_id in run.scores else []
        ranks[query_id] = next(
            (rank for rank, (id_, _) in enumerate(ranked, 1) if grades.get(id_, 0) > 0), None
        )
    return Measured(run, evaluation, ranks, (*notes, *evaluation.notes))


def audited(
    ask: Ask, found: Measured, given: JudgedBy, collection: Collection, watch: Watch
) -> Audit:
    """Look for the causes of the lost queries."""
    judged = given.judged or {}
    return audit(
        found.run,
        given.queries or {},
        {id_: judged[id_] for id_ in found.ranks},
        collection,
        k=ask.k,
        first_stage=ask.first_stage,
        candidates=DEPTH,
        progress=CountedProgress(watch, "Looking for causes, query"),
    )


def page_data(found: Measured, causes: Audit | None, k: int, queries: Any) -> dict[str, Any]:
    """Write what the page shows of an audit; ready for JSON.

    Parameters
    ----------
    found
        What was found.
    causes
        The causes of lost queries; None while they are not known.
    k
        How deep a right document may be.
    queries
        Text by query id.

    Returns
    -------
    dict
        ``found``, sentences; ``measures``, each with ``name``, ``mean``, ``error`` (None for a
        single query); ``n_lost``; ``has_causes``; ``causes``, each with ``name``, ``said`` and
        ``count``, the most frequent first; ``rows``, lost queries first, each with ``id``,
        ``query``, ``is_found``, ``rank`` (None if the run has none), ``value`` of the first
        measure, and ``cause`` (None while it is not known, or of a found query); ``n_left_out``
        rows; ``listed``, the name of that measure; ``notes``; ``k``.
    """
    frame = found.evaluation.to_frame()
    cause = {} if causes is None else {each.query_id: each.cause for each in causes}
    values = found.evaluation.per_query[LISTED].to_dict()
    rows = [
        {
            "id": id_,
            "query": queries[id_],
            "is_found": is_found(found.ranks[id_], k),
            "rank": found.ranks[id_],
            "value": float(values[id_]),
            "cause": cause.get(id_),
        }
        for id_ in found.worst_first
    ]
    rows.sort(key=lambda row: row["is_found"])
    n_lost = len(rows) - found.n_found(k)
    left_out = () if causes is None else tuple(causes.left_out.items())
    return {
        "found": found_sentence(found, k),
        "measures": [
            {
                "name": str(name),
                "mean": float(row["mean"]),
                "error": None
                if row["standard_error"] != row["standard_error"]
                else float(row["standard_error"]),
            }
            for name, row in frame.iterrows()
        ],
        "n_lost": n_lost,
        "has_causes": causes is not None,
        "causes": []
        if causes is None
        else [
            {"name": str(name), "said": CAUSE_SENTENCES[str(name)], "count": int(number)}
            for name, number in causes.counts.items()
        ],
        "rows": rows[:MOST_LISTED],
        "n_left_out": max(0, len(rows) - MOST_LISTED),
        "listed": LISTED,
        "notes": [*found.notes, *(f"Query {id_}: {reason}." for id_, reason in left_out)],
        "k": k,
    }


def found_sentence(found: Measured, k: int) -> str:
    """Say how many queries are found within the first k, and how many at another depth.

    >>> run = Run({"a": {"x": 1.0}, "b": {"y": 2.0, "x": 1.0}})
    >>> judged = {"a": {"x": 1}, "b": {"x": 1}}
    >>> given = JudgedBy({"a": "one", "b": "two"}, judged)
    >>> found = evaluated(run, given, Watch(lambda text, share: None), [])
    >>> found_sentence(found, 10)
    '2 of 2 queries are found within the first 10, 1 of them first.'
    >>> found_sentence(found, 1)
    '1 of 2 queries is found at rank 1; 2 within the first 10.'
    """
    n, total = found.n_found(k), len(found.ranks)
    of_all = f"{n:,} of {count(total, 'query', 'queries')}"
    is_ = "is" if 1 in (n, total) else "are"
    if k == 1:
        return f"{of_all} {is_} found at rank 1; {found.n_found(10):,} within the first 10."
    first = f"{found.n_found(1):,} of them first"
    if total == 1:
        first = "at rank 1" if found.n_found(1) else "not at rank 1"
    return f"{of_all} {is_} found within the first {k}, {first}."
