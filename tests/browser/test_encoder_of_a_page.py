"""The encoder service behind a page: it may die, and the page lives on."""

import signal
import time

import nbformat
import psutil
from playwright.sync_api import expect

from tests import patience
from tests.browser.workbench_driver import WorkbenchDriver
from tests.processes import command_of

CELLS = ["import colbert_explain as ce\nce.Workbench(query='', documents='')"]


def service_of(running):
    """Return the encoder service of a server."""
    children = psutil.Process(running.process.pid).children(recursive=True)
    [service] = [child for child in children if "encoder_service" in command_of(child)]
    return service


def test_a_service_killed_while_encoding_is_a_sentence_and_the_next_try_works(
    page, serve_dashboards, tmp_path
):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "bench.ipynb")
    with serve_dashboards(tmp_path) as running:
        bench = WorkbenchDriver(page)
        page.goto(running.page("bench"), timeout=patience.milliseconds(90))
        bench.query.fill("What do cats eat?")
        text = f"New at {time.time_ns()}. " + "Cats eat fish, dogs eat cats. " * 1500
        bench.document.fill(text)
        bench.explain_button.click()
        share = page.locator(".ce-query-progress[value]")
        share.wait_for(timeout=patience.milliseconds(120))  # the model may still be loaded
        service_of(running).send_signal(signal.SIGKILL)
        expect(bench.problem).to_contain_text(
            "The encoder service ended the connection before the result arrived: it was stopped or "
            "killed"
        )
        assert bench.document.input_value() == text
        bench.document.fill("Cats eat fish.")
        bench.explain_button.click()
        bench.wait_for_answer(timeout=patience.milliseconds(120))
        assert bench.problem.inner_text() == ""
        assert bench.score() > 0
        log = running.log.read_text()
        assert "killed by SIGKILL" in log
        for where in (page.content(), log):
            assert "unix:" not in where
            assert "/socket" not in where
