"""The widgets in JupyterLab: what they say and keep when their Python goes away."""

import os
import signal
from pathlib import Path

import nbformat
from playwright.sync_api import Page

from tests import patience
from tests.browser.jupyterlab import IDLE, SESSION, address, running_lab

CELLS = (
    "import os\nimport colbert_explain as ce\nfrom tests.conftest import ToyEncoder\n"
    "open('pid.txt', 'w').write(str(os.getpid()))\n"
    "ce.Workbench(ToyEncoder(), query='What do cats eat?', documents='Cats eat fish.')",
    "ce.Exercise('Which word?', right='per', options=['per', 'day'])",
    "ce.MaxSimStepper(ce.explain('cats eat', 'Cats eat fish.', ToyEncoder()))",
)
STOPPED = "The Python process behind this {} has stopped. Run its cell again."
LOST = "The connection to the Python process behind this {} is lost."


def run_all(page: Page) -> None:
    """Run the notebook's cells and wait for what they show."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_function(
        """() => document.querySelectorAll('.ce-stopped').length === 2
            && [...document.querySelectorAll('.ce-stopped')].every((one) => !one.textContent)
            && document.querySelector('.ce-heatmap-place .heatmaplayer image')
            && document.querySelector('.ce-stepper')""",
        timeout=patience.milliseconds(120),
    )


def wait_for_notices(page: Page, sentence: str) -> None:
    page.wait_for_function(
        """(sentence) => ['workbench', 'exercise'].every((what) =>
            [...document.querySelectorAll('.ce-stopped')].some((one) =>
                one.textContent.startsWith(sentence.replace('{}', what))))""",
        arg=sentence,
        timeout=patience.milliseconds(60),
    )


def close_the_dialog_of_a_lost_server(page: Page) -> None:
    """JupyterLab's own dialog comes whenever one of its requests fails, and covers the page."""
    dialog = page.get_by_role("dialog", name="Server Connection Error")
    page.add_locator_handler(
        dialog, lambda: dialog.get_by_role("button", name="Close", exact=True).click()
    )


def try_everything(page: Page) -> None:
    """Use what a reader can still reach; nothing old may look new."""
    document = page.get_by_role("textbox", name="Document", exact=True)
    document.fill("A new document.")
    document.press("Control+Enter")
    page.locator(".ce-text-box [role=button]").first.click()
    assert page.locator(".ce-query-go").is_disabled()
    assert page.get_by_role("button", name="Check", exact=True).is_disabled()
    assert document.input_value() == "A new document."
    opacity = page.locator(".ce-result").evaluate("(node) => getComputedStyle(node).opacity")
    assert float(opacity) < 0.7
    # A stepper needs no Python.
    page.get_by_role("button", name="Next step").click()
    assert "step 1 of" in page.locator(".ce-stepper .ce-count").inner_text()


def test_a_page_says_when_its_python_is_gone_and_keeps_what_it_showed(
    page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = folder / "n.ipynb"
    nbformat.write(notebook, path)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "send" in message.text else 0)
    page.set_viewport_size({"width": 1280, "height": 3000})  # JupyterLab draws what is in view
    close_the_dialog_of_a_lost_server(page)
    with running_lab(folder, tmp_path / "log.txt") as (url, process):
        page.goto(address(url))
        page.wait_for_function(IDLE, timeout=patience.milliseconds(120))

        run_all(page)
        document = page.get_by_role("textbox", name="Document", exact=True)
        document.fill("Cats *eat* mice & <b>birds</b>.")
        page.get_by_role("button", name="Explain").click()
        page.wait_for_function(
            "() => document.querySelector('.ce-text').textContent.includes('mice')"
        )
        assert not page.locator(".ce-saved").locator("visible=true").count()
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => 1)")
        outputs = [cell.outputs for cell in nbformat.read(path, as_version=4).cells]
        kept = [shown[1].data["text/plain"] for shown in outputs]
        assert "Document: Cats *eat* mice & <b>birds</b>." in kept[0]
        assert "MaxSim score" in kept[0]
        assert "Exercise: Which word?" in kept[1]
        assert "have chosen" in kept[2]

        page.evaluate(f"() => {SESSION}.session.kernel.restart().then(() => 1)")
        wait_for_notices(page, STOPPED)
        try_everything(page)

        run_all(page)
        os.kill(int((folder / "pid.txt").read_text()), signal.SIGKILL)
        wait_for_notices(page, STOPPED)
        try_everything(page)

        page.wait_for_function(IDLE, timeout=patience.milliseconds(60))
        run_all(page)
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => 1)")
        page.evaluate(f"() => {SESSION}.shutdown().then(() => 1)")
        wait_for_notices(page, STOPPED)
        try_everything(page)
        assert errors == []

        # Opened again without a kernel: text instead of widgets.
        page.evaluate("() => window.jupyterapp.shell.currentWidget.close()")
        page.evaluate(
            """() => window.jupyterapp.commands.execute('docmanager:open', {
                path: 'n.ipynb', factory: 'Notebook',
                kernelPreference: {shouldStart: false, autoStartDefault: false},
            }).then(() => 1)"""
        )
        page.wait_for_function("() => document.querySelectorAll('.ce-saved').length === 3")
        shown = page.locator(".ce-saved").all_inner_texts()
        assert len(shown) == 3
        assert "MaxSim score" in shown[0]
        assert "Cats eat fish ." in " ".join(shown[0].split())
        assert all("Run this cell to use it" in text for text in shown)
        assert "Workbench(" not in " ".join(page.locator(".jp-OutputArea").all_inner_texts())

        page.goto(address(url))
        page.wait_for_function(IDLE, timeout=patience.milliseconds(120))
        run_all(page)
        # Killed: one that is asked to end ends its kernels first, and may still say so to the page.
        process.kill()
        wait_for_notices(page, LOST)
        try_everything(page)
