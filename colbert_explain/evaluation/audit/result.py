"""`Audit`: which queries of a run are lost, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colbert_explain import argument_checks as check
from colbert_explain.analysis import Contrast, contrast
from colbert_explain.display_hook import ShownTuple, ShowsItself
from colbert_explain.embeddings import Provenance
from colbert_explain.evaluation.audit.causes import CAUSES, OTHER
from colbert_explain.explanation import explain_embeddings
from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.search import Collection

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedQuery(ShowsItself):
    """A query with judgments, and whether it was found or lost.

    Attributes
    ----------
    query_id, query
        Id and text.
    n_relevant
        How many documents are relevant to it.
    rank
        That of the best-placed relevant document in the run, from 1; None if the run has none.
    right
        Id of that document. If the run has none: the best one by exact MaxSim, or None if the
        collection has none.
    is_found
        Whether ``rank`` is within the first k. The attributes below are known for lost queries
        only.
    causes
        All causes that are true, the main cause first.
    exact_rank
        That of the right document by exact MaxSim among all documents of the collection.
    winner
        Id of the best-placed document that is not relevant.
    winner_is_judged
        Whether the winner has a grade: a document that nobody has judged may be right.
    right_score, winner_score
        MaxSim scores of the two; NaN if there is none.
    score_if_read
        The right document's score if all of it were read; NaN if all of it was.
    sentence
        That of the contrast of the two; "" if one is missing.
    """

    query_id: str
    query: str
    n_relevant: int
    rank: int | None
    right: str | None
    is_found: bool
    causes: tuple[str, ...] = ()
    exact_rank: int | None = None
    winner: str | None = None
    winner_is_judged: bool = False
    right_score: float = float("nan")
    winner_score: float = float("nan")
    score_if_read: float = float("nan")
    sentence: str = ""

    @property
    def cause(self) -> str | None:
        """The main cause; None for a query that is found."""
        return self.causes[0] if self.causes else None


class AuditedQueries(ShownTuple[AuditedQuery]):
    """Queries in a tuple."""

    __slots__ = ()


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Audit(ShowsItself):
    """A run and its judgments: which queries are lost, and why.

    Attributes
    ----------
    queries
        Every query with a text and a relevant document, in the order of the judgments.
    k
        A query is found if a relevant document is among the first ``k``.
    collection
        What was searched.
    provenance
        What encoded it.
    left_out
        Queries that are not audited, id to reason.
    """

    queries: tuple[AuditedQuery, ...]
    k: int
    collection: Collection
    provenance: Provenance
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.queries)

    def __iter__(self) -> Iterator[AuditedQuery]:
        return iter(self.queries)

    def __repr__(self) -> str:
        return f"Audit({self.summary()})"

    @property
    def lost(self) -> tuple[AuditedQuery, ...]:
        """The queries that are lost."""
        return AuditedQueries(each for each in self.queries if not each.is_found)

    @property
    def counts(self) -> pd.Series[int]:
        """How many lost queries have each main cause, the most frequent first, without zeros.

        They add up to the number of lost queries.
        """
        import pandas as pd

        found = [each.cause for each in self.lost]
        numbers = {name: found.count(name) for name in (*CAUSES, OTHER) if name in found}
        order = sorted(numbers, key=lambda name: -numbers[name])  # equals in the order of CAUSES
        index = pd.Index(texts(order), name="cause")
        return pd.Series([numbers[name] for name in order], index, "int64", "queries")

    def summary(self) -> str:
        """Return a sentence: how many queries are found and lost, and the most frequent cause."""
        n_lost, n = len(self.lost), len(self)
        queries = "judged query" if n == 1 else "judged queries"
        are = "is" if 1 in (n, n - n_lost) else "are"
        where = "at rank 1" if self.k == 1 else f"within the first {self.k:,}"
        sentence = f"{n - n_lost:,} of {n:,} {queries} {are} found {where}"
        if n_lost:
            cause, number = next(iter(self.counts.items()))
            sentence += f", {n_lost:,} lost; the most frequent cause is “{cause}” ({number:,})"
        return sentence

    def contrast(self, query_id: str) -> Contrast:
        """Compare the winner of a lost query, first, with its right document.

        Raises
        ------
        ValueError
            If the query is not lost, or one of the two documents is missing.
        """
        lost = self._lost(query_id)
        if lost.right is None or lost.winner is None:
            missing = "relevant" if lost.right is None else "other"
            raise ValueError(
                "query_id must name a query with two documents to compare, but there is "
                f"no {missing} document for {query_id!r}"
            )
        query = self.collection.encoder.embed_query(lost.query)
        names = (lost.winner, lost.right)
        winner, right = (
            explain_embeddings(query, self.collection.embeddings(name).embeddings) for name in names
        )
        return contrast(winner, right, names)

    def sentence(self, query_id: str) -> str:
        """Return the cause of a lost query, and what decides between its two documents."""
        lost = self._lost(query_id)
        return f"Lost, {lost.cause}{f': {lost.sentence}' if lost.sentence else '.'}"

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the audit: one row per judged query; the index is ``query_id``.

        Returns
        -------
        pandas.DataFrame
            ``query``, ``n_relevant``, ``found``; ``rank`` and ``right_document``, the best-placed
            relevant document of the run. Of lost queries also ``exact_rank``, the right
            document's by exact MaxSim among all; ``winner``, the best-placed document that is
            not relevant, and ``winner_judged``; ``right_score``, ``winner_score`` and ``lead``,
            their difference; ``score_if_read``, the right document's score if all of it were
            read, where a part was not; ``cause``, the main one; ``sentence``, that of the
            contrast; and for every cause a Boolean column, so that all that hold are seen.
            Types and missing values are as in `Explanation.to_frame`.
        """
        queries = self.queries
        frame = result_frame(
            {
                "query_id": texts(each.query_id for each in queries),
                "query": texts(each.query for each in queries),
                "n_relevant": [each.n_relevant for each in queries],
                "found": [each.is_found for each in queries],
                "rank": positions(each.rank for each in queries),
                "exact_rank": positions(each.exact_rank for each in queries),
                "right_document": texts(each.right for each in queries),
                "right_score": [each.right_score for each in queries],
                "winner": texts(each.winner for each in queries),
                "winner_judged": [each.winner_is_judged for each in queries],
                "winner_score": [each.winner_score for each in queries],
                "lead": [each.winner_score - each.right_score for each in queries],
                "score_if_read": [each.score_if_read for each in queries],
                "cause": texts(each.cause for each in queries),
                "sentence": texts(each.sentence or None for each in queries),
                **{name: [name in each.causes for each in queries] for name in (*CAUSES, OTHER)},
            },
            "query",
            self.provenance,
        )
        return frame.set_index("query_id")

    def _lost(self, query_id: str) -> AuditedQuery:
        for each in self.queries:
            if each.query_id == query_id:
                if each.is_found:
                    raise ValueError(f"query_id must name a lost query, but {query_id!r} is found")
                return each
        raise ValueError(f"query_id must name an audited query, got {check.shown(query_id)}")
