"""Find out what became of one query of a run: where its right document is, and what won instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colbert_explain.analysis import contrast
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.evaluation.audit.loss import Loss
from colbert_explain.evaluation.audit.pair_facts import unread_text
from colbert_explain.explanation import explain_embeddings
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage


@dataclass(frozen=True, slots=True)
class Searched:
    """The collection that was searched, and how.

    Attributes
    ----------
    collection
        What was searched.
    k
        How many documents of a run count.
    first_stage, candidates
        The first stage of the run, if known, and how many documents it chose.
    calibration
        Decides which matches convince.
    """

    collection: Collection
    k: int
    first_stage: FirstStage | None = None
    candidates: int = 100
    calibration: Calibration | None = None


def loss_of(
    query: TokenEmbeddings, run: Sequence[str], relevant: Sequence[str], where: Searched
) -> Loss:
    """Gather what is known about a lost query.

    Parameters
    ----------
    query
        Its token vectors.
    run
        Ids of the documents of the run, best first.
    relevant
        Ids of its relevant documents; none is among the first ``where.k``.
    """
    collection = where.collection
    there = [id_ for id_ in relevant if id_ in collection]
    exact = _exact_ranks(query, collection)
    ids = _known_first(run, exact, collection)
    winner = next((id_ for id_ in ids if id_ not in relevant), None)
    if not there:
        return Loss(where.k, None, winner, calibration=where.calibration)
    in_run = [id_ for id_ in run if id_ in there]
    right = in_run[0] if in_run else min(there, key=exact.__getitem__)
    among = None
    if where.first_stage is not None and not in_run:
        found = collection.candidates(query, where.candidates, first_stage=where.first_stage)
        among = right in dict(found)
    compared = None
    if winner is not None:
        sides = [collection.embeddings(id_).embeddings for id_ in (winner, right)]
        one, other = (explain_embeddings(query, side) for side in sides)
        compared = contrast(one, other, (winner, right))
    return Loss(
        where.k,
        right,
        winner,
        run_rank=run.index(right) + 1 if in_run else None,
        exact_rank=exact[right],
        in_candidates=among,
        contrast=compared,
        score_if_read=_score_if_read(
            query, collection.embeddings(right).embeddings, collection.encoder
        ),
        calibration=where.calibration,
    )


def _exact_ranks(query: TokenEmbeddings, collection: Collection) -> dict[str, int]:
    """Return the place of every document by exact MaxSim, from 1; ties in the order of addition.

    So a run that `Collection.search` made has the same places.
    """
    found = collection.scores(query, len(collection))
    return {id_: place for place, (id_, _) in enumerate(found, 1)}


def _known_first(
    run: Sequence[str], exact: Mapping[str, int], collection: Collection
) -> Sequence[str]:
    """Return the run's documents that the collection holds; without any, those of exact MaxSim."""
    return [id_ for id_ in run if id_ in collection] or list(exact)


def _score_if_read(
    query: TokenEmbeddings, document: TokenEmbeddings, encoder: Encoder
) -> float | None:
    """Return the score of a document that was cut off as if the rest had been read too.

    None if all of it was read. Each part is encoded by itself, so the rest lacks the context of the
    text before it.
    """
    rest = unread_text(document.tokens)
    if not rest.strip():
        return None
    best = explain_embeddings(query, document).contributions.astype(np.float64)
    while rest.strip():
        try:
            part = encoder.embed_document(rest)
            best = np.maximum(best, explain_embeddings(query, part).contributions)
        except ValueError:  # nothing in it is scored
            break
        left = unread_text(part.tokens)
        rest = left if len(left) < len(rest) else ""
    return float(best[query.tokens.scored_mask].sum())
