"""`Run`: what a search found for many queries, in TREC's format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShowsItself
from colbert_explain.evaluation.files import existing_file, text_lines
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.text.wording import count

#: Fields of a line: query id, Q0, document id, rank, score and the name of the run.
_FIELDS = 6


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Run(ShowsItself, Mapping[str, Mapping[str, float]]):
    """The documents that were found for each query, with scores: a mapping by query id.

    Documents are ordered as trec_eval orders them: by their scores as 32-bit numbers, the largest
    first, and among equal scores the id that comes later in the alphabet first. Ranks in a file are
    ignored.

    Parameters
    ----------
    scores
        Query id to document id to score, a finite number. A query may have found nothing.
    name
        The name of the run; in a file, one word.
    notes
        Sentences about what was left out of it.

    Raises
    ------
    ValueError
        If a score is not a finite number, or an id is not a text.
    """

    scores: Mapping[str, Mapping[str, float]]
    name: str = "run"
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not isinstance(self.scores, Mapping):
            raise ValueError(
                "scores must be a mapping from query ids to document ids to scores, "
                f"got {check.shown(self.scores)}"
            )
        check.text("name", self.name)
        copied: dict[str, dict[str, float]] = {}
        for query, of_query in self.scores.items():
            name = f"scores[{query!r}]"
            if not isinstance(of_query, Mapping):
                raise ValueError(f"{name} must be a mapping, got {check.shown(of_query)}")
            copied[check.text("a query id", query)] = {
                check.text("a document id", document): _score(f"{name}[{document!r}]", score)
                for document, score in of_query.items()
            }
        object.__setattr__(self, "scores", copied)
        object.__setattr__(self, "notes", check.several("notes", self.notes, str))

    def __getitem__(self, query_id: str) -> Mapping[str, float]:
        return self.scores[query_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        n = sum(map(len, self.scores.values()))
        return (
            f"Run({self.name!r}: {count(n, 'document')} for "
            f"{len(self):,} {'query' if len(self) == 1 else 'queries'})"
        )

    def ranked(self, query_id: str) -> list[tuple[str, float]]:
        """Return document ids and scores for a query, best first; a `KeyError` if it has none."""
        by_id = sorted(self.scores[query_id].items(), key=lambda x: x[0].encode(), reverse=True)
        return sorted(by_id, key=lambda x: -np.float32(x[1]))

    def queries_with_ties(self) -> list[str]:
        """Return the ids of queries that found documents with equal scores."""
        return [
            query
            for query, found in self.scores.items()
            if len(set(map(np.float32, found.values()))) < len(found)
        ]

    @classmethod
    def from_ranked(
        cls,
        ranked: Mapping[str, Iterable[tuple[str, float]]],
        *,
        name: str = "run",
        notes: tuple[str, ...] = (),
    ) -> Run:
        """Make a run from ids and scores that are in order, and keep this order.

        Parameters
        ----------
        ranked
            Query id to document ids with scores, best first. As 32-bit numbers, scores
            must fall: one that is not below its predecessor is replaced by the largest 32-bit
            number below that predecessor, so that no two are equal and every program keeps this
            order.
        name, notes
            As for `Run`.

        Examples
        --------
        >>> Run.from_ranked({"q": [("a", 2.0), ("b", 2.0)]}).ranked("q")
        [('a', 2.0), ('b', 1.9999998807907104)]
        """
        return cls({query: dict(_falling(found)) for query, found in ranked.items()}, name, notes)

    @classmethod
    def read(cls, path: str | Path) -> Run:
        """Read a file in TREC's format: query id, Q0, document id, rank, score and name.

        It may be compressed with gzip (.gz). If a document occurs twice for a query, its higher
        score counts, and a note says so.

        Raises a `ValueError` if there is no such file, it holds nothing, or a line has other
        fields; the message names the line.
        """
        file = existing_file("path", path)
        scores: dict[str, dict[str, float]] = {}
        name, twice = "", 0
        for number, line in text_lines(file):
            where = f"{file.name}, line {number:,}"
            fields = line.split()
            if len(fields) != _FIELDS:
                raise ValueError(
                    f"{where}: a run must have {_FIELDS} fields (query id, Q0, document id, rank, "
                    f"score, name), got {len(fields)}"
                )
            query, _, document, _, written, tag = fields
            score = _written_score(where, written)
            of_query = scores.setdefault(query, {})
            if document in of_query:
                twice += 1
                score = max(score, of_query[document])
            of_query[document] = score
            name = name or tag
        if not scores:
            raise ValueError(f"{file.name} must hold at least one line, got none")
        note = (
            f"{count(twice, 'line')} of {file.name} named a document again for the same query: its "
            "higher score counts."
        )
        return cls(scores, name, (note,) if twice else ())

    def write(self, path: str | Path) -> None:
        """Write the run in TREC's format, best first; a file is written whole or not at all.

        Reading it gives the same scores. A query that found nothing has no line.

        Raises a `ValueError` if an id or the name is empty or contains blanks, which TREC's format
        cannot hold.
        """
        target = check.file_path("path", path)
        name = _one_word("name", self.name)
        lines = []
        for query in self.scores:
            of_query = f"{_one_word('query id', query)} Q0"
            for rank, (document, score) in enumerate(self.ranked(query), start=1):
                _one_word("document id", document)
                lines.append(f"{of_query} {document} {rank} {score!r} {name}\n")
        write_whole(target, "".join(lines).encode())

    @classmethod
    def from_response(
        cls,
        responses: Mapping[str, Mapping[str, Any]],
        ids: Sequence[str] | Mapping[str, Sequence[str]],
        *,
        name: str = "run",
    ) -> Run:
        """Make a run from the responses of a service that reranks documents.

        Parameters
        ----------
        responses
            Query id to response, ``{"results": [{"index": 0, "relevance_score": 0.9}, ...]}``.
        ids
            The ids of the documents that were sent, in order; ``index`` is a position among them,
            from 0. Query id to ids if each query had documents of its own.
        name
            What the run is called.

        Raises
        ------
        ValueError
            If a response has another shape, or an index belongs to no document.
        """
        if not isinstance(responses, Mapping):
            raise ValueError(f"responses must be a mapping, got {check.shown(responses)}")
        scores: dict[str, dict[str, float]] = {}
        for query, response in responses.items():
            where = f"responses[{query!r}]"
            given: Any = response  # what a service answers may be anything
            results = given.get("results") if isinstance(given, Mapping) else None
            if not isinstance(results, Sequence) or isinstance(results, str | bytes):
                raise ValueError(f"{where} must have a list of results, got {check.shown(results)}")
            sent = _ids_of(ids, query)
            of_query = scores.setdefault(query, {})
            for i, result in enumerate(results):
                at = f"{where}['results'][{i}]"
                if not isinstance(result, Mapping) or not {"index", "relevance_score"} <= set(
                    result
                ):
                    raise ValueError(
                        f"{at} must have index and relevance_score, got {check.shown(result)}"
                    )
                index = check.whole_number(f"{at}['index']", result["index"])
                if not 0 <= index < len(sent):
                    raise ValueError(
                        f"{at}['index'] must be from 0 to {len(sent) - 1}, got {index}"
                    )
                of_query[sent[index]] = result["relevance_score"]
        return cls(scores, name)

    def to_response(
        self,
        ids: Sequence[str] | Mapping[str, Sequence[str]],
        texts: Mapping[str, str] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Return query id to response, in the format of rerank services, best first.

        Parameters
        ----------
        ids
            All documents in the order in which ``index`` counts them, from 0.
        texts
            Document id to text, if the results are to hold the documents.

        Returns
        -------
        dict
            Query id to ``{"results": [{"index", "relevance_score", "document": {"text"}}]}``.

        Raises
        ------
        ValueError
            If a document is not in ``ids``, or has no text.
        """
        responses = {}
        for query in self.scores:
            place = {id_: index for index, id_ in enumerate(_ids_of(ids, query))}
            results = []
            for document, score in self.ranked(query):
                if document not in place:
                    raise ValueError(f"ids must name all documents, but {document!r} is missing")
                result: dict[str, Any] = {"index": place[document], "relevance_score": score}
                if texts is not None:
                    if document not in texts:
                        raise ValueError(
                            f"texts must hold all documents, but {document!r} is missing"
                        )
                    result["document"] = {"text": texts[document]}
                results.append(result)
            responses[query] = {"results": results}
        return responses


def _falling(found: Iterable[tuple[str, float]]) -> Iterable[tuple[str, float]]:
    """Return ids with scores that fall as 32-bit numbers, which trec_eval compares."""
    last = np.float32(np.inf)
    for id_, score in found:
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield id_, float(last)


def _score(name: str, value: Any) -> float:
    score = check.number(name, value)
    if not math.isfinite(score):
        raise ValueError(f"{name} must be finite, got {score}")
    return score


def _written_score(where: str, written: str) -> float:
    try:
        return _score("score", float(written))
    except ValueError as error:
        raise ValueError(
            f"{where}: score must be a finite number, got {check.shown(written)}"
        ) from error


def _one_word(name: str, value: str) -> str:
    if len(value.split()) != 1 or value != value.strip():
        raise ValueError(
            f"{name} must be one word, as TREC's format separates fields by blanks, got {value!r}"
        )
    return value


def _ids_of(ids: Sequence[str] | Mapping[str, Sequence[str]], query: str) -> Sequence[str]:
    if isinstance(ids, Mapping):
        if query not in ids:
            raise ValueError(
                f"ids must hold the document ids of every query, but those of {query!r} are missing"
            )
        return check.several(f"ids[{query!r}]", ids[query], str)
    return check.several("ids", ids, str)
