"""A second ranking of the same documents beside the hits, and why a rank differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from colbert_explain.app.collections.second_kinds import (
    ALONE,
    FIRST_STAGE_OF,
    NAMES,
    SecondKind,
)
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.explanation import Explanation, explain_embeddings
from colbert_explain.explanation.matches import WordMatch
from colbert_explain.search import Collection, Hits, Where
from colbert_explain.search.first_stage import shared_words
from colbert_explain.similarity import ordered
from colbert_explain.text.wording import count
from colbert_explain.text.wording import listed as listed_names

_SHORT: dict[SecondKind, str] = {
    "exact": "exact",
    "bm25": "words first",
    "pooled": "pooled first",
    "bm25_alone": "words",
    "pooled_alone": "pooled",
    "index_alone": "index",
}
#: Says why a document has another rank: given its id, explanation, both ranks and the other score.
Why = Callable[[str, Explanation, int | None, int | None, float | None], str]
#: How far down a rank is looked for.
DEEPEST = 1000
#: How many documents a first stage chooses.
_CANDIDATES = 100
_MOST_NAMED = 3
#: A difference that two decimals do not show is none.
_SHOWN = 0.005


def second_ranking(
    collection: Collection,
    hits: Hits,
    kind: SecondKind,
    *,
    k: int,
    where: Where | None,
    check: Callable[[], object],
) -> dict[str, Any]:
    """Rank the documents in another way, and explain each rank that differs.

    Parameters
    ----------
    collection
        What was searched.
    hits
        The first ranking.
    kind
        The second one.
    k
        How many documents of each are listed.
    where
        The filter of the first ranking.
    check
        Called now and then; raises when nobody waits any more.

    Returns
    -------
    dict
        Ready for JSON: ``name``, ``short`` name, ``sentence`` and ``rows``, each with ``id``,
        ``name``, ``position`` among the hits (None if it is not one), ``first`` and ``second`` rank
        (None beyond what was looked at), ``first_score``, ``second_score`` and ``why``.
    """
    there = _ranked(collection, hits.query_embeddings, kind, where)
    check()

    def why(
        id_: str, x: Explanation, first: int | None, second: int | None, score: float | None
    ) -> str:
        return _why(x, kind, first, second, score, len(there))

    return compared(
        collection,
        hits,
        there,
        name=NAMES[kind],
        short=_SHORT[kind],
        k=k,
        where=where,
        check=check,
        why=why,
    )


def compared(
    collection: Collection,
    hits: Hits,
    there: list[tuple[str, float]],
    *,
    name: str,
    short: str,
    k: int,
    where: Where | None,
    check: Callable[[], object],
    why: Why,
) -> dict[str, Any]:
    """Compare hits with another ranking, which is given by ids and scores, best first.

    Arguments and answer as for `second_ranking`; ``name`` and ``short`` name are those of the other
    ranking, and ``why`` says why a rank differs.
    """
    query = hits.query_embeddings
    rank_there = {id_: rank for rank, (id_, _) in enumerate(there, start=1)}
    score_there = dict(there)
    order = hits.order.tolist()
    positions = {hits.documents[i].id: i for i in order}
    rank_here = {id_: rank for rank, id_ in enumerate(positions, start=1)}
    score_here = {id_: float(hits.scores[i]) for id_, i in positions.items()}
    only_there = [id_ for id_, _ in there[:k] if id_ not in positions and id_ in collection]
    deeper: dict[str, int] = {}
    if only_there:
        found = collection.scores(query, min(len(collection), DEEPEST), where=where)
        score_here |= {id_: score for id_, score in found if id_ in only_there}
        if hits.first_stage is None:
            deeper = {id_: rank for rank, (id_, _) in enumerate(found, start=1)}
    rows = []
    for id_ in [*positions, *only_there]:
        check()
        position = positions.get(id_)
        if position is None:
            stored = collection.embeddings(id_)
            x = explain_embeddings(query, stored.embeddings)
            called = str(stored.document.metadata.get("title") or id_)
        else:
            x, called = hits.explanations[position], hits.names[position]
        first, second = rank_here.get(id_, deeper.get(id_)), rank_there.get(id_)
        score = score_there.get(id_)
        rows.append(
            {
                "id": id_,
                "name": called,
                "position": position,
                "first": first,
                "second": second,
                "first_score": score_here.get(id_),
                "second_score": score,
                "why": why(id_, x, first, second, score),
            }
        )
    return {"name": name, "short": short, "sentence": _summary(rows, k), "rows": rows}


def _ranked(
    collection: Collection, query: TokenEmbeddings, kind: SecondKind, where: Where | None
) -> list[tuple[str, float]]:
    deep = min(len(collection), DEEPEST)
    if kind == "exact":
        return collection.scores(query, deep, candidates=len(collection), where=where)
    stage = FIRST_STAGE_OF.get(kind)
    if kind in ALONE:
        return collection.candidates(query, deep, first_stage=stage, where=where)
    return collection.scores(query, _CANDIDATES, first_stage=stage, where=where)


def _why(
    x: Explanation,
    kind: SecondKind,
    first: int | None,
    second: int | None,
    score: float | None,
    n_there: int,
) -> str:
    """Say why a document has another rank in the second ranking; "" where it has the same."""
    if first == second:
        return ""
    words = [match.word.text for match in x.word_matches]
    same = shared_words(words, x.document.text) if kind in ("bm25", "bm25_alone") else []
    other = _largest_first([m for m in x.word_matches if m.kind == "different word"])
    if kind in ("bm25", "pooled", "exact"):
        if second is not None:
            seen = "A first stage left out documents that rank above this one"
            if first is None:
                left_out = "The first stage left this one out"
                seen = left_out if kind == "exact" else "It is not among these hits"
            return f"{seen}; its score is the same."
        if kind == "exact":
            return f"Not among the first {DEEPEST:,}."
        if kind == "bm25" and (n_there < _CANDIDATES or not same):
            return "Left out: it holds no word of the query that BM25 counts."
        if kind == "bm25":
            return (
                f"Left out: {_CANDIDATES} others share more words, or rarer ones, with the query; "
                f"this one shares {_quoted(same)}."
            )
        return f"Left out: {_CANDIDATES} others have a pooled vector nearer to that of the query."
    if kind == "bm25_alone":
        if second is None and not same:
            return f"It holds no word of the query that BM25 counts. {_by_meaning(other)}"
        if first is None or (second is not None and second < first):
            return "Words count more there" + (f": it repeats {_quoted(same)}." if same else ".")
        held = f"It repeats only {_quoted(same)}." if same else "It repeats no rare word."
        return f"{held} {_by_meaning(other)}"
    if kind == "pooled_alone":
        n = int(x.document.scored_mask.sum())
        cosine = "" if score is None else f", with cosine {score:.2f}"
        return f"There, only the mean of its {count(n, 'token vector')} is compared{cosine}."
    if score is None:
        return f"Not among its first {n_there}."
    if abs(x.score - score) < _SHOWN:
        return "Its compressed score is almost exact; it moves because those of others are not."
    way = "low" if score < x.score else "high"
    return f"The compressed score is {abs(x.score - score):.2f} too {way}."


def _largest_first(matches: list[WordMatch]) -> list[WordMatch]:
    terms = max((len(match.pieces) for match in matches), default=1)
    order = ordered(np.array([match.contribution for match in matches]), terms=terms)
    return [matches[k] for k in order.tolist()]


def _by_meaning(other: list[WordMatch]) -> str:
    named = [f"“{m.word.text}” → “{m.pieces[0].match.text}”" for m in other[:_MOST_NAMED]]
    return f"MaxSim also counts {listed_names(named)}." if named else ""


def _quoted(words: list[str]) -> str:
    n_more = len(words) - _MOST_NAMED
    more = [f"{n_more} more"] if n_more > 0 else []
    return listed_names([*(f"“{word}”" for word in words[:_MOST_NAMED]), *more])


def _summary(rows: list[dict[str, Any]], k: int) -> str:
    both = sum(
        row["first"] is not None
        and row["second"] is not None
        and max(row["first"], row["second"]) <= k
        for row in rows
    )
    are = "is" if both == 1 else "are"
    said = f"{both} of the first {k} {are} also among the first {k} of the second ranking."
    if k == 1:
        said = f"The first is {'also' if both else 'not'} the first of the second ranking."
    moved = [r for r in rows if r["first"] and r["second"] and r["first"] != r["second"]]
    if moved:
        most = max(moved, key=lambda row: abs(row["first"] - row["second"]))
        said += f" “{most['name']}” moves most, from {most['first']} to {most['second']}."
    return said
