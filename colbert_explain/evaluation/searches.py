"""`run_of`: search a collection for many queries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress
from colbert_explain.evaluation.files import texts_of
from colbert_explain.evaluation.runs import Run
from colbert_explain.explanation.scores import nothing_scored
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage


def run_of(
    collection: Collection,
    queries: Mapping[str, str] | str | Path,
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
        Query id to text, or what `read_queries` reads.
    k, first_stage, candidates
        As for `Collection.search`.
    rescore
        Whether documents are scored exactly by MaxSim. Otherwise the score is that of the first
        stage, such as BM25's, or of the index, which may be compressed.
    name
        The name of the run; by default that of the search, such as ``bm25+maxsim``.
    progress
        Called as ``progress(done, total)``, in queries.

    Returns
    -------
    Run
        Documents in the order of the search, which `Run.from_ranked` keeps. A query that cannot be
        read, or for which a first stage finds nothing, has no documents; the notes name those that
        cannot be read.
    """
    check.instance("collection", collection, Collection)
    check.function("progress", progress, "done, total")
    if name is not None:
        check.text("name", name)
    texts = texts_of(queries)
    ranked: dict[str, list[tuple[str, float]]] = {}
    unreadable: list[str] = []
    for done, (query_id, text) in enumerate(texts.items()):
        if progress is not None:
            progress(done, len(texts))
        ranked[query_id] = []
        try:
            query = collection.encoder.embed_query(text)
            if not query.tokens.scored_mask.any():
                raise ValueError(nothing_scored("query", query.tokens, query.provenance))
        except ValueError as error:
            unreadable.append(f"Query {query_id} could not be read: {error}.")
            continue
        if rescore:
            ranked[query_id] = collection.scores(
                query, k, first_stage=first_stage, candidates=candidates
            )
        else:
            ranked[query_id] = collection.candidates(query, k, first_stage=first_stage)
    if progress is not None:
        progress(len(texts), len(texts))
    way = "maxsim" if rescore else "index"
    if first_stage is not None:
        way = f"{first_stage}+maxsim" if rescore else first_stage
    return Run.from_ranked(ranked, name=name or way, notes=tuple(unreadable))
