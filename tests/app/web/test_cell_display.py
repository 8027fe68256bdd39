"""What a notebook keeps of the widgets: run by a program, exported, opened without Python."""

import json
import re

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbconvert import HTMLExporter

from colbert_explain.app import Exercise
from tests.notebook_shell import executed

WIDGET = "application/vnd.jupyter.widget-view+json"
STATES = "application/vnd.jupyter.widget-state+json"
SETUP = """
import colbert_explain as ce
x = ce.explain("What do cats eat?", "Cats eat fish & <b>cream</b>.")
"""
CELLS = (
    SETUP,
    "w = ce.Workbench(query='What do *cats* eat?', documents='Cats eat fish & <b>cream</b>.')\nw",
    "ce.Workbench(query='Who sings?', documents={'cats': 'Cats purr.', 'birds': 'Birds sing.'})",
    "ce.Workbench(query='', documents='')",
    "ce.Workbench(query='cats', documents='')",
    "ce.Exercise('Which word?', right='per', options=['per', '<day>'])",
    "ce.MaxSimStepper(x)",
    "print(w.explanation.score > 0)",
    "asked = {'right': 'per', 'answer': 'per', 'because': 'Both are *small* words.'}\n"
    "def ask(reveal):\n    return ce.Exercise('Which *word*?', **asked, after=reveal)\n"
    "ask(ce.contribution_chart(x))",
    "from IPython.display import Markdown\nask(Markdown('1. **0.50** <i>cats</i>'))",
    "ask(ce.MaxSimStepper(x))",
    "import ipywidgets\nplaced = ipywidgets.VBox([ask(x)])",
)


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return executed(*CELLS)


def test_a_notebook_that_a_program_runs_holds_each_widget_as_text_and_html(notebook):
    shown = {
        1: ("Query: What do *cats* eat?", "MaxSim score", "fish & <b>cream</b>"),
        2: ("birds: rank 1 of 2", "Document: Birds sing.", "MaxSim score"),
        3: ("Nothing has been explained yet.",),
        4: ("Document must contain text",),
        5: ("Exercise: Which word?", "- <day>"),
        6: ("All 4 have chosen", "MaxSim score"),
    }
    for index, sentences in shown.items():
        (output,) = notebook.cells[index].outputs
        assert WIDGET not in output.data, CELLS[index]
        for sentence in sentences:
            assert sentence in output.data["text/plain"], (CELLS[index], sentence)
        markup = output.data["text/html"]
        assert "Run this cell to use it" in markup, CELLS[index]
        assert "<script" not in markup, CELLS[index]
        assert "<b>cream" not in markup, CELLS[index]
        assert "<day>" not in markup, CELLS[index]
    assert "MaxSim score" in notebook.cells[1].outputs[0].data["text/html"]
    assert notebook.cells[7].outputs[0].text == "True\n"


def test_a_saved_ranking_shows_all_its_documents(notebook):
    (output,) = notebook.cells[2].outputs
    for form in output.data.values():
        assert re.search("birds.*cats.*birds: rank 1 of 2", form, re.DOTALL), form
        assert "Cats purr." in form


def test_what_an_exercise_revealed_is_saved_with_it(notebook):
    shown = {
        8: "score, added before rounding",
        9: "<strong>0.50</strong> &lt;i&gt;cats",
        10: "All 4 have chosen",
    }
    for index, sentence in shown.items():
        (output,) = notebook.cells[index].outputs
        markup = output.data["text/html"]
        assert sentence in markup, index
        assert "Which <em>word</em>?" in markup, index
        assert "Both are <em>small</em> words." in markup, index
        assert (
            markup.count("Run this cell") == output.data["text/plain"].count("Run this cell") == 1
        )
    assert "score, added before rounding" in notebook.cells[8].outputs[0].data["text/plain"]


def test_a_notebook_that_a_program_runs_holds_no_state_of_widgets(notebook):
    """But of those that another widget was told to show."""
    states = notebook.metadata.get("widgets", {}).get(STATES, {"state": {}})["state"]
    modules = {state["model_module"] for state in states.values()}
    assert len(json.dumps(notebook)) < 400_000
    assert "anywidget" in modules  # the last cell's exercise
    assert not [state for state in states.values() if "FigureModel" in state["model_name"]]


def test_outputs_beside_a_live_widget_say_once_how_to_run_it(capsys):
    exercise = Exercise("Which word?", right="per")
    shell = InteractiveShell.instance()
    with capture_output() as shown:
        shell.user_ns["exercise"] = exercise
        shell.run_cell("exercise")
    forms = [output.data for output in shown.outputs]
    assert WIDGET in forms[0]
    assert str(forms).count("Run this cell") == 2, (
        forms
    )  # in the text and in the HTML of one output


def test_exported_as_html_it_shows_the_explanations_and_no_progress(notebook):
    body, _ = HTMLExporter().from_notebook_node(notebook)
    assert body.count("MaxSim score") >= 2
    assert "fish &amp; &lt;b&gt;cream&lt;/b&gt;" in body
    assert "rank 1 of 2" in body
    assert "Workbench(" not in body.split("</head>")[1].replace("ce.Workbench", "")
    assert "Reading the" not in body
    assert "<progress" not in body


def test_a_notebook_that_a_program_runs_keeps_the_last_explanation():
    first = "w = ce.Workbench(query='cats', documents='dogs')\nw"
    then = "w.start('birds fly', 'a bird flies'); w.wait()"
    made = executed("import colbert_explain as ce", first, then)
    shown = str(made.cells[1].outputs)
    assert "birds" in shown
    assert "dogs" not in shown
