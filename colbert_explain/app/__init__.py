"""Widgets for a notebook page: the workbench, exercises, and MaxSim step by step."""

from __future__ import annotations

from colbert_explain.app.answer_key import AnswerKind
from colbert_explain.app.exercise import Exercise
from colbert_explain.app.maxsim_stepper import MaxSimStepper
from colbert_explain.app.workbench import Workbench

__all__ = ["AnswerKind", "Exercise", "MaxSimStepper", "Workbench"]
