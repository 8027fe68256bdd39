"""What a file is that a reader gives: queries, judgments, a run or documents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from colbert_explain.evaluation import Run, read_qrels, read_queries
from colbert_explain.evaluation.files import text_lines
from colbert_explain.search.readers.line_files import json_value
from colbert_explain.text.wording import beginning, count, quoted

FileKind = Literal["queries", "judgments", "run", "documents"]
#: Lines that are looked at to tell what a file is.
_LOOKED_AT = 50
#: Fields of a line of a run, and of TREC's and BEIR's judgments.
_OF_RUN, _OF_TREC, _OF_BEIR = 6, 4, 3
#: Queries are shorter than this, in characters, on average.
_LONG = 200
#: Endings of files that can be searched.
_TEXTS = (".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".jsonl", ".ndjson")
_QUERIES_NAMED = re.compile(r"quer(y|ies)|topics|questions", re.IGNORECASE)
_DOCUMENTS_NAMED = re.compile(r"corpus|collection|documents|docs|passages", re.IGNORECASE)
_NOTHING_KNOWN = (
    "It is none of these: queries (id, tab and text, or JSONL), judgments (query id, 0, document "
    "id, grade; or in BEIR format), a run (query id, Q0, document id, rank, score, name), or texts."
)
#: Characters of a query that is quoted.
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file, and what it was taken for.

    Attributes
    ----------
    path
        Where it is.
    name
        What the reader calls it.
    kind
        What it is taken for; None if it is nothing that can be used.
    value
        What was read: texts by query id, grades by query id and document id, or a `Run`; None for
        documents, and for what cannot be read.
    said
        What it holds, or why it cannot be used, in a sentence.
    """

    path: Path
    name: str
    kind: FileKind | None
    value: Any = None
    said: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether it can be used as what it is taken for."""
        return self.kind == "documents" or self.value is not None


def look_at(path: Path, name: str) -> GivenFile:
    """Tell by its lines, or else by its name, what a file is, and read it."""
    file = GivenFile(path, name, None)
    try:
        lines = [line for _, line in islice(text_lines(path), _LOOKED_AT)]
    except (ValueError, OSError) as error:
        return replace(file, said=_problem(error))
    if not lines:
        return replace(file, said="It is empty.")
    if any("\0" in line for line in lines):
        return replace(file, said="It is not a text file: it holds binary data.")
    kind = _kind_of(lines, name)
    return replace(file, said=_NOTHING_KNOWN) if kind is None else read_as(file, kind)


def read_as(file: GivenFile, kind: FileKind) -> GivenFile:
    """Read a file as what it is taken for; ``said`` is the reason if it cannot be read so."""
    try:
        value, said = _read(file.path, kind)
    except (ValueError, OSError) as error:
        return replace(file, kind=kind, value=None, said=_problem(error))
    return replace(file, kind=kind, value=value, said=said)


def files_below(place: Path) -> list[tuple[Path, str]]:
    """Return a file, or the files below a folder, with their names relative to it."""
    if not place.is_dir():
        return [(place, place.name)]
    inside = place.resolve()
    found = sorted(path for path in place.rglob("*") if path.is_file())
    return [
        (path, path.relative_to(place).as_posix())
        for path in found
        # A link may lead out of what a reader may open.
        if not path.name.startswith(".") and path.resolve().is_relative_to(inside)
    ]


def _read(path: Path, kind: FileKind) -> tuple[Any, str]:
    if kind == "queries":
        texts = read_queries(path)
        first = quoted(beginning(next(iter(texts.values())), _QUOTED))
        such_as = ":" if len(texts) == 1 else ", such as"
        return texts, f"{count(len(texts), 'query', 'queries')}{such_as} {first}."
    if kind == "judgments":
        judged = read_qrels(path)
        n = sum(map(len, judged.values()))
        return judged, f"{count(n, 'judgment')} for {count(len(judged), 'query', 'queries')}."
    if kind == "run":
        run = Run.read(path)
        n = sum(map(len, run.scores.values()))
        notes = "".join(f" {note}" for note in run.notes)
        size = f"{count(len(run), 'query', 'queries')}, {count(n, 'line')}"
        return run, f"The run {quoted(run.name)}: {size}.{notes}"
    return None, "Documents to search."


def _kind_of(lines: list[str], name: str) -> FileKind | None:
    if all(line.lstrip().startswith("{") for line in lines):
        return _kind_of_json(lines, name)
    fields = [line.split() for line in lines]
    if all(len(line) == _OF_RUN and _is_number(line[4]) for line in fields):
        return "run"
    if all(len(line) == _OF_TREC and _is_number(line[3]) for line in fields):
        return "judgments"
    by_tabs = [line.split("\t") for line in lines]
    grades = by_tabs[1:] or by_tabs  # the first line may hold names
    if all(len(line) == _OF_BEIR for line in by_tabs) and all(
        _is_number(line[2]) for line in grades
    ):
        return "judgments"
    is_text = _ending(name) in _TEXTS
    if all(len(line) == 2 and line[0].strip() for line in by_tabs):
        return _by_name_or_length(name, [line[1] for line in by_tabs])
    return "documents" if is_text else None


def _kind_of_json(lines: list[str], name: str) -> FileKind | None:
    records = []
    for line in lines:
        try:
            records.append(json_value(line.encode()))
        except ValueError:
            continue
    found = [record for record in records if isinstance(record, dict)]
    if not found:
        return None
    if any(record.get("title") for record in found):
        return "documents"
    texts = [str(record.get("text") or record.get("query") or "") for record in found]
    return _by_name_or_length(name, texts)


def _by_name_or_length(name: str, texts: Iterable[str]) -> FileKind:
    """Tell queries from documents."""
    last = name.rsplit("/", maxsplit=1)[-1]
    if _QUERIES_NAMED.search(last):
        return "queries"
    lengths = [len(text) for text in texts]
    if _DOCUMENTS_NAMED.search(last) or sum(lengths) / len(lengths) > _LONG:
        return "documents"
    return "queries"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _ending(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _problem(error: ValueError | OSError) -> str:
    if isinstance(error, OSError):
        return f"It cannot be read: {error.strerror}."
    return f"{error}."  # which begins with the name of the file
