import ast
import re
from pathlib import Path

import nbformat
import pytest

from colbert_explain import encoders
from colbert_explain.app import RunButton, Workbench, YourTurn
from colbert_explain.search import Hits
from tests import patience
from tests.notebook_shell import OPEN, run_notebook

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PAGES = ("search_collection", "where_search_fails", "workbench")
LESSONS = [path for path in NOTEBOOKS if path.stem not in PAGES]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_lessons_are_numbered_without_a_gap_and_named_where_they_are_listed():
    assert [path.stem[:3] for path in LESSONS] == [f"{n:02}_" for n in range(1, 1 + len(LESSONS))]
    listed = (FOLDER.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\d\w+)`", listed, re.MULTILINE) == [path.stem for path in LESSONS]
    assert len(NOTEBOOKS) == len(LESSONS) + len(PAGES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    statements = [each for cell in cells for each in ast.parse(cell.source).body]
    assert len(statements) <= 75
    assert not any(isinstance(each, ast.FunctionDef | ast.ClassDef) for each in statements)
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_opens_with_what_it_shows_and_closes_with_its_limits(path):
    notebook = nbformat.read(path, as_version=4)
    opening, closing = notebook.cells[0].source, notebook.cells[-1].source
    assert "**You will see** " in opening
    minutes = notebook.metadata["colbert_explain"]["minutes"]
    assert 5 <= minutes <= 10
    assert f"About {minutes} minutes." in opening
    assert closing.startswith("## What we saw\n\n- ")
    assert closing.split("\n\n")[-1].startswith("**Limits.** ")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_asks_before_it_shows_and_lets_the_reader_change_something(path):
    cells = code_cells(nbformat.read(path, as_version=4))
    exercises = [cell.source for cell in cells if "ce.Exercise(" in cell.source]
    assert all(source.count(OPEN) == 1 for source in exercises)
    # The right answer is computed: never a number or a text typed in.
    assert not any(re.search(r"right=[\"'\d]", source) for source in exercises)
    assert any("after=" in source for source in exercises)
    assert any("ce.YourTurn(" in cell.source for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_exercises_know_right_from_wrong(
    path,
    keeping_encoder,
    calibration,  # a lesson asks for it: measured once, and not by two workers at a time
    tmp_path,
    monkeypatch,
):
    load = encoders.load_encoder
    monkeypatch.setattr(
        encoders, "load_encoder", lambda *a, **k: load(*a, **k) if a or k else keeping_encoder
    )
    monkeypatch.chdir(tmp_path)
    run = run_notebook(path)
    for value in run.values:
        if isinstance(value, Workbench):
            assert value.explanation is not None, value.page.problem
        if isinstance(value, YourTurn):
            assert value.explanation is not None, value._form.problem
        if isinstance(value, RunButton):
            value.run(value._form.options[0] if value._form.options else value._form.text)
            value.wait(patience.seconds(120))
            if isinstance(value.result, Hits):
                assert len(value.result) == 3
            else:  # how unusual the matches are
                assert "above 99%" in value.result.to_json(), value._form.problem
    assert bool(run.exercises) == (path in LESSONS)
    for trial in run.exercises:
        assert not trial.unanswered.solved
        assert trial.answered.solved
        problem = str(trial.problem)
        assert isinstance(trial.problem, ValueError)
        assert problem.startswith(f"answer is not right, got {trial.wrong!r}. ")  # and a hint
        assert repr(trial.answered.right) not in problem
        assert trial.answered._because
        assert all(each.html for each in trial.answered._following)
