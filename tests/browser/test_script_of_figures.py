"""Plotly's script in dashboards and in JupyterLab: once a page, from the server or through it."""

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests import patience
from tests.browser.jupyterlab import opened_lab

CELL = """
import ipywidgets
from IPython.display import display
import colbert_explain as ce
from tests.conftest import ToyEncoder

asked, requests = ipywidgets.Label("asked 0"), []

def count_requests(page):
    send = page.send
    def counted(content, buffers=None):
        if content["event"] == "plotly":
            requests.append(content)
            asked.value = f"asked {len(requests)}"
        send(content, buffers)
    page.send = counted

display(asked)
for document in ("Cats eat fish.", "Dogs eat bones."):
    bench = ce.Workbench(ToyEncoder(), query="What do they eat?", documents=document)
    count_requests(bench.page)
    display(bench)
"""


def wait_for_both(page):
    drawn = page.locator(".ce-heatmap-place .heatmaplayer image")
    drawn.nth(1).wait_for(timeout=patience.milliseconds(120))


def no_script_at_its_address(page, asked):
    def refuse(route):
        asked.append(route.request.url)
        route.fulfill(status=404)

    page.route("**/colbert_explain/static/plotly-*", refuse)


def requests_for_plotly(page):
    requests = []
    page.on("request", lambda r: requests.append(r.url) if "plotly" in r.url else None)
    return requests


def test_a_dashboard_s_figures_have_one_script_from_the_server(page, serve_cells):
    requests = requests_for_plotly(page)
    figure = "import plotly.graph_objects as go\ngo.Figure(go.Heatmap(z=[[1, 2]]))"
    page.goto(serve_cells(CELL, figure))
    wait_for_both(page)
    page.locator("ce-figure .heatmaplayer image").wait_for()
    assert len(requests) == 1
    page.get_by_text("asked 0", exact=True).wait_for()


def test_a_dashboard_s_figures_have_one_script_through_a_widget(page, serve_cells):
    refused = []
    no_script_at_its_address(page, refused)
    page.goto(serve_cells(CELL))
    wait_for_both(page)
    assert refused
    expect(page.get_by_text(re.compile(r"^asked \d+$"))).to_have_text("asked 1")


@pytest.fixture
def notebook(tmp_path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, folder / "n.ipynb")
    return folder


def test_jupyterlab_s_figures_have_one_script_from_the_server_or_through_a_widget(
    page, notebook, tmp_path
):
    page.set_viewport_size({"width": 1280, "height": 1500})
    with opened_lab(page, notebook, tmp_path / "log.txt") as run_all:
        requests = requests_for_plotly(page)
        run_all()
        wait_for_both(page)
        assert [url.rpartition("/")[2].startswith("plotly-") for url in requests] == [True]
        page.get_by_text("asked 0", exact=True).wait_for()

        refused = []
        no_script_at_its_address(page, refused)
        page.reload()
        run_all()
        wait_for_both(page)
        assert refused
        expect(page.get_by_text(re.compile(r"^asked \d+$"))).to_have_text("asked 1")
