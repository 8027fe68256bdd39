"""Read queries and judgments from files: TREC's, BEIR's, and tables of two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.search.readers.line_files import json_lines, lines_of
from colbert_explain.search.readers.records import document_id, plain
from colbert_explain.text.wording import listed

Qrels = dict[str, dict[str, int]]
"""Judgments: query id to document id to relevance, where 0 and less is not relevant."""

#: Names of fields, in any case.
_ID_FIELDS = ("_id", "id", "query_id", "qid", "query-id", "queryid")
_TEXT_FIELDS = ("text", "query", "question", "claim")
_RELEVANCE_FIELDS = ("score", "relevance", "rel", "grade", "label")
_QUERIES = ("queries.jsonl", "queries.jsonl.gz")
_JSON_LINES = (".jsonl", ".ndjson")
#: Numbers of fields in a line of judgments: BEIR's, between tabs, and TREC's, between blanks.
_BEIR_FIELDS, _TREC_FIELDS = 3, 4


def read_queries(path: str | Path) -> dict[str, str]:
    r"""Read queries from a file, or from a folder in BEIR's format.

    Parameters
    ----------
    path
        A folder with ``queries.jsonl``; a .jsonl file, one line ``{"_id": "1", "text": "..."}`` for
        each query; or any other file, one line ``id<TAB>text`` for each, with or without the names
        of the columns in the first line. All may be compressed with gzip (.gz).

    Returns
    -------
    dict
        Query id to text, in the order of the file.

    Raises
    ------
    ValueError
        If there is no such file, it holds no query, or a line has no id or no text, or the id of
        another query; the message names the line.
    """
    file = existing_file("path", path)
    if file.is_dir():
        file = _one_of(file, _QUERIES, "queries")
    rows = _json_rows(file) if _is_json_lines(file) else _tab_rows(file)
    queries: dict[str, str] = {}
    for where, id_, text in rows:
        if queries.get(id_, text) != text:
            raise ValueError(f"{where}: query {id_!r} must have one text, got a second one")
        if not text.strip():
            raise ValueError(f"{where}: query {id_!r} must contain text, got nothing")
        queries[id_] = text
    if not queries:
        raise ValueError(f"{file.name} must hold at least one query, got none")
    return queries


def texts_of(queries: Any) -> dict[str, str]:
    """Return queries, query id to text, from an argument that is such a mapping or a path."""
    if isinstance(queries, str | Path):
        return read_queries(existing_file("queries", queries))
    if not isinstance(queries, Mapping):
        raise ValueError(
            f"queries must be a mapping from ids to texts, or a path, got {check.shown(queries)}"
        )
    return {
        check.text("a query id", id_): check.text(f"queries[{id_!r}]", text)
        for id_, text in queries.items()
    }


def read_qrels(path: str | Path, *, split: str | None = None) -> dict[str, dict[str, int]]:
    """Read relevance judgments from a file, or from a folder in BEIR's format.

    Parameters
    ----------
    path
        A file whose lines are TREC's (query id, an ignored field, document id and relevance,
        separated by spaces) or BEIR's (query id, document id and relevance, separated by tabs,
        below a line with their names); or a folder with such files in its folder ``qrels``. A file
        may be compressed with gzip (.gz).
    split
        Which of them to read, such as ``"dev"``; by default ``test``, or the only one.

    Returns
    -------
    dict
        Query id to document id to relevance, a whole number; 0 or less is not relevant.

    Raises
    ------
    ValueError
        If there is no such file, it holds no judgment, a line has other fields, or two lines
        contradict each other; the message names the line.
    """
    file = existing_file("path", path)
    if file.is_dir():
        file = _of_split(file, split)
    elif split is not None:
        raise ValueError(f"split must be None for a file, got {check.shown(split)}")
    qrels: Qrels = {}
    for number, line in text_lines(file):
        where = f"{file.name}, line {number:,}"
        by_tabs = line.split("\t")
        fields = by_tabs if len(by_tabs) == _BEIR_FIELDS else line.split()
        if fields is not by_tabs and len(fields) != _TREC_FIELDS:
            raise ValueError(
                f"{where}: judgments must have {_TREC_FIELDS} fields (query id, 0, document id, "
                f"relevance) or {_BEIR_FIELDS} with tabs between them (query id, document id, "
                f"relevance), got {len(fields)}"
            )
        query, document, written = fields[0].strip(), fields[-2].strip(), fields[-1].strip()
        try:
            relevance = _whole(written)
        except ValueError as error:
            if number == 1 and written.casefold() in _RELEVANCE_FIELDS:
                continue
            raise ValueError(f"{where}: {error}") from error
        of_query = qrels.setdefault(query, {})
        if of_query.get(document, relevance) != relevance:
            raise ValueError(
                f"{where}: document {document!r} must have one relevance for query {query!r}, "
                f"got {of_query[document]} and {relevance}"
            )
        of_query[document] = relevance
    if not qrels:
        raise ValueError(f"{file.name} must hold at least one judgment, got none")
    return qrels


def judgments_of(qrels: Any) -> Qrels:
    """Return judgments from an argument that is such a mapping or a path.

    Queries without judgments are left out.
    """
    if isinstance(qrels, str | Path):
        return read_qrels(existing_file("qrels", qrels))
    if not isinstance(qrels, Mapping):
        raise ValueError(
            "qrels must be a mapping from query ids to document ids to relevance, or a path, "
            f"got {check.shown(qrels)}"
        )
    found: Qrels = {}
    for query, of_query in qrels.items():
        name = f"qrels[{query!r}]"
        if not isinstance(of_query, Mapping):
            raise ValueError(f"{name} must be a mapping, got {check.shown(of_query)}")
        judged = {
            check.text("a document id in qrels", document): check.whole_number(
                f"{name}[{document!r}]", relevance
            )
            for document, relevance in of_query.items()
        }
        if judged:
            found[check.text("a query id in qrels", query)] = judged
    return found


def existing_file(name: str, path: str | Path) -> Path:
    """Check for the path of a file or folder that exists."""
    found = check.file_path(name, path)
    if not found.exists():
        raise ValueError(f"{name} must name a file or folder, but there is no {str(path)!r}")
    return found


def _one_of(folder: Path, names: Iterable[str], what: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise ValueError(f"{folder.name!r} is a folder and must hold {what} in {' or '.join(names)}")


def _of_split(folder: Path, split: str | None) -> Path:
    splits = {
        path.name.removesuffix(".gz").removesuffix(".tsv"): path
        for path in sorted((folder / "qrels").glob("*.tsv*"))
    }
    if not splits:
        raise ValueError(f"{folder.name!r} is a folder and must hold judgments in qrels/test.tsv")
    if split is None:
        split = "test" if "test" in splits else next(iter(splits))
        if split != "test" and len(splits) > 1:
            raise ValueError(
                f"{folder.name!r} has judgments called {listed(list(splits))}, and none called "
                f"test: name one as split, or pass its file, such as {splits[split]}"
            )
    check.choice("split", split, list(splits))
    return splits[split]


def _is_json_lines(file: Path) -> bool:
    return file.name.lower().removesuffix(".gz").endswith(_JSON_LINES)


def text_lines(file: Path) -> Iterator[tuple[int, str]]:
    """Return the lines of a file that are not blank, with their numbers from 1."""
    with lines_of(file) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                text = line.decode().rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{file.name}, line {number:,} must be UTF-8, but its byte {error.start + 1:,} "
                    "is not"
                ) from error
            if text.strip():
                yield number, text


def _json_rows(file: Path) -> Iterator[tuple[str, str, str]]:
    for where, record in json_lines(file):
        try:
            if not isinstance(record, dict):
                raise ValueError(f"line must be an object in JSON, got {check.shown(record)}")
            id_ = document_id(_field(record, _ID_FIELDS, "an id"))
            text = check.text("text", _field(record, _TEXT_FIELDS, "a text"))
            yield where, id_, check.valid_unicode("text", text)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error


def _field(record: dict[str, Any], names: Iterable[str], what: str) -> Any:
    folded = {name.strip().casefold(): plain(value) for name, value in record.items()}
    for name in names:
        if folded.get(name) is not None:
            return folded[name]
    raise ValueError(f"query must have {what}, called {' or '.join(names)}, got none")


def _tab_rows(file: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in text_lines(file):
        where = f"{file.name}, line {number:,}"
        id_, text = (part.strip() for part in line.partition("\t")[::2])
        names = id_.casefold() in _ID_FIELDS and text.casefold() in _TEXT_FIELDS
        if number == 1 and names:
            continue
        if "\t" not in line or not id_:
            raise ValueError(f"{where}: a query must be id, tab and text, got {check.shown(line)}")
        yield where, id_, text


def _whole(written: str) -> int:
    try:
        value = float(written)
        if value.is_integer():
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"relevance must be a whole number, got {check.shown(written)}")
