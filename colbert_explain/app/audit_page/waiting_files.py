"""`WaitingFiles`: files that a reader gives, what each is taken for, and how it is to be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colbert_explain.app.audit_page.given_files import (
    FileKind,
    GivenFile,
    files_below,
    look_at,
    read_as,
)
from colbert_explain.app.audit_page.judged_by import JudgedBy
from colbert_explain.app.collections.dropped_files import called_files
from colbert_explain.app.jobs.job import Job, Watch
from colbert_explain.app.jobs.main_thread import MainThread

#: What each use reads a file as.
_KINDS: dict[str, FileKind] = {
    "queries": "queries",
    "judged": "judgments",
    "run": "run",
    "second": "run",
    "documents": "documents",
}
NOTHING = "nothing"
_CORPUS = re.compile(r"(^|/)corpus\.jsonl(\.gz)?$")
#: Files of a named folder that are looked at.
_MOST_NAMED = 100

#: Called with what was given, the folder of documents or None, and what to call it.
Use = Callable[[JudgedBy, Path | None, str], object]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file with its use; ``others`` are further files of documents, which share its row."""

    file: GivenFile
    use: str
    others: tuple[GivenFile, ...] = ()


class WaitingFiles:
    """Looks at files, asks the reader how they are to be used, and reads them.

    Parameters
    ----------
    main
        Runs callbacks on the main thread.
    show
        Called when `page_data` has changed.
    """

    def __init__(self, main: MainThread, show: Callable[[], object]) -> None:
        self._show = show
        self._waiting: list[_Waiting] = []
        self._folder: Path | None = None
        self._job = Job(main, lambda _: show())

    def look_at(self, place: Path, given: JudgedBy, *, is_dropped: bool) -> None:
        """Look at a file, or at those below a folder.

        Parameters
        ----------
        place
            The file or the folder.
        given
            What is in use: a run beside a run becomes the second one.
        is_dropped
            Whether the files belong to the page, so that documents among them can be searched.
        """

        def work(watch: Watch) -> list[_Waiting]:
            found = []
            files = files_below(place)
            for number, (path, name) in enumerate(files if is_dropped else files[:_MOST_NAMED], 1):
                watch.check()
                watch.report(f"Reading file {number:,} of {len(files):,}: {name}")
                found.append(look_at(path, name))
            if not found:
                raise ValueError("there is no file in this folder")
            return _with_uses(found, given, is_dropped)

        def take(found: list[_Waiting]) -> None:
            self._waiting, self._folder = found, place if is_dropped else None

        self._waiting = []
        self._job.start(work, take, "Reading the files …")

    def use(self, uses: list[str], given: JudgedBy, then: Use) -> None:
        """Use the files as the reader says, one use for each row; ``then`` gets what was read."""
        waiting, folder = self._waiting, self._folder
        if len(uses) != len(waiting):
            return
        chosen = [replace(one, use=use) for one, use in zip(waiting, uses, strict=True)]

        def work(watch: Watch) -> tuple[JudgedBy, list[GivenFile]]:
            found, documents = given, []
            for one in chosen:
                if one.use == NOTHING:
                    continue
                watch.check()
                kind = _KINDS[one.use]
                file = one.file if one.file.kind == kind else read_as(one.file, kind)
                if kind == "documents":
                    documents += [file, *one.others]
                elif not file.is_usable:
                    raise ValueError(
                        f"the file {file.name} can't be used in this way: {file.said}".rstrip(".")
                    )
                else:
                    found = found.with_file(file, one.use)
            return found, documents

        def take(done: tuple[JudgedBy, list[GivenFile]]) -> None:
            found, documents = done
            if documents and folder is None:
                raise ValueError(
                    "documents of a folder can't be opened here: open them in the collection menu"
                )
            self._waiting = []
            place = None if not documents or folder is None else _place_of(documents, folder)
            called = called_files(len(documents), documents[0].name) if documents else ""
            then(found, place, called)

        self._waiting = chosen
        repeated = [use for use in set(uses) - {NOTHING, "documents"} if uses.count(use) > 1]
        if repeated:
            self._job.fail("Choose one file for each use: two files have the same use.")
            return
        self._job.start(work, take, "Reading the files …")

    def refuse(self) -> None:
        """Use none of the files."""
        self._waiting = []
        self._job.forget()

    def fail(self, problem: str) -> None:
        """Say that files cannot be read."""
        self._job.fail(problem)

    def wait(self, timeout: float | None = None) -> None:
        """Block until the files are read; for scripts and tests."""
        self._job.wait(timeout)

    def page_data(self) -> dict[str, Any]:
        """Return the files with their uses, and the status of the work, as the page takes them."""
        return {
            "files": [
                {
                    "name": one.file.name
                    if not one.others
                    else f"{one.file.name} and {len(one.others):,} more",
                    "use": one.use,
                    "said": one.file.said,
                    "is_usable": one.file.is_usable,
                }
                for one in self._waiting
            ],
            "takes_documents": self._folder is not None,
            **self._job.status.as_dict(),
        }


def _with_uses(found: list[GivenFile], given: JudgedBy, is_dropped: bool) -> list[_Waiting]:
    """Say for each file how it is used, unless the reader says otherwise; documents share a row."""
    free = {"queries": ["queries"], "judgments": ["judged"], "run": ["run", "second"]}
    if given.run is not None and sum(file.kind == "run" for file in found) == 1:
        free["run"] = ["second"]
    rows: list[_Waiting] = []
    documents: list[GivenFile] = []
    # Of BEIR's judgments, those of the test part are the usual ones.
    for file in sorted(found, key=lambda one: "test" not in one.name):
        if file.kind == "documents" and is_dropped:
            documents.append(file)
            continue
        uses = free.get(file.kind or "", [])
        use = uses.pop(0) if uses and file.is_usable else NOTHING
        said = file.said
        if file.kind == "documents":
            said = "Documents: open them in the collection menu."
        rows.append(_Waiting(replace(file, said=said), use))
    corpus = [file for file in documents if _CORPUS.search(file.name)]
    if corpus:  # of a folder as BEIR makes them, whose judgments are about its ids
        rows += [_Waiting(file, NOTHING) for file in documents if file not in corpus[:1]]
        documents = corpus[:1]
    if documents:
        rows.append(_Waiting(documents[0], "documents", tuple(documents[1:])))
    return rows


def _place_of(documents: list[GivenFile], folder: Path) -> Path:
    """Return the one file, whose documents keep their ids; put several into a folder of their own.

    The folder lies beside the one of all files that were dropped.
    """
    if len(documents) == 1:
        return documents[0].path
    place = folder.with_name(f"{folder.name}-documents")
    for file in documents:
        target = place / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        file.path.rename(target)
    return place
