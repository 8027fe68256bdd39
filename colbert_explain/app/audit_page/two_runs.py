"""Two runs of the same queries: how far they differ, which queries differ, and by which words."""

from __future__ import annotations

from typing import Any

from colbert_explain.analysis import contrast
from colbert_explain.app.audit_page.auditing import DEPTH, LISTED, Ask, Measured, Second, evaluated
from colbert_explain.app.audit_page.judged_by import JudgedBy
from colbert_explain.app.collections.second_kinds import ALONE, FIRST_STAGE_OF, NAMES
from colbert_explain.app.jobs.counted_progress import CountedProgress
from colbert_explain.app.jobs.job import Watch
from colbert_explain.evaluation import Comparison, Run, run_of
from colbert_explain.evaluation.comparison import EQUAL
from colbert_explain.explanation import explain_embeddings
from colbert_explain.search import Collection
from colbert_explain.text.wording import quoted
from colbert_explain.views.page_data.hits import titled_names
from colbert_explain.views.page_data.json_values import none_for_nan

#: Queries of a list whose words are told, those with the largest difference; and rows of a list.
MOST_TOLD, MOST_ROWS = 50, 1000


def second_run(
    ask: Ask, given: JudgedBy, found: Measured, collection: Collection, watch: Watch
) -> Measured:
    """Return the second run with its measures; it is searched for unless it was given."""
    kind: Second = ask.second or "exact"
    if kind == "given":
        if given.second is None:
            raise ValueError("no second run is given: drop its file onto this page")
        return evaluated(given.second, given, watch, [])
    queries = given.queries or {}
    run = run_of(
        collection,
        {id_: queries[id_] for id_ in found.evaluation.per_query.index},
        DEPTH,
        first_stage=FIRST_STAGE_OF.get(kind),
        candidates=len(collection) if kind == "exact" else DEPTH,
        rescore=kind not in ALONE,
        name=NAMES[kind],
        progress=CountedProgress(watch, "Searching a second time, query"),
    )
    return evaluated(run, given, watch, [])


def two_runs(
    first: Measured, second: Measured, given: JudgedBy, collection: Collection, watch: Watch
) -> tuple[Comparison, dict[str, Any]]:
    """Compare two runs, and explain by words why they differ.

    Returns
    -------
    tuple
        The comparison; and what the page shows of it, ready for JSON: ``first`` and ``second``,
        the names of the runs; ``measures``, rows of `Comparison.summary` with ``name``; ``lists``,
        each with ``name``, ``title``, ``count``, and ``rows``: ``id``, ``query``, ``difference``,
        ``first`` and ``second``, the ranks of the right document, and ``why`` ("" beyond the first
        50 of a list); ``notes``.
    """
    comparison = first.evaluation.compare(second.evaluation)
    differences = comparison.per_query[LISTED].to_dict()
    lists: dict[str, list[tuple[str, float]]] = {"won": [], "lost": [], "equal": []}
    for id_, value in differences.items():
        kind = "equal" if abs(value) <= EQUAL else "won" if value > 0 else "lost"
        lists[kind].append((str(id_), float(value)))
    titles = {
        "won": f"Better with {first.run.name}",
        "lost": f"Better with {second.run.name}",
        "equal": "Equal",
    }
    progress = CountedProgress(watch, "Comparing query")
    total = sum(min(MOST_TOLD, len(rows)) for name, rows in lists.items() if name != "equal")
    done, written = 0, []
    for name, found in lists.items():
        found.sort(key=lambda row: -abs(row[1]))
        rows = []
        for place, (id_, value) in enumerate(found[:MOST_ROWS]):
            why = ""
            if name != "equal" and place < MOST_TOLD:
                progress(done, total)
                done += 1
                why = _why(id_, first.run, second.run, given, collection)
            rows.append(
                {
                    "id": id_,
                    "query": (given.queries or {})[id_],
                    "difference": value,
                    "first": first.ranks.get(id_),
                    "second": second.ranks.get(id_),
                    "why": why,
                }
            )
        written.append({"name": name, "title": titles[name], "count": len(found), "rows": rows})
    return comparison, {
        "first": first.run.name,
        "second": second.run.name,
        "measures": [
            {"name": str(name)} | {str(key): none_for_nan(value) for key, value in row.items()}
            for name, row in comparison.summary.iterrows()
        ],
        "listed": LISTED,
        "lists": written,
        "notes": [*comparison.notes, *second.notes],
    }


def _why(query_id: str, first: Run, second: Run, given: JudgedBy, collection: Collection) -> str:
    """Say which words decide between the documents that two runs place first."""
    tops = []
    for run in (first, second):
        ranked = run.ranked(query_id) if query_id in run.scores else []
        tops.append(next((id_ for id_, _ in ranked if id_ in collection), None))
    one, other = tops
    if one is None or other is None:
        name = first.name if one is None else second.name
        return f"{name} finds nothing."
    encoded = collection.engine.fetch([one, other])
    names = [quoted(name) for name in titled_names([each.document for each in encoded[:1]])]
    if one == other:
        return f"Both place {names[0]} first; they differ further down."
    query = collection.encoder.embed_query((given.queries or {})[query_id])
    names = [quoted(name) for name in titled_names([each.document for each in encoded])]
    sides = [explain_embeddings(query, each.embeddings) for each in encoded]
    sentence = contrast(sides[0], sides[1], (names[0], names[1])).sentence()
    return f"{first.name} places {names[0]} first, {second.name} {names[1]}. By MaxSim, {sentence}"
