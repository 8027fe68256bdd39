"""Widgets: the workbench, and MaxSim step by step."""

from __future__ import annotations

from colbert_explain.app.maxsim_stepper import MaxSimStepper
from colbert_explain.app.workbench import Workbench

__all__ = ["MaxSimStepper", "Workbench"]
