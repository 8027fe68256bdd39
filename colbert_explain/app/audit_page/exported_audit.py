"""The files of an audit that a reader can save."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Literal, get_args

from colbert_explain.app.export.exported_files import ExportedFile, file_stem
from colbert_explain.evaluation import Comparison, Run
from colbert_explain.evaluation.audit import Audit
from colbert_explain.explanation.frames import result_csv
from colbert_explain.views.html.page.result_page import result_page_html

AuditFile = Literal["audit_csv", "audit_json", "audit_run", "audit_page", "comparison_csv"]
AUDIT_FILES: tuple[AuditFile, ...] = get_args(AuditFile)
_CSV = "text/csv;charset=utf-8"


def exported_audit(
    kind: AuditFile, audit: Audit | None, run: Run, comparison: Comparison | None
) -> ExportedFile:
    """Write an audit as a table, as JSON or as a page, its run, or the comparison of two runs.

    Raises
    ------
    ValueError
        If what is to be saved is not known yet.
    """
    stem = f"{file_stem(run.name)}-audit"
    if kind == "audit_run":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "audit.run"
            Run(run.scores, "-".join(run.name.split())).write(path)
            return ExportedFile(
                f"{file_stem(run.name)}.run", "text/plain;charset=utf-8", path.read_bytes()
            )
    if kind == "comparison_csv":
        if comparison is None:
            raise ValueError("no second run is compared: choose one in the menu “Compare with”")
        table = result_csv(comparison.per_query.reset_index())
        return ExportedFile(f"{stem}-comparison.csv", _CSV, table.encode("utf-8"))
    if audit is None:
        raise ValueError("the causes are not known yet: wait until they are")
    if kind == "audit_csv":
        table = result_csv(audit.to_frame().reset_index())
        return ExportedFile(f"{stem}.csv", _CSV, table.encode("utf-8"))
    if kind == "audit_json":
        return ExportedFile(f"{stem}.json", "application/json", _as_json(audit).encode("utf-8"))
    page = result_page_html(audit, "auto")
    return ExportedFile(f"{stem}.html", "text/html;charset=utf-8", page.encode("utf-8"))


def _as_json(audit: Audit) -> str:
    """Write what it sums up, and a record for each query."""
    frame = audit.to_frame().reset_index()
    return json.dumps(
        {
            "summary": audit.summary(),
            "k": audit.k,
            "model": audit.provenance.sentence(),
            "causes": {str(cause): int(n) for cause, n in audit.counts.items()},
            "queries": json.loads(frame.to_json(orient="records")),
        },
        ensure_ascii=False,
        indent=1,
    )
