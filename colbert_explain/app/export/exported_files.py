"""The files that a reader can save from the page: their names and their bytes."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from colbert_explain.analysis import Ranking
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.frames import result_csv
from colbert_explain.views.html.page.result_page import result_page_html
from colbert_explain.views.html.page.standalone_page import page_html

#: Characters of a file name that come from the query.
_NAME_LENGTH = 48
_HTML = "text/html;charset=utf-8"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file ready to be saved."""

    name: str
    mime: str
    content: bytes


def file_kinds(ranking: Ranking | None) -> tuple[str, ...]:
    """Return the kinds of files that `exported_file` writes."""
    return ("html", "json", "csv", *(("ranking", "ranking_html") if ranking is not None else ()))


def exported_file(kind: str, explanation: Explanation, ranking: Ranking | None) -> ExportedFile:
    """Write a file of one of the `file_kinds`.

    Raises
    ------
    ValueError
        If there is no such kind, or no ranking to write.
    """
    stem = file_stem(explanation.query.text)
    if kind == "html":
        return ExportedFile(f"{stem}.html", _HTML, page_html(explanation).encode("utf-8"))
    if kind == "json":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "explanation.json"
            explanation.save(path)
            return ExportedFile(f"{stem}.json", "application/json", path.read_bytes())
    if kind == "csv":
        table = result_csv(explanation.to_frame())
        return ExportedFile(f"{stem}.csv", "text/csv;charset=utf-8", table.encode("utf-8"))
    if kind == "ranking" and ranking is not None:
        table = result_csv(ranking.to_frame(pooled_cosine=True))
        return ExportedFile(f"{stem}-ranking.csv", "text/csv;charset=utf-8", table.encode("utf-8"))
    if kind == "ranking_html" and ranking is not None:
        page = result_page_html(ranking)
        return ExportedFile(f"{stem}-ranking.html", _HTML, page.encode("utf-8"))
    raise ValueError(
        "kind must be html, json, csv or, with several documents, ranking or ranking_html, "
        f"got {kind!r}"
    )


def file_stem(query: str) -> str:
    """Make a file name from a query: letters, digits and hyphens, safe on every system.

    >>> file_stem("What do cats eat? ../etc: 3.5 kg")
    'what-do-cats-eat-etc-3-5-kg'
    """
    folded = unicodedata.normalize("NFKC", query[: 8 * _NAME_LENGTH]).lower()
    # Marks belong to the letters before them in many scripts.
    kept = "".join(c if c.isalnum() or unicodedata.combining(c) else "-" for c in folded)
    stem = re.sub("-+", "-", kept)[:_NAME_LENGTH].strip("-")
    # Bytes count, too: most systems take 255, and three letters may take nine.
    while len(stem.encode("utf-8", "ignore")) > 160:
        stem = stem[:-1]
    return stem if stem and stem not in _RESERVED else f"explanation-{stem}".strip("-")


#: Names that Windows reserves for devices, with any extension.
_RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}
