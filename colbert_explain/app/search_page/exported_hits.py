"""The files of a ranking that a reader can save."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal, get_args

from colbert_explain.app.export.exported_files import ExportedFile, file_stem
from colbert_explain.evaluation import Run
from colbert_explain.explanation.frames import result_csv
from colbert_explain.search import Hits
from colbert_explain.search.hits_json import hits_json
from colbert_explain.views.html.page.result_page import result_page_html

HitsFile = Literal["hits_csv", "hits_json", "hits_run", "hits_page"]
HITS_FILES: tuple[HitsFile, ...] = get_args(HitsFile)
#: The query's id in a run.
_QUERY_ID = "1"


def exported_hits(kind: HitsFile, hits: Hits) -> ExportedFile:
    """Write hits as a table, as JSON, as a run in TREC's format, or as a page."""
    stem = f"{file_stem(hits.query.text)}-hits"
    if kind == "hits_csv":
        table = result_csv(hits.to_frame())
        return ExportedFile(f"{stem}.csv", "text/csv;charset=utf-8", table.encode("utf-8"))
    if kind == "hits_json":
        return ExportedFile(f"{stem}.json", "application/json", hits_json(hits).encode("utf-8"))
    if kind == "hits_run":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "hits.run"
            ranked = [(hits.documents[i].id, float(hits.scores[i])) for i in hits.order.tolist()]
            Run.from_ranked({_QUERY_ID: ranked}, name="colbert_explain").write(path)
            return ExportedFile(f"{stem}.run", "text/plain;charset=utf-8", path.read_bytes())
    page = result_page_html(hits, "auto")
    return ExportedFile(f"{stem}.html", "text/html;charset=utf-8", page.encode("utf-8"))
