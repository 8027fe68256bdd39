import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests import patience
from tests.browser.workbench_driver import ANSWERED
from tests.processes import address_of_jupyterlab, end

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SLOW_WORKBENCH = """
import time
import numpy as np
import colbert_explain as ce

class Slow:
    name, dim, document_length = "slow", 8, 100

    def embed_query(self, text, *, progress=None):
        time.sleep(1.5)
        tokens = ce.TokenSequence.from_strings(text.split())
        return ce.TokenEmbeddings(tokens, np.eye(8, dtype=np.float32)[: len(tokens)])

    embed_document = embed_query

ce.Workbench(Slow(), query="one two", documents="one two three")
"""


def test_an_exercise_is_answered_in_the_page(page, serve_cells):
    code = """
import colbert_explain as ce
from IPython.display import Markdown
ce.Exercise("Which <b>word</b> does *per* choose?", options=["of", "day"], right="of",
            because="Both are *prepositions*.", hint="Not that one.",
            after=["the *pelican*", Markdown("and more")])
"""
    number = "import colbert_explain as ce\nce.Exercise('How many?', right=2, hint='More.')"
    page.goto(serve_cells(code, number))
    group = page.get_by_role("group", name="Which <b>word</b> does per choose?")
    group.wait_for()
    assert group.locator("legend em").inner_text() == "per"
    asked = page.locator("form.ce-exercise").first
    said = asked.get_by_role("status")

    asked.get_by_role("button", name="Check").click()
    assert said.inner_text() == "Choose an answer first."
    assert "prepositions" not in page.content()  # nor is the solution
    assert "pelican" not in page.content()

    group.get_by_role("radio", name="of").focus()
    page.keyboard.press("ArrowDown")
    assert group.get_by_role("radio", name="day").is_checked()
    assert said.inner_text() == ""
    show = asked.get_by_role("button", name="Show the answer")
    for tries in (1, 2):
        page.keyboard.press("Enter")
        said.get_by_text("Not that one.").wait_for()
        assert said.inner_text() == "Not quite. Not that one."
        expect(show).to_have_class(re.compile("offered" if tries == 2 else "show$"))
        assert "pelican" not in page.content()
        group.get_by_role("radio", name="of").focus()
        page.keyboard.press("ArrowDown")

    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    said.get_by_text("Both are").wait_for()
    assert said.inner_text() == "Right. Both are prepositions."
    page.locator(".ce-exercise-place em", has_text="pelican").wait_for()
    page.get_by_text("and more").wait_for()
    assert asked.locator(".ce-exercise-right").inner_text().split() == ["of", "✓", "the", "answer"]
    expect(show).to_be_hidden()
    expect(group.get_by_role("radio", name="day")).to_be_disabled()

    typed = page.get_by_role("textbox", name="Your answer")
    said = page.locator(".ce-exercise-said").last
    for given, answer in (
        ("two", "Answer must be a number, got 'two'."),
        ("1", "Not quite. More."),
        ("2", "Right."),
    ):
        typed.fill(given)
        typed.press("Enter")
        said.get_by_text(answer.split(". ")[-1]).wait_for()
        assert said.inner_text().strip() == answer


def test_an_answer_that_is_shown_stands_beside_the_readers_own(page, serve_cells):
    choice = """
import colbert_explain as ce
ce.Exercise("Which?", options=["of", "day", "per"], right="of", hint="Not that one.")
"""
    number = "import colbert_explain as ce\nce.Exercise('How many?', right=2.5, hint='More.')"
    page.goto(serve_cells(choice, number))
    forms = page.locator("form.ce-exercise")
    expect(forms).to_have_count(2)
    first, second = forms.first, forms.last
    first.get_by_role("radio", name="day").check()
    first.get_by_role("button", name="Check").click()
    first.get_by_text("Not that one.").wait_for()
    first.get_by_role("button", name="Show the answer").click()
    expect(first.locator(".ce-exercise-right")).to_contain_text("✓ the answer")
    assert first.get_by_text("your choice").is_visible()
    second.get_by_role("button", name="Show the answer").click()
    expect(second).to_contain_text("✓ the answer: 2.5")
    expect(second.get_by_role("textbox")).to_be_hidden()


def test_what_a_cell_shows_is_waited_for_on_a_busy_machine(page, serve_cells):
    page.goto(
        serve_cells(
            "import sys, time\n"
            "sys.stdout.flush_timeout = sys.stderr.flush_timeout = 0.1\n"
            "get_ipython().kernel.iopub_thread.schedule(lambda: time.sleep(6))\n"
            "'came late'"
        )
    )
    page.get_by_text("came late").wait_for()


def test_mathematics_in_a_text_stays_text_in_a_cell(page, serve_cells):
    code = """
import numpy as np
import colbert_explain as ce
tokens = ce.TokenSequence.from_strings(["$x^2$", "\\\\(y\\\\)"])
mine = ce.TokenEmbeddings(tokens, np.eye(2, dtype=np.float32))
ce.highlight(ce.explain_embeddings(mine, mine))
"""
    page.goto(serve_cells(code))
    shown = page.locator(".ce-highlight .ce-text")
    shown.first.wait_for()
    page.wait_for_timeout(2_000)  # what typesets does so after drawing
    assert shown.all_text_contents() == ["$x^2$ \\(y\\)"] * 2
    assert page.locator("mjx-container").count() == 0


def test_what_is_explained_while_the_page_is_drawn_is_shown(page, serve_cells):
    sockets, states = [], []

    def connect(socket):
        def pass_on(message):
            # What widgets there are, which the page asked for: it comes late.
            late = isinstance(message, bytes) and b"update_states" in message
            states.append(message) if late else socket.send(message)

        socket.connect_to_server().on_message(pass_on)
        sockets.append(socket)

    page.route_web_socket(re.compile("/channels"), connect)
    page.goto(serve_cells(SLOW_WORKBENCH))
    deadline = time.monotonic() + patience.seconds()
    while not states and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    page.wait_for_timeout(3_500)  # a page asks in another way after four seconds
    for message in states:
        sockets[-1].send(message)
    page.wait_for_function(ANSWERED)
    page.get_by_role("tab", name="Save and Python").click()
    page.get_by_role("button", name="Data (JSON)").wait_for()


def test_what_changed_just_before_a_page_came_is_in_it(page, serve_cells):
    code = """
import time
import ipywidgets

kernel = get_ipython().kernel
known, box = ipywidgets.HTML("known before"), ipywidgets.VBox()
answer = kernel.kernel_info_request

async def asked(*request):
    if not box.children:
        kernel.iopub_thread.schedule(lambda: time.sleep(1))  # what is said now arrives late
        box.children = [ipywidgets.VBox([known, ipywidgets.HTML("new")])]
    await answer(*request)

kernel.shell_handlers["kernel_info_request"] = asked  # as the server asks before a page comes in
box
"""
    page.goto(serve_cells(code))
    page.get_by_text("new").wait_for()
    assert page.get_by_text("known before").is_visible()
    assert page.locator(".jupyter-widgets-error-widget").count() == 0


def test_a_page_whose_python_cannot_start_says_so(page, serve_dashboards, tmp_path, monkeypatch):
    profile, folder = tmp_path / "ipython" / "profile_default", tmp_path / "notebooks"
    for each in (profile, folder):
        each.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text("import os\nos._exit(1)")
    nbformat.write(nbformat.v4.new_notebook(), folder / "any.ipynb")
    monkeypatch.setenv("IPYTHONDIR", str(profile.parent))
    with serve_dashboards(folder) as running:
        page.goto(running.page("any"))
        page.get_by_role("alert").get_by_text("Python could not start").wait_for()
        assert not page.get_by_text("Starting Python").is_visible()
        assert page.get_by_role("button", name="Reload the page").is_visible()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, as `make lab` starts it."""
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
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
        yield address_of_jupyterlab(process, log)
    finally:
        end(process)


def test_a_notebook_runs_in_jupyterlab(page, lab, black_hole):
    page.goto(f"{lab}lab/tree/workbench.ipynb?token=test&reset")
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
    # Cells run before the kernel is there are lost.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ANSWERED, timeout=patience.milliseconds(120))
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    # Ctrl+Enter explains; JupyterLab, which would run the cell, does not get to see it.
    page.get_by_role("switch", name="Live").uncheck()
    query = page.get_by_role("textbox", name="Query", exact=True)
    document = page.get_by_role("textbox", name="Document", exact=True)
    query.fill("cats eat fish")
    document.fill("cats eat fish")
    document.press("Control+Enter")
    page.wait_for_function(
        "() => document.querySelector('.ce-headline-score').textContent === '3.00'",
    )
    assert query.input_value() == "cats eat fish"
    assert black_hole == []


def test_an_untrusted_notebook_keeps_its_colours_and_its_winners(page, lab, toy_encoder):
    x = ce.explain("cats <eat> fish mice", "dogs eat. cats like fish, zzz.", toy_encoder)
    table = {"text/html": x._repr_mimebundle_()["text/html"]}  # as where nothing draws the figure
    bundles = [table, ce.highlight(x)._repr_mimebundle_(), ce.heatmap(x)._repr_mimebundle_()]
    cells = [
        nbformat.v4.new_code_cell(
            "x", outputs=[nbformat.v4.new_output("display_data", data=bundle)]
        )
        for bundle in bundles
    ]
    content = nbformat.v4.new_notebook(cells=cells)
    model = {"type": "notebook", "content": content}
    page.request.put(f"{lab}api/contents/saved.ipynb?token=test", data=model)
    page.goto(f"{lab}lab/tree/saved.ipynb?token=test&reset")
    shown = page.locator(".jp-NotebookPanel .jp-OutputArea")
    shown.last.wait_for(timeout=90_000)
    shown.nth(1).locator("mark").first.wait_for(timeout=30_000)
    assert page.locator(".jp-OutputArea style").count() == 0  # JupyterLab does not trust it
    grounds = (
        shown.nth(1)
        .locator(".ce-text mark")
        .evaluate_all("marks => marks.map(mark => getComputedStyle(mark).backgroundColor)")
    )
    assert len(set(grounds)) > 1
    assert "rgb(1, 59, 123)" in grounds  # a similarity of 1
    assert shown.nth(1).get_by_text("In numbers:").first.is_visible()
    swatches = shown.nth(1).locator(".ce-swatch")
    assert swatches.count() == 5
    assert all(box["width"] > 5 for box in (s.bounding_box() for s in swatches.all()))
    assert shown.nth(0).locator("td strong").all_inner_texts().count("1.00") == 3
