import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from colbert_explain.explanation import explain
from colbert_explain.samples import load_samples

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


def matches(sample, encoder):
    """For each word of the query: the word it chose, and how similar the two are."""
    x = explain(sample.query, sample.document, encoder)
    rows = zip(x.query, x.alignment, x.contributions, strict=True)
    return {t.text: (x.document[int(j)].text, float(c)) for t, j, c in rows if j >= 0}, x


def test_what_the_lesson_on_identical_texts_says_is_so(encoder):
    _, repeated, _ = load_samples("Identical")
    x = explain(repeated.query, repeated.document, encoder)
    frame = x.to_frame()
    for row in (2, 6):  # the two dogs
        assert frame["match_position"][row] == row
        assert frame["contribution"][row] == pytest.approx(1, abs=1e-5)
        assert frame["runner_up_position"][row] == 8 - row


def test_what_the_lesson_on_paraphrases_says_is_so(encoder):
    elephants, question, order, _ = load_samples("Paraphrased")
    found, x = matches(elephants, encoder)
    assert found["eat"][0] == "consume"
    assert found["per"][0] == "of"
    frame = x.to_frame().set_index("token")
    assert frame.loc["per", "runner_up"] == "Every"
    assert found["per"][1] - frame.loc["per", "runner_up_similarity"] < 0.05
    found, _ = matches(order, encoder)
    words = ("teacher", "thanked", "parents", "concert")
    assert [found[word][0] for word in words] == list(words)
    found, _ = matches(question, encoder)
    assert found["winter"][0] == "cold"


def test_what_the_lesson_on_unrelated_texts_says_is_so(encoder):
    cats, canteen, rain, _, _ = load_samples("Unrelated")
    found, x = matches(cats, encoder)
    assert {word: found[word][0] for word in ("Elephants", "150", "kg")} == {
        "Elephants": "Cats",
        "150": "50",
        "kg": "g",
    }
    assert sorted(found, key=lambda word: found[word][1])[:3] == ["Elephants", "kg", "150"]
    paraphrase = explain(cats.query, load_samples("Paraphrased")[0].document, encoder)
    assert 0.9 < x.score / paraphrase.score < 1
    found, _ = matches(canteen, encoder)
    assert {found[word][0] for word in ("food", "kg", "day")} == {"eat"}
    assert found["food"][1] > 0.6
    assert max(found["kg"][1], found["day"][1]) < 0.3
    found, _ = matches(rain, encoder)
    assert max(value for _, value in found.values()) < 0.3


def test_in_the_long_document_the_planted_sentence_holds_the_most_winners(encoder):
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
