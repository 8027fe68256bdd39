import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from colbert_explain.calibration import cache, calibrate
from colbert_explain.explanation import explain
from colbert_explain.ranking import contrast, rank
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
        "06_why_did_it_win",
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


def test_what_the_lesson_on_unrelated_texts_says_of_percentiles_is_so(
    encoder, tmp_path, monkeypatch
):
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    calibration = calibrate(encoder)
    cats, canteen, rain, _, _ = (
        explain(sample.query, sample.document, encoder) for sample in load_samples("Unrelated")
    )
    words = [token.text for token in cats.query]

    def percentiles(x):
        fractions = calibration.of(x)
        return {w: f for w, f in zip(words, fractions.tolist(), strict=True) if f == f}

    assert min(percentiles(cats).values()) > 0.98
    found = percentiles(canteen)
    assert {word for word, value in found.items() if value > 0.99} == {"eat", "food"}
    assert sorted(found.values())[-3] < 0.9
    found = percentiles(rain)
    assert max(found.values()) < 0.75
    assert sum(value < 0.5 for value in found.values()) == 5


QUESTION = "Which river flows through Paris?"
THAMES = "The river Thames flows through London."
RUNS, FLOWS = (f"The Seine {verb} through Paris." for verb in ("runs", "flows"))


def test_in_the_lesson_on_winning_the_wrong_sentence_wins_by_two_words(encoder):
    why = rank(QUESTION, [RUNS, THAMES], encoder).contrast(0, 1)
    assert why.score_difference == pytest.approx(-0.22, abs=0.005)
    frame = why.to_frame().set_index("token")
    difference = frame["difference"]
    assert difference.abs().idxmax() == "Paris"
    assert difference["Paris"] > 0
    assert difference["flows"] == pytest.approx(-0.35, abs=0.005)
    assert difference["river"] < -0.3
    assert max(abs(difference["Which"]), abs(difference["through"])) < 0.03
    assert frame.loc["flows", "match_a"] == "through"
    assert frame.loc["river", "match_a"] == "Seine"
    share = frame.loc["river", "contribution_a"] / frame.loc["river", "contribution_b"]
    assert 0.5 < share < 0.55
    assert "*river* → *river*" in why.sentence()
    assert "*Paris* → *Paris*" in why.sentence()


def test_in_the_lesson_on_winning_one_word_turns_the_order_around(encoder):
    assert rank(QUESTION, [RUNS, THAMES], encoder).order.tolist() == [1, 0]
    assert rank(QUESTION, [FLOWS, THAMES], encoder).order.tolist() == [0, 1]
    flows, runs = (explain(QUESTION, text, encoder) for text in (FLOWS, RUNS))
    change = contrast(flows, runs)
    assert change.score_difference == pytest.approx(0.47, abs=0.005)
    frame = change.to_frame().set_index("token")
    for word in ("Which", "through", "Paris"):
        assert frame.loc[word, "match_a"] == frame.loc[word, "match_b"]
        assert frame.loc[word, "difference"] > 0.001
    assert tuple(frame.loc["river", ["match_a", "match_b"]]) == ("flows", "Seine")


def test_what_else_the_lesson_on_winning_says_is_so(encoder):
    answers = [
        "Chocolate is poisonous for dogs.",
        "Dogs must never be given chocolate.",
        "Cats can eat chocolate.",
        "Dogs can eat apples.",
    ]
    ranking = rank("Can dogs eat chocolate?", answers, encoder)
    assert ranking.order[0] == 2
    assert set(ranking.order[2:].tolist()) == {0, 1}
    shorter = "The Thames flows through London"
    scores = [explain(QUESTION, text, encoder).score for text in (RUNS, f"{shorter}.")]
    assert scores == pytest.approx([3.396, 3.277], abs=0.0006)
    denied = explain(QUESTION, f"{shorter}, not Paris.", encoder).score
    assert denied == pytest.approx(3.785, abs=0.0006)
