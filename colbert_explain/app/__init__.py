"""Widgets for a notebook page: the workbench, and what lessons are made of.

Names load on first use: a server reads scripts of this package and needs no widget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colbert_explain.app.audit_page.audit_page import AuditPage
    from colbert_explain.app.search_page.search_page import SearchPage
    from colbert_explain.app.teaching.answer_key import AnswerKind
    from colbert_explain.app.teaching.exercise import Exercise
    from colbert_explain.app.teaching.maxsim_stepper import MaxSimStepper
    from colbert_explain.app.teaching.run_button import RunButton
    from colbert_explain.app.teaching.your_turn import YourTurn
    from colbert_explain.app.workbench import Workbench

_HOME_OF = {
    "AnswerKind": "teaching.answer_key",
    "AuditPage": "audit_page.audit_page",
    "Exercise": "teaching.exercise",
    "MaxSimStepper": "teaching.maxsim_stepper",
    "RunButton": "teaching.run_button",
    "SearchPage": "search_page.search_page",
    "Workbench": "workbench",
    "YourTurn": "teaching.your_turn",
}

__all__ = [
    "AnswerKind",
    "AuditPage",
    "Exercise",
    "MaxSimStepper",
    "RunButton",
    "SearchPage",
    "Workbench",
    "YourTurn",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
