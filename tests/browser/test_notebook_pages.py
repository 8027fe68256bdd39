import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from colbert_explain.views.palette import DARK, LIGHT
from tests.browser.workbench_driver import WorkbenchDriver

FOLDER = Path(__file__).parents[2] / "notebooks"
LESSONS = [path.stem for path in sorted(FOLDER.glob("0*.ipynb"))]
#: Whether every figure, those of the workbench included, has this paper.
_ALL_ON = """(paper) => [...document.querySelectorAll('.js-plotly-plot')]
  .every((figure) => figure._fullLayout.paper_bgcolor === paper)"""


def wait_for_lesson(page):
    """Wait for the first picture, and for the workbench at the lesson's end."""
    page.locator(".js-plotly-plot .gtitle").first.wait_for(timeout=180_000)
    status = page.locator(".ce-status").last
    status.get_by_text("Done.").wait_for(timeout=180_000)
    page.wait_for_timeout(600)  # figures take their width from the page


def answer_by_keyboard(page, exercise):
    """Answer the first exercise, of whatever kind, and return what is said to it."""
    field = exercise.locator("input").first
    field.focus()
    if field.get_attribute("type") == "radio":
        page.keyboard.press("Space")
    else:
        page.keyboard.type("1")
    page.keyboard.press("Enter")
    exercise.locator(".ce-said strong").wait_for(timeout=30_000)
    return exercise.locator(".ce-said").inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_shows_and_fits_and_asks_nobody_else(
    new_context, dashboards, black_hole, axe, name
):
    page = new_context(viewport={"width": 900, "height": 900}).new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(dashboards.page(name), timeout=90_000)
    wait_for_lesson(page)
    assert page.get_by_text("What we saw").is_visible()
    assert page.locator(".jp-CodeCell .jp-InputArea-editor").count() == 0  # sources are stripped
    assert "Traceback" not in page.locator("body").inner_text()

    exercises = page.locator("form.ce-exercise")
    said = answer_by_keyboard(page, exercises.first)
    assert said.startswith(("✓ Right. ", "Right. ", "Not yet. "))
    assert len(said) > 20  # the reason, or a hint
    curtains = page.locator(".ce-skip:visible")
    behind = ".ce-exercise-place:has(.ce-skip{}) .jp-OutputArea-output"
    assert page.locator(behind.format(":not([hidden])")).count() == 0
    for closed in range(curtains.count(), 0, -1):
        curtains.first.click()
        expect(curtains).to_have_count(closed - 1)
    expect(page.locator(behind.format("[hidden]")).first).to_be_visible()

    lesson = WorkbenchDriver(page, ".js-plotly-plot:has(.heatmaplayer image)")
    assert "cosine similarity: " in lesson.hover(2, lesson.middle())
    bench = WorkbenchDriver(page, ".ce-workbench .js-plotly-plot")
    assert "cosine similarity: " in bench.hover(2, bench.middle())
    bench.click(2, bench.middle())
    page.locator(".ce-pinned-line").get_by_text("query token 2 ").wait_for()
    for width in (900, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(800)  # figures keep their height; Plotly's own way took it away
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert lesson.layout_faults() == []
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(800)
    assert axe(page) == []
    assert black_hole == []
    for scheme, paper in (("dark", DARK.paper), ("light", LIGHT.paper)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_ALL_ON, arg=paper, timeout=30_000)
    # Plotly's renderer wants to store a picture beside its output, which only a notebook can hold.
    assert [error for error in errors if "setData is not a function" not in error] == []


def test_an_exercise_is_answered_in_the_page(page, serve_dashboards, tmp_path):
    code = """
import colbert_explain as ce
from IPython.display import Markdown
ce.Exercise("Which <b>word</b> does *per* choose?", options=["of", "day"], right="of",
            because="Both are *prepositions*.", hint="Not that one.",
            reveal=Markdown("the picture"))
"""
    number = "import colbert_explain as ce\nce.Exercise('How many?', right=2, hint='More.')"
    cells = [nbformat.v4.new_code_cell(source) for source in (code, number)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "exercise.ipynb")
    with serve_dashboards(tmp_path) as dashboards:
        page.goto(dashboards.page("exercise"), timeout=90_000)
        group = page.get_by_role("group", name="Which <b>word</b> does per choose?")
        group.wait_for(timeout=60_000)
        assert group.locator("legend em").inner_text() == "per"
        asked = page.locator("form.ce-exercise").first
        said = asked.get_by_role("status")

        asked.get_by_role("button", name="Check").click()
        assert said.inner_text() == "Choose an answer first."
        assert "prepositions" not in page.content()  # nor is the solution
        assert not page.get_by_text("the picture").is_visible()

        group.get_by_role("radio", name="of").focus()
        page.keyboard.press("ArrowDown")
        assert group.get_by_role("radio", name="day").is_checked()
        assert said.inner_text() == ""
        page.keyboard.press("Enter")
        said.get_by_text("Not that one.").wait_for()
        assert said.inner_text() == "Not yet. Not that one."
        page.get_by_text("the picture").wait_for()
        assert asked.get_by_role("button", name="Show it without an answer").count() == 0

        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        said.get_by_text("Both are").wait_for()
        assert said.inner_text() == "Right. Both are prepositions."

        typed = page.get_by_role("textbox", name="Your answer")
        for given, answer in (
            ("two", "Answer must be a number, got 'two'."),
            ("1", "Not yet. More."),
            ("2", "Right."),
        ):
            typed.fill(given)
            typed.press("Enter")
            page.locator(".ce-said").last.get_by_text(answer.split(". ")[-1]).wait_for()
            assert page.locator(".ce-said").last.inner_text().strip() == answer


def test_mathematics_in_a_text_stays_text_in_a_cell(page, serve_dashboards, tmp_path):
    code = """
import numpy as np
import colbert_explain as ce
tokens = ce.TokenSequence.from_strings(["$x^2$", "\\\\(y\\\\)"])
mine = ce.TokenEmbeddings(tokens, np.eye(2, dtype=np.float32))
ce.highlight(ce.explain_embeddings(mine, mine))
"""
    cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "mathematics.ipynb")
    with serve_dashboards(tmp_path) as dashboards:
        page.goto(dashboards.page("mathematics"))
        shown = page.locator(".ce-highlight .ce-text")
        shown.first.wait_for(timeout=60_000)
        page.wait_for_timeout(2_000)  # what typesets does so after drawing
        assert shown.all_text_contents() == ["$x^2$ \\(y\\)"] * 2
        assert page.locator("mjx-container").count() == 0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, as `make lab` starts it."""
    folder = tmp_path_factory.mktemp("lab")
    for path in FOLDER.glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    log = folder / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    options = ["--ServerApp.token=test", "--allow-root", f"--notebook-dir={folder}"]
    # By default JupyterLab draws only the cells in sight; the tests look at all of them.
    tracker = folder / "settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    settings = {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=output, env=os.environ | settings
        )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+/)lab", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        yield found[1]
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_notebook_runs_in_jupyterlab(page, lab, black_hole):
    page.goto(f"{lab}lab/tree/01_identical.ipynb?token=test&reset")
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=90_000)
    # Cells run before the kernel is there are lost.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('.ce-status')?.textContent === 'Done.'", timeout=120_000
    )
    page.locator(".js-plotly-plot .heatmaplayer image").last.wait_for(timeout=60_000)
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    # Ctrl+Enter explains; JupyterLab, which would run the cell, does not get to see it.
    query = page.get_by_role("textbox", name="Query")
    query.fill("cats eat fish")
    page.get_by_role("textbox", name="Document").fill("cats eat fish")
    page.get_by_role("textbox", name="Document").press("Control+Enter")
    page.wait_for_function(
        "() => document.querySelector('.ce-notices strong').textContent === 'MaxSim score 3.000'",
        timeout=60_000,
    )
    assert query.input_value() == "cats eat fish"
    assert black_hole == []
