"""`audit`: one row for every pair of a list, or the cause of every lost query of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder, Progress
from colbert_explain.evaluation.audit.dask_pairs import audit_partitions, is_dask_frame
from colbert_explain.evaluation.audit.lost_query import Searched
from colbert_explain.evaluation.audit.pair_frame import audit_pairs
from colbert_explain.evaluation.audit.result import Audit
from colbert_explain.evaluation.audit.run_audit import audit_run
from colbert_explain.evaluation.runs import Run
from colbert_explain.explanation import given_encoder
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage

if TYPE_CHECKING:
    import pandas as pd


@overload
def audit(
    pairs: pd.DataFrame | Iterable[Mapping[str, Any] | tuple[Any, ...]],
    encoder: Encoder | None = None,
    /,
    *,
    calibration: Calibration | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame: ...
@overload
def audit(
    pairs: pd.DataFrame | Iterable[Mapping[str, Any] | tuple[Any, ...]],
    /,
    *,
    encoder: Encoder,
    calibration: Calibration | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame: ...
@overload
def audit(
    run: Run | Mapping[str, Mapping[str, float]],
    /,
    queries: Mapping[str, str] | str | Path,
    qrels: Mapping[str, Mapping[str, int]] | str | Path,
    collection: Collection,
    *,
    k: int = 10,
    first_stage: FirstStage | None = None,
    candidates: int = 100,
    calibration: Calibration | None = None,
    progress: Progress | None = None,
) -> Audit: ...
def audit(
    pairs: Any,
    queries: Any = None,
    qrels: Any = None,
    collection: Any = None,
    *,
    encoder: Encoder | None = None,
    k: int = 10,
    first_stage: FirstStage | None = None,
    candidates: int = 100,
    calibration: Calibration | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Any:
    """Audit pairs of query and document, or the lost queries of a run.

    Called as ``audit(pairs, encoder)`` or as ``audit(run, queries, qrels, collection)``.

    Parameters
    ----------
    pairs
        Pairs: a DataFrame or an iterable of mappings with ``query`` and ``document``, or of tuples
        ``(query, document)`` or ``(query, document, query_id, document_id)``; further columns are
        carried through. Or a Dask DataFrame, whose workers each load the encoder once. Or a run:
        a `Run`, or a mapping from query ids to the scores of documents by id.
    queries
        For a run: texts by query id, or what `read_queries` reads. For pairs: the encoder, as
        ``encoder``.
    qrels
        For a run: grades by query id and document id, or what `read_qrels` reads; above 0 is
        relevant.
    collection
        For a run: what was searched.
    encoder
        For pairs: what turns texts into token vectors; by default the bundled one. For other
        processes it must come from `load_encoder`, or be one that pickle can copy.
    k
        For a run: a query is found if a relevant document is among the first ``k``, at least 1.
    first_stage, candidates
        For a run: the first stage that made it, and how many documents it chose. It is run again
        for right documents that are not in the run.
    calibration
        Decides which matches are convincing: those at or above its 95th percentile. Without it,
        those of words whose contribution per piece is at least 0.4, which was measured with the
        bundled encoder.
    workers
        For pairs: how many processes audit them, each with its own encoder and one thread. If one
        is killed, nothing is lost. By default this process does the work. A script must call this
        below ``if __name__ == "__main__":``.
    progress
        Called as ``progress(done, total)``, in pairs or queries; not for a Dask DataFrame.

    Returns
    -------
    pandas.DataFrame or Audit or dask.dataframe.DataFrame
        For a run, an `Audit`. For pairs, one row each, in order, with the columns given (one that
        has the name of a column below becomes ``given_...``) and then ``score``;
        ``mean_contribution``, the score per scored query token; ``n_query_words``;
        ``matched_words`` and ``unmatched_words``, as text, joined by commas; ``structural_share``,
        ``same_word_share``, ``same_stem_share`` and ``different_word_share``, which add up to 1
        (structural: a query token without text, or a query word whose match has no text);
        ``n_tied``, ``n_close`` and ``n_firm``, words by how firm their match is; ``n_unread_query``
        and ``n_unread``, tokens of the query and of the document past the limit;
        ``words_not_read``, content words of the query that are in the unread part of the document;
        ``weakest_percentile`` and ``mean_percentile`` of the words, NaN without a calibration;
        ``error``, why a pair cannot be read, which leaves its other columns missing. Types are as
        in `Explanation.to_frame`; the index is that of a DataFrame, else ``pair``. For a Dask
        DataFrame, a Dask DataFrame that is computed when it is needed.

    Raises
    ------
    ValueError
        If columns are missing, there is no pair or no judged query, an argument is out of its
        range or does not belong to this use, or the calibration is that of another model.
    RuntimeError
        If a worker process fails, or several end before they are ready or while they read the
        same pair.

    Examples
    --------
    >>> frame = audit([("What do cats eat?", "Cats eat fish."), ("What do cats eat?", "")])
    >>> frame["matched_words"][0], frame["error"][1]
    ('do, cats, eat', 'document must contain text, got nothing')
    """
    check.function("progress", progress, "done, total")
    if calibration is not None:
        check.instance("calibration", calibration, Calibration, "calibrate makes one")
    for name, number in (("k", k), ("candidates", candidates)):
        check.whole_number(name, number)
    if qrels is None and collection is None:
        _refuse("pairs", "k" * (k != 10), "candidates" * (candidates != 100))
        _refuse("pairs", "first_stage" * (first_stage is not None))
        if encoder is not None and queries is not None:
            raise ValueError("encoder must be given once, got two arguments for it")
        chosen = given_encoder(queries if encoder is None else encoder)
        if not is_dask_frame(pairs):
            return audit_pairs(pairs, chosen, calibration, workers, progress)
        for name, value in (("workers", workers), ("progress", progress)):
            if value is not None:
                raise ValueError(
                    f"{name} must be left out for a Dask DataFrame, whose cluster divides the "
                    f"work, got {check.shown(value)}"
                )
        return audit_partitions(pairs, chosen, calibration)
    _refuse("a run", "encoder" * (encoder is not None), "workers" * (workers is not None))
    where = Searched(collection, k, first_stage, candidates, calibration)
    return audit_run(pairs, queries, qrels, where, progress)


def _refuse(use: str, *names: str) -> None:
    """Refuse arguments of the other use, which would be ignored."""
    for name in filter(None, names):
        raise ValueError(f"{name} must be left out for an audit of {use}")
