"""`QueryOnShow`: a query of a run, its winner and its right document, and the others near them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.app.audit_page.auditing import DEPTH, Ask, Measured
from colbert_explain.app.audit_page.cause_sentences import CAUSE_SENTENCES, NO_LEAD
from colbert_explain.app.audit_page.judged_by import JudgedBy
from colbert_explain.evaluation.audit import Audit, AuditedQuery, audit
from colbert_explain.evaluation.audit.causes import OTHER
from colbert_explain.evaluation.audit.changes import LostPair
from colbert_explain.search import Collection, EncodedDocument
from colbert_explain.text.wording import count, quoted
from colbert_explain.views.page_data.hits import titled_names

#: Documents of the run, and right ones, that can be compared.
_OF_RUN, _RIGHT = 10, 10


@dataclass(frozen=True, eq=False, slots=True)
class QueryOnShow:
    """A query and the documents that can be compared for it.

    Attributes
    ----------
    audited
        Whether it is lost, and why.
    ranking
        The documents, in the order of the run; right ones that are further down come last.
    encoded
        The same documents.
    winner, right
        Positions in them: the best-placed document that is not relevant, and the best-placed one
        that is; None if there is none.
    run_ranks
        Of each document, from 1; None if the run has it not.
    grades
        Of each document that is judged.
    scores
        The exact scores of all documents by id, best first.
    exact_rank
        The rank of the right document by exact MaxSim.
    k
        The query is found if a right document is among the first ``k``.
    run_called
        What a sentence calls the run; "" where it is that of exact MaxSim over all documents.
    """

    audited: AuditedQuery
    ranking: Ranking
    encoded: tuple[EncodedDocument, ...]
    winner: int | None
    right: int | None
    run_ranks: tuple[int | None, ...]
    grades: dict[str, int]
    scores: dict[str, float]
    exact_rank: int | None
    k: int
    run_called: str

    def pair(self, winner: int, right: int, collection: Collection) -> LostPair:
        """Return two of the documents, for what would change their order."""
        return LostPair(
            self.ranking.query_embeddings,
            self.encoded[winner],
            self.encoded[right],
            collection,
            collection.encoder,
            self.scores,
        )

    def page_data(self) -> dict[str, Any]:
        """Write what the page shows of it; ready for JSON.

        Returns
        -------
        dict
            ``id``, ``query``, ``is_found``, ``k``; ``cause`` and ``said``, what it means; ``also``,
            the other causes that hold; ``facts``, sentences; ``documents``, each with ``position``,
            ``name``, ``rank`` in the run, ``score``, ``is_right`` and ``is_winner`` (of a lost
            query); ``winner`` and ``right``, positions.
        """
        lost = self.audited
        return {
            "id": lost.query_id,
            "query": lost.query,
            "is_found": lost.is_found,
            "k": self.k,
            "cause": lost.cause,
            "said": self._meaning(),
            "also": list(lost.causes[1:]),
            "facts": self.facts(),
            "documents": [
                {
                    "position": position,
                    "name": name,
                    "rank": self.run_ranks[position],
                    "score": float(self.ranking.scores[position]),
                    "is_right": self.grades.get(one.document.id, 0) > 0,
                    "is_winner": position == self.winner and not lost.is_found,
                }
                for position, (name, one) in enumerate(
                    zip(self.ranking.names, self.encoded, strict=True)
                )
            ],
            "winner": self.winner,
            "right": self.right,
        }

    def facts(self) -> str:
        """Say where the right document stands in the run, and by exact MaxSim if that differs."""
        lost = self.audited
        if self.right is None:
            return "No right document of this query is in the collection."
        name = quoted(self.ranking.names[self.right])
        said = f"The right document {name} is {self._place()}"
        if self.winner is not None and not lost.is_found:
            winner = self.encoded[self.winner].document.id
            if winner not in self.grades:
                said += "; nobody has judged the winner, which may also be right"
        return f"{said}."

    def _meaning(self) -> str:
        """Say what the cause means."""
        cause, scores = self.audited.cause or "", self.ranking.scores
        known = self.winner is not None and self.right is not None
        if cause == OTHER and known and scores[self.winner] < scores[self.right]:
            return NO_LEAD  # the winner leads in the order of another search
        return CAUSE_SENTENCES.get(cause, "")

    def _place(self) -> str:
        """Say where the right document stands."""
        in_run, exact = self.audited.rank, self.exact_rank
        among = f"of {count(len(self.scores), 'document')}"
        if not self.run_called:
            return f"at rank {in_run or exact:,} {among}"
        if in_run is None:
            place, joint = f"not in {self.run_called}", "but"
        else:
            place, joint = f"at rank {in_run:,} of {self.run_called}", "and"
        if exact is None:
            return place
        also = "also " if exact == in_run else ""
        return f"{place}, {joint} exact MaxSim {also}puts it at rank {exact:,} {among}"


def query_on_show(
    query_id: str,
    ask: Ask,
    found: Measured,
    causes: Audit | None,
    given: JudgedBy,
    collection: Collection,
) -> QueryOnShow:
    """Find the documents of a query, and its cause if that is not known yet.

    Parameters
    ----------
    query_id
        One of ``found.ranks``.
    ask, found, given
        What was asked, found, and what it is judged by.
    causes
        Of the lost queries; None while they are looked for.
    collection
        What was searched.

    Raises
    ------
    ValueError
        If the query cannot be read, or no document of the run is in the collection.
    """
    grades = (given.judged or {})[query_id]
    audited = next((each for each in causes or () if each.query_id == query_id), None)
    if audited is None:  # nobody has looked for its causes
        run_of_query = {query_id: found.run.scores.get(query_id, {})}
        alone = audit(
            run_of_query,
            given.queries or {},
            {query_id: grades},
            collection,
            k=ask.k,
            first_stage=ask.first_stage,
            candidates=DEPTH,
        )
        audited = alone.queries[0]
    query = collection.encoder.embed_query(audited.query)
    run = [id_ for id_, _ in found.run.ranked(query_id)] if query_id in found.run.scores else []
    places = {id_: rank for rank, id_ in enumerate(run, start=1)}
    relevant = [id_ for id_, grade in grades.items() if grade > 0 and id_ in collection]
    scores = dict(collection.scores(query, len(collection)))
    exact = {id_: rank for rank, id_ in enumerate(scores, start=1)}
    top = [id_ for id_ in run[: DEPTH * 10] if id_ in collection] or list(exact)
    winner = audited.winner or next((id_ for id_ in top if id_ not in relevant), None)
    right = audited.right if audited.right in collection else None
    wanted = [id_ for id_ in (*top[:_OF_RUN], winner, right, *relevant[:_RIGHT]) if id_ is not None]
    ids = sorted(dict.fromkeys(wanted), key=lambda id_: places.get(id_, len(places) + exact[id_]))
    encoded = tuple(collection.engine.fetch(ids))
    names = titled_names([one.document for one in encoded])
    return QueryOnShow(
        audited,
        Ranking(query, tuple(one.embeddings for one in encoded), names),
        encoded,
        None if winner is None else ids.index(winner),
        None if right is None else ids.index(right),
        tuple(places.get(id_) for id_ in ids),
        dict(grades),
        scores,
        None if right is None else exact.get(right),
        ask.k,
        _run_called(ask, found, collection),
    )


def _run_called(ask: Ask, found: Measured, collection: Collection) -> str:
    if ask.searched == "given":
        return f"the run {quoted(found.run.name)}"
    is_exact = ask.searched == "exact" and collection.engine.is_exact
    return "" if is_exact else "the results of the search"
