"""`JudgedBy`: the queries and judgments by which a search is judged, and runs that were given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from colbert_explain.app.audit_page.given_files import GivenFile
from colbert_explain.app.collections.sources import Source
from colbert_explain.evaluation import Run, read_qrels, read_queries
from colbert_explain.evaluation.files import Qrels
from colbert_explain.search import Collection
from colbert_explain.text.wording import count, quoted

#: Ids that are compared with those of the collection; a server is asked for each.
_MOST_ASKED = 2000
#: Documents of a run that are looked at for each query.
_OF_RUN = 20


@dataclass(frozen=True, eq=False)
class JudgedBy:
    """What a search is judged by.

    Attributes
    ----------
    queries
        Text by query id; None if none are given.
    judged
        Grade by query id and document id; None if no judgments are given.
    run, second
        What searches have found; None to search, and for no second run.
    names
        What each is called, by the names above.
    comes_with_collection
        Whether they lie in the collection's own folder.
    """

    queries: Mapping[str, str] | None = None
    judged: Qrels | None = None
    run: Run | None = None
    second: Run | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    comes_with_collection: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether there are queries and judgments."""
        return self.queries is not None and self.judged is not None

    def with_file(self, file: GivenFile, role: str) -> JudgedBy:
        """Take what was read from a file; ``role`` is the name of an attribute."""
        comes_with = self.comes_with_collection and role in ("run", "second")
        return self._with(role, file.value, {**self.names, role: file.name}, comes_with)

    def over(self, beside: JudgedBy) -> JudgedBy:
        """Take from others what is missing here."""
        found = beside
        for role in ("queries", "judged", "run", "second"):
            value = getattr(self, role)
            if value is not None:
                names = {**found.names, role: self.names.get(role, "")}
                comes_with = found.comes_with_collection and role in ("run", "second")
                found = found._with(role, value, names, comes_with)
        return found

    def without(self, role: str) -> JudgedBy:
        """Leave one of them out."""
        names = {name: called for name, called in self.names.items() if name != role}
        return self._with(role, None, names, self.comes_with_collection)

    def _with(self, role: str, value: Any, names: Mapping[str, str], comes_with: bool) -> JudgedBy:
        changed: dict[str, Any] = {role: value}
        return replace(self, **changed, names=names, comes_with_collection=comes_with)

    def missing(self) -> str:
        """Say what is missing; "" if nothing is."""
        if self.is_complete:
            return ""
        what = [
            name
            for name, given in (("queries", self.queries), ("judgments", self.judged))
            if given is None
        ]
        return (
            f"To see where the search fails, give {' and '.join(what)} for this collection: drop "
            "the files anywhere on this page, or choose them in the menu “Judgments”."
        )

    def facts(self) -> list[dict[str, Any]]:
        """Return what is given as the page lists it: ``role``, ``name`` and ``said``."""
        said = {
            "queries": self.queries and count(len(self.queries), "query", "queries"),
            "judged": self.judged and count(sum(map(len, self.judged.values())), "judgment"),
            "run": self.run and f"{self.run.name}, {count(len(self.run), 'query', 'queries')}",
            "second": self.second
            and f"{self.second.name}, {count(len(self.second), 'query', 'queries')}",
        }
        return [
            {"role": role, "name": self.names.get(role, ""), "said": text}
            for role, text in said.items()
            if text
        ]


def judgments_beside(source: Source) -> JudgedBy:
    """Return the queries and judgments of the sample, or of a folder as BEIR makes them.

    There are none beside other collections, and none if they cannot be read.
    """
    folder = Path(source.path)
    if source.kind not in ("sample", "documents") or not (folder / "qrels").is_dir():
        return JudgedBy()
    try:
        queries, judged = read_queries(folder), read_qrels(folder)
    except ValueError:
        return JudgedBy()
    names = {"queries": source.label, "judged": source.label}
    return JudgedBy(queries, judged, names=names, comes_with_collection=True)


def check_fit(given: JudgedBy, collection: Collection) -> list[str]:
    """Check that queries, judgments, run and collection belong together; return what is odd.

    Raises
    ------
    ValueError
        If they have nothing in common; it says what was seen.
    """
    queries, judged = given.queries or {}, given.judged or {}
    asked = [id_ for id_ in queries if id_ in judged]
    if not asked:
        raise ValueError(
            "the queries and the judgments have no query id in common: queries "
            f"{_some(queries)}; judgments about {_some(judged)}"
        )
    relevant = [id_ for query in asked for id_, grade in judged[query].items() if grade > 0]
    if not relevant:
        raise ValueError("no judgment for these queries has a grade above 0: nothing is relevant")
    notes = _unknown(
        relevant,
        collection,
        "documents judged relevant",
        "Choose the collection that was judged, or judgments of this one",
    )
    for run in (given.run, given.second):
        if run is None:
            continue
        if not any(id_ in run.scores for id_ in asked):
            raise ValueError(
                f"the run {quoted(run.name)} and the judgments have no query id in common: the run "
                f"is about {_some(run.scores)}; the judgments are about {_some(judged)}"
            )
        notes += _unknown(
            (id_ for query in asked for id_ in list(run.scores.get(query, ()))[:_OF_RUN]),
            collection,
            f"documents of the run {quoted(run.name)}",
            "Choose the collection that was searched, or a run of this one",
        )
    return notes


def _unknown(ids: Iterable[str], collection: Collection, what: str, advice: str) -> list[str]:
    """Say how many of some documents the collection lacks; refuse if it lacks all."""
    looked_at = list(islice(dict.fromkeys(ids), _MOST_ASKED))
    unknown = [id_ for id_ in looked_at if id_ not in collection]
    if unknown and len(unknown) == len(looked_at):
        own = next(iter(collection)).id
        raise ValueError(
            f"none of the {what} is in the collection (looked for: {_some(unknown)}); the "
            f"collection has, for example, {quoted(own)}. {advice}"
        )
    if not unknown:
        return []
    return [
        f"{len(unknown):,} of {len(looked_at):,} {what} {'is' if len(unknown) == 1 else 'are'} not "
        f"in the collection: {_some(unknown)}."
    ]


def _some(ids: Any) -> str:
    """Name a few ids in a sentence."""
    listed = list(ids)
    more = len(listed) - 3
    named = ", ".join(quoted(id_) for id_ in listed[:3])
    return f"{named}, and {more:,} more" if more > 0 else named or "none"
