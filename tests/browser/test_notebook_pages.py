import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from colbert_explain.views.palette import DARK, LIGHT

FOLDER = Path(__file__).parents[2] / "notebooks"
LESSONS = [
    "01_identical",
    "02_paraphrased",
    "03_unrelated",
    "04_long_document",
    "06_why_did_it_win",
]
#: What each lesson draws outside its workbench: figures, and texts with coloured words.
SHOWN = {
    "01_identical": (2, 0),
    "02_paraphrased": (3, 1),
    "03_unrelated": (3, 0),
    "04_long_document": (2, 1),
    "06_why_did_it_win": (3, 0),
}
#: Whether every figure, those of the workbench included, has this paper.
_ALL_ON = """(paper) => [...document.querySelectorAll('.js-plotly-plot')]
  .every((figure) => figure._fullLayout.paper_bgcolor === paper)"""
_FIGURES = "document.querySelectorAll('.js-plotly-plot .gtitle').length"


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_opens_as_a_dashboard_and_asks_nobody_else(
    new_context, dashboards, black_hole, axe, name
):
    page = new_context(viewport={"width": 1200, "height": 900}).new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(dashboards.page(name))
    figures, texts = SHOWN[name]
    page.wait_for_function(
        f"() => document.querySelector('.ce-status')?.textContent === 'Done.'"
        f" && {_FIGURES} >= {figures + 1}",
        timeout=180_000,
    )
    page.wait_for_timeout(600)
    assert page.locator(".ce-highlight").count() == texts + 1
    assert page.get_by_text("What we saw").is_visible()
    assert page.locator(".jp-CodeCell .jp-InputArea-editor").count() == 0  # sources are stripped
    assert "Traceback" not in page.locator("body").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1200
    assert axe(page) == []
    assert black_hole == []
    for scheme, paper in (("dark", DARK.paper), ("light", LIGHT.paper)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_ALL_ON, arg=paper, timeout=30_000)
    # Plotly's renderer wants to store a picture beside its output, which only a notebook can hold.
    assert [error for error in errors if "setData is not a function" not in error] == []


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


@pytest.mark.parametrize("name", ["01_identical", "workbench"])
def test_a_notebook_runs_in_jupyterlab(page, lab, black_hole, name):
    page.goto(f"{lab}lab/tree/{name}.ipynb?token=test&reset")
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
