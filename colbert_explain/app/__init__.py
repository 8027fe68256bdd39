"""What people use in a page: the workbench, and exercises with a computed answer."""

from __future__ import annotations

from colbert_explain.app.exercise import Exercise
from colbert_explain.app.workbench import Workbench

__all__ = ["Exercise", "Workbench"]
