"""Audits: what each pair's score is made of, and why the queries of a run are lost."""

from __future__ import annotations

from colbert_explain.evaluation.audit._audit import audit
from colbert_explain.evaluation.audit.result import Audit, AuditedQuery

__all__ = ["Audit", "AuditedQuery", "audit"]
