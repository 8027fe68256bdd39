"""The workbench: type a query and a document, see which token pairs made the score."""

from __future__ import annotations

from colbert_explain.app.workbench import Workbench

__all__ = ["Workbench"]
