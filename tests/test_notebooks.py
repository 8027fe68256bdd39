import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_curated_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_identical",
        "02_paraphrased",
        "03_unrelated",
        "04_long_document",
        "workbench",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    lines = [line for cell in cells for line in cell.source.splitlines() if line.strip()]
    assert len(lines) <= 60
    assert not any(line.lstrip().startswith(("def ", "class ")) for line in lines)
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_presents_itself_and_closes_with_what_was_seen(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].source.startswith("# ")
    about = json.loads(path.read_text(encoding="utf-8"))["metadata"]["colbert_explain"]
    assert about["summary"].endswith(".")
    assert (FOLDER / about["picture"]).is_file()
    if path.stem != "workbench":
        assert "You will see" in notebook.cells[0].source
        assert notebook.cells[-1].source.startswith("## What we saw")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    for cell in code_cells(notebook)[1:] or code_cells(notebook):
        assert any("data" in output for output in cell.outputs), cell.source


def test_in_the_long_document_the_planted_sentence_holds_the_most_winners(encoder):
    from colbert_explain.explanation import explain
    from colbert_explain.samples import load_samples

    (article,) = load_samples("Long document")
    x = explain(article.query, article.document, encoder)
    assert len(x.document) > 7_900
    assert x.document.n_unread == 0
    start = article.document.index(article.planted)
    winners = [x.document[int(j)].start for j in x.alignment if j >= 0]
    inside = [w for w in winners if start <= w < start + len(article.planted)]
    assert len(inside) > len(winners) / 2  # more than any other sentence can hold
    left, right = x.strongest_window(50)
    assert x.document[left].start <= start
    assert x.document[right - 1].end >= start + len(article.planted)
