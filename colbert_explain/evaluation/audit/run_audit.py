"""Audit a run: divide its judged queries into found and lost, and name causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Progress, Provenance
from colbert_explain.evaluation.audit.causes import causes_of
from colbert_explain.evaluation.audit.lost_query import Searched, loss_of
from colbert_explain.evaluation.audit.result import Audit, AuditedQuery
from colbert_explain.evaluation.files import judgments_of, texts_of
from colbert_explain.evaluation.runs import Run
from colbert_explain.explanation._explain import difference_of_models
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FIRST_STAGES


def audit_run(
    run: Run | Mapping[str, Mapping[str, float]],
    queries: Mapping[str, str] | str | Path,
    qrels: Mapping[str, Mapping[str, int]] | str | Path,
    where: Searched,
    progress: Progress | None,
) -> Audit:
    """Return what `audit` returns for a run."""
    if not isinstance(run, Run | Mapping):
        raise ValueError(
            "run must be a Run, or a mapping from query ids to scores by document id, "
            f"got {check.shown(run)}"
        )
    run = run if isinstance(run, Run) else Run(run)
    texts, judged = texts_of(queries), judgments_of(qrels)
    _check(where)
    audited: list[AuditedQuery] = []
    left_out: dict[str, str] = {}
    for done, (query_id, grades) in enumerate(judged.items()):
        if progress is not None:
            progress(done, len(judged))
        text = texts.get(query_id)
        if text is None:
            left_out[query_id] = "it has no text in queries"
        elif not any(grade > 0 for grade in grades.values()):
            left_out[query_id] = "no document is relevant to it in qrels"
        else:
            ranked = run.ranked(query_id) if query_id in run.scores else []
            ids = [id_ for id_, _ in ranked]
            try:
                audited.append(_audited(query_id, text, ids, grades, where))
            except ValueError as error:  # the query cannot be read
                left_out[query_id] = str(error)
    if progress is not None:
        progress(len(judged), len(judged))
    if not audited:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:3])
        raise ValueError(
            "qrels must name a relevant document of a query in queries, got none"
            + (f" ({reasons})" if reasons else "")
        )
    provenance = where.collection.provenance or Provenance(where.collection.encoder.name)
    return Audit(tuple(audited), where.k, where.collection, provenance, left_out)


def _audited(
    query_id: str,
    query: str,
    run: Sequence[str],
    grades: Mapping[str, int],
    where: Searched,
) -> AuditedQuery:
    relevant = [id_ for id_, grade in grades.items() if grade > 0]
    rank = next((place for place, id_ in enumerate(run, 1) if id_ in relevant), None)
    if rank is not None and rank <= where.k:
        return AuditedQuery(
            query_id=query_id,
            query=query,
            n_relevant=len(relevant),
            rank=rank,
            right=run[rank - 1],
            is_found=True,
        )
    embedded = where.collection.encoder.embed_query(query)
    loss = loss_of(embedded, run, relevant, where)
    nan = float("nan")
    compared = loss.contrast
    return AuditedQuery(
        query_id=query_id,
        query=query,
        n_relevant=len(relevant),
        rank=loss.run_rank,
        right=loss.right,
        is_found=False,
        causes=causes_of(loss),
        exact_rank=loss.exact_rank,
        winner=loss.winner,
        winner_is_judged=loss.winner in grades,
        right_score=nan if compared is None else compared.second.score,
        winner_score=nan if compared is None else compared.first.score,
        score_if_read=nan if loss.score_if_read is None else loss.score_if_read,
        sentence="" if compared is None else compared.sentence(),
    )


def _check(where: Searched) -> None:
    check.instance("collection", where.collection, Collection, "Collection.build makes one")
    for name, number in (("k", where.k), ("candidates", where.candidates)):
        if check.whole_number(name, number) < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")
    if where.first_stage is not None:
        check.choice("first_stage", where.first_stage, FIRST_STAGES)
    provenance = where.collection.provenance
    if where.calibration is not None:
        check.instance("calibration", where.calibration, Calibration, "calibrate makes one")
        if provenance is not None and not where.calibration.provenance.same_model(provenance):
            what, given, own = difference_of_models(where.calibration.provenance, provenance)
            raise ValueError(
                "calibration must be that of the collection's model, "
                f"{provenance.model}, got {what} {given} instead of {own}"
            )
