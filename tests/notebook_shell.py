"""Runs a notebook's cells in this process, and each exercise with a right and a wrong answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient
from traitlets.config import Config

from colbert_explain.app import Exercise, Workbench, YourTurn
from tests import patience

OPEN = "answer = ..."


@dataclass
class Trial:
    """What an exercise cell did as it stands, with the right answer and with a wrong one."""

    unanswered: Exercise
    answered: Exercise
    wrong: str | float
    problem: BaseException | None


@dataclass
class Run:
    """What a notebook did: the last value of each cell, and its exercises."""

    values: list[Any] = field(default_factory=list)
    exercises: list[Trial] = field(default_factory=list)


def code_cells(path: Path) -> Iterator[str]:
    notebook = nbformat.read(path, as_version=4)
    return (cell.source for cell in notebook.cells if cell.cell_type == "code")


def executed(*sources: str) -> nbformat.NotebookNode:
    """Run cells in a kernel, as a program does that saves a notebook with its outputs."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    limit = int(patience.seconds())
    client = NotebookClient(notebook, timeout=None, startup_timeout=limit, kernel_name="python3")
    return client.execute()


def wrong_answer(exercise: Exercise) -> str | float:
    """Return an answer that any such exercise must refuse."""
    if exercise.kind == "choice":
        return next(option for option in exercise.options if option != exercise.right)
    if exercise.kind == "text":
        return "something else entirely"
    return exercise.right + 2 * exercise.tolerance + 1  # type: ignore[operator]


def run_notebook(path: Path) -> Run:
    """Run a notebook from top to bottom; a cell that fails raises.

    Each exercise cell runs three times where it stands: as it is, with the right answer and with
    a wrong one.
    """
    config = Config()
    config.HistoryManager.enabled = False  # no file of a reader's is touched
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    run = Run()
    try:
        for source in code_cells(path):
            run.values.append(_value(shell, source))
            if isinstance(run.values[-1], Exercise):
                run.exercises.append(_try(shell, source, run.values[-1]))
    finally:
        InteractiveShell.clear_instance()
    return run


def _run(shell: InteractiveShell, source: str) -> ExecutionResult:
    with capture_output(display=False):
        return shell.run_cell(source)


def _value(shell: InteractiveShell, source: str) -> Any:
    done = _run(shell, source)
    done.raise_error()
    if isinstance(done.result, Workbench | YourTurn):
        done.result.wait(patience.seconds(120))  # it works in a thread of its own
    return done.result


def _try(shell: InteractiveShell, source: str, exercise: Exercise) -> Trial:
    assert source.count(OPEN) == 1, f"an exercise cell must hold {OPEN!r} once:\n{source}"
    answered = source.replace(OPEN, f"answer = {exercise.right!r}")
    wrong = wrong_answer(exercise)
    failed = _run(shell, source.replace(OPEN, f"answer = {wrong!r}"))
    return Trial(exercise, _value(shell, answered), wrong, failed.error_in_exec)
