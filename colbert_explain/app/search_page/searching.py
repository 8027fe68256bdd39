"""A search that a page asks for, and what it shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from colbert_explain.app.collections.filters_offered import where_of
from colbert_explain.app.collections.opened_collection import Opened
from colbert_explain.app.collections.second_kinds import SecondKind
from colbert_explain.app.collections.sources import Source
from colbert_explain.app.search_page.second_collection import second_collection
from colbert_explain.app.search_page.second_ranking import second_ranking
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.search import Collection, CollectionError, FirstStage, Hits, Where
from colbert_explain.views.page_data.documents import ranking_entries
from colbert_explain.views.page_data.hits import hit_rows, with_titles
from colbert_explain.views.theme import Theme, palette_of

#: Hits of a search at first, and most of them.
FIRST_HITS, MOST_HITS = 10, 50


@dataclass(frozen=True, slots=True)
class Ask:
    """A search that was asked for.

    Attributes
    ----------
    query, first_stage, k
        As for `Collection.search`.
    where
        Filters as the page writes them; see `where_of`.
    second
        The second ranking, or another collection; None for none.
    request
        The page's number of it; None for what Python asked for.
    """

    query: str = ""
    first_stage: FirstStage | None = None
    where: dict[str, Any] = field(default_factory=dict)
    second: SecondKind | Source | None = None
    k: int = FIRST_HITS
    request: int | None = None

    @classmethod
    def of_page(cls, fields: dict[str, Any], known: Mapping[str, Source]) -> Ask:
        """Take what a page asks; only a collection that is known and saved can stand beside."""
        beside = known.get(fields["beside"] or "")
        if beside is not None and beside.kind not in ("saved", "server"):
            beside = None
        names = ("query", "first_stage", "where", "request")
        return cls(
            **{name: fields[name] for name in names},
            second=beside or fields["second"],
            k=min(max(fields["k"], 1), MOST_HITS),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search has found.

    Attributes
    ----------
    hits
        Called by their titles.
    rows
        What the page lists.
    where
        The filters, as the collection takes them.
    """

    hits: Hits
    rows: dict[str, Any]
    where: Where | None


def search(
    ask: Ask,
    opened: Opened,
    query: TokenEmbeddings,
    right: set[str],
    theme: Theme,
) -> Answer:
    """Search a collection.

    Parameters
    ----------
    ask, opened
        What is asked, and where it is looked for.
    query
        The token vectors of the query.
    right
        Ids of documents that are known to answer the query.
    theme
        In whose colours the rows are.

    Raises
    ------
    ValueError
        If nothing is found; it says why.
    """
    where = where_of(ask.where, opened.fields) or None
    collection = opened.collection
    try:
        found = collection.search(query, ask.k, first_stage=ask.first_stage, where=where)
    except CollectionError:
        raise
    except ValueError as error:
        raise ValueError(_without_hits(ask, where)) from error
    hits = with_titles(found)
    described = hit_rows(hits, right, is_exact=collection.engine.is_exact)
    entries = ranking_entries(hits, palette_of(theme))
    rows = {
        "query": ask.query,
        "rows": [{**entry, **row} for entry, row in zip(entries, described, strict=True)],
        "note": _how_found(hits, ask),
        "more": len(hits) == ask.k < min(MOST_HITS, len(collection)),
        "k": ask.k,
        "missing": _missing(collection, query, right, hits),
        "request": ask.request,
    }
    return Answer(hits, rows, where)


def second(
    ask: Ask, answer: Answer, collection: Collection, check: Callable[[], object]
) -> dict[str, Any]:
    """Rank a second time what was found; return nothing where that was not asked for.

    ``check`` is called now and then, and raises when nobody waits any more.
    """
    hits, where = answer.hits, answer.where
    if ask.second is None:
        return {}
    if isinstance(ask.second, Source):
        return second_collection(
            ask.second, collection, hits, k=len(hits), where=where, check=check
        )
    return second_ranking(collection, hits, ask.second, k=len(hits), where=where, check=check)


def _without_hits(ask: Ask, where: Where | None) -> str:
    """Say why nothing was found."""
    if where and ask.first_stage == "bm25":
        return "no document that passes the filters holds a word of the query that BM25 counts"
    if where:
        fields = ", ".join(where)
        if len(where) == 1:
            return f"no document passes the filter on {fields}: change or remove it"
        return f"no document passes the filters on {fields}: remove one of them"
    if ask.first_stage == "bm25":
        return "no document holds a word of the query that BM25 counts: choose another first stage"
    return "nothing was found: the query holds nothing that is scored"


def _how_found(hits: Hits, ask: Ask) -> str:
    """Say which documents were scored."""
    total = hits.n_searched
    if total == 1:
        return "one document, scored exactly"
    if hits.n_scored is None:
        return f"of {total:,} documents, all that pass the filters were scored exactly"
    if hits.n_scored < total:
        by = {"bm25": "by words", "pooled": "by pooled vectors", None: "by the compressed index"}
        return f"{hits.n_scored:,} of {total:,} documents scored, chosen {by[ask.first_stage]}"
    return f"all {total:,} documents scored exactly"


def _missing(collection: Collection, query: TokenEmbeddings, right: set[str], hits: Hits) -> str:
    """Say at which rank a known answer stands that is not among the hits."""
    found = {one.id for one in hits.documents}
    beyond = sorted(id_ for id_ in right if id_ not in found and id_ in collection)
    if not beyond:
        return ""
    ranks = {id_: r for r, (id_, _) in enumerate(collection.scores(query, len(collection)), 1)}
    return f"The right answer “{beyond[0]}” is at rank {ranks[beyond[0]]} among all documents."
