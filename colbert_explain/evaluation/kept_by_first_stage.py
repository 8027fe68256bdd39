"""`first_stage_recall`: how much of an exact search's best a first stage keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Progress
from colbert_explain.evaluation.files import texts_of
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class FirstStageRecall(ShowsItself):
    """Which of the best documents a first stage keeps; `first_stage_recall` makes one.

    Attributes
    ----------
    per_query
        A row for each query, by id: its text ``query``; ``n_best``, how many documents an exact
        search returns; ``n_kept``, how many of these are among the candidates; ``recall``,
        ``n_kept`` divided by ``n_best``; and ``dropped``, a tuple of the ids of the others, best
        first.
    k, candidates
        How many documents were searched for, and how many the first stage chose.
    first_stage
        ``"bm25"`` or ``"pooled"``; None for a compressed index.
    """

    per_query: pd.DataFrame
    k: int
    candidates: int
    first_stage: FirstStage | None

    def __repr__(self) -> str:
        return (
            f"FirstStageRecall({self.first_stage!r}: {self.mean:.4f} of the best {self.k} are "
            f"among {self.candidates} candidates, "
            f"{count(len(self.per_query), 'query', 'queries')})"
        )

    @property
    def mean(self) -> float:
        """The mean of ``recall`` over queries, in [0, 1]."""
        return float(self.per_query["recall"].mean())

    def to_frame(self) -> pd.DataFrame:
        """Return `per_query`."""
        return self.per_query


def first_stage_recall(
    collection: Collection,
    queries: Mapping[str, str] | str | Path,
    k: int = 10,
    *,
    first_stage: FirstStage | None = "bm25",
    candidates: int = 100,
    progress: Progress | None = None,
) -> FirstStageRecall:
    """Count how many of an exact search's best documents a first stage keeps.

    Parameters
    ----------
    collection
        The documents.
    queries
        Query id to text, or what `read_queries` reads; at least one.
    k
        How many documents an exact search returns, at least 1.
    first_stage
        What chooses candidates, as for `Collection.search`; None for the index, if it is
        compressed.
    candidates
        How many it chooses, at least ``k``.
    progress
        Called as ``progress(done, total)``, in queries.

    Raises
    ------
    ValueError
        If there is no query, one cannot be read, or an argument is out of its range.
    """
    import pandas as pd

    check.instance("collection", collection, Collection)
    check.function("progress", progress, "done, total")
    texts = texts_of(queries)
    if not texts:
        raise ValueError("queries must hold at least one query, got none")
    if check.whole_number("candidates", candidates) < check.whole_number("k", k):
        raise ValueError(f"candidates must be at least k, {k}, got {candidates}")
    rows = []
    for done, text in enumerate(texts.values()):
        if progress is not None:
            progress(done, len(texts))
        query = collection.encoder.embed_query(check.text("query", text))
        # All documents as candidates: also a compressed index is then searched exactly.
        best = collection.scores(query, k, candidates=max(k, len(collection)))
        chosen = collection.candidates(query, candidates, first_stage=first_stage)
        kept = {id_ for id_, _ in chosen}
        dropped = tuple(id_ for id_, _ in best if id_ not in kept)
        rows.append((text, len(best), len(best) - len(dropped), dropped))
    if progress is not None:
        progress(len(texts), len(texts))
    asked, n_best, n_kept, dropped_ids = zip(*rows, strict=True)
    frame = pd.DataFrame(
        {
            "query": pd.array(list(asked), dtype="string"),
            "n_best": pd.array(n_best, dtype="float64"),
            "n_kept": pd.array(n_kept, dtype="float64"),
        },
        index=pd.Index(list(texts), name="query_id", dtype="string"),
    )
    frame["recall"] = frame["n_kept"] / frame["n_best"]
    frame["dropped"] = pd.Series(list(dropped_ids), index=frame.index, dtype=object)
    if collection.provenance is not None:
        frame.attrs["provenance"] = asdict(collection.provenance)
    return FirstStageRecall(frame, k, candidates, first_stage)
