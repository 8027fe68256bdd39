"""`run_of`: search a collection for many queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress
from colbert_explain.evaluation.runs import Run
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage


def run_of(
    collection: Collection,
    queries: Mapping[str, str],
    k: int = 100,
    *,
    first_stage: FirstStage | None = None,
    candidates: int = 100,
    rescore: bool = True,
    name: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Search a collection for many queries.

    Parameters
    ----------
    collection
        The documents.
    queries
        Query id to text.
    k, first_stage, candidates
        As for `Collection.search`.
    rescore
        Whether documents are scored exactly by MaxSim. Otherwise the score is that of the first
        stage, such as BM25's, or of the index, which may be compressed.
    name
        What the run is called; by default what the search is, such as ``bm25+maxsim``.
    progress
        Called as ``progress(done, total)``, in queries.

    Returns
    -------
    Run
        Documents in the order of the search. Where two scores are equal within numerical error, the
        second is written as the next smaller number of 32 bits, so that other programs keep this
        order. A query that cannot be read, or for which a first stage finds nothing, is there
        without documents; the notes say so.
    """
    check.instance("collection", collection, Collection)
    check.function("progress", progress, "done, total")
    scores: dict[str, dict[str, float]] = {}
    unreadable: list[str] = []
    for done, (query_id, text) in enumerate(queries.items()):
        if progress is not None:
            progress(done, len(queries))
        scores[query_id] = {}
        try:
            query = collection.encoder.embed_query(check.text(f"queries[{query_id!r}]", text))
        except ValueError as error:
            unreadable.append(f"Query {query_id} could not be read: {error}.")
            continue
        if rescore:
            found = collection.scores(query, k, first_stage=first_stage, candidates=candidates)
        else:
            found = collection.candidates(query, k, first_stage=first_stage)
        scores[query_id] = dict(_falling(found))
    if progress is not None:
        progress(len(queries), len(queries))
    way = "maxsim" if rescore else "index"
    if first_stage is not None:
        way = f"{first_stage}+maxsim" if rescore else first_stage
    return Run(scores, name or way, tuple(unreadable))


def _falling(found: Iterable[tuple[str, float]]) -> Iterable[tuple[str, float]]:
    """Return ids with scores that fall as numbers of 32 bits, as TREC's program reads them."""
    last = np.float32(np.inf)
    for id_, score in found:
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield id_, float(last)
