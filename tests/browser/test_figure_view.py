"""FigureView in dashboards and in JupyterLab, with Plotly from the server and through it."""

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests import patience
from tests.browser.jupyterlab import opened_lab

CELL = """
import ipywidgets
import plotly.graph_objects as go
from IPython.display import display
from colbert_explain.app.figure.figure_view import FigureView

# Its number is written when something is said: before, not every label may be in the page yet.
asked, requests = ipywidgets.Label("asked nobody knows"), []
# One for each: a click is followed by events of the pointer.
said = {what: ipywidgets.Label(f"no {what}") for what in ("click", "hover", "range")}

class Counted(FigureView):
    def received(self, event, fields, buffers):
        if event == "plotly":
            requests.append(event)
        super().received(event, fields, buffers)

def say(what):
    def act(*given):
        said[what].value = f"{what}: {given}"
        asked.value = f"asked {len(requests)}"
    return act

figure = go.Figure(
    go.Heatmap(z=[[(i + j) % 7 for j in range(60)] for i in range(3)], showscale=False),
    {
        "height": 220,
        "dragmode": "pan",
        "margin": {"l": 40, "r": 40, "t": 40, "b": 30},
        "xaxis": {"range": [-0.5, 29.5], "minallowed": -0.5, "maxallowed": 59.5},
        "yaxis": {"range": [2.5, -0.5], "fixedrange": True},
    },
)
callbacks = {f"on_{what}": say(what) for what in said}
view = Counted("a map of numbers", **callbacks)
view.show(figure)
other = Counted("bars")
other.show(go.Figure(go.Bar(y=[1, 2]), {"height": 150}))
display(view, *said.values(), asked, other)
"""


def use(page):
    """Click, point and zoom; Python must hear of each, rightly."""
    drawn = page.get_by_role("img", name="a map of numbers")
    drawn.locator(".heatmaplayer image").wait_for(timeout=patience.milliseconds(120))
    page.get_by_role("img", name="bars").locator(".barlayer .point").first.wait_for()
    area = drawn.locator('.nsewdrag[data-subplot="xy"]').bounding_box()

    def place(row, column):
        return (
            area["x"] + (column + 0.5) / 30 * area["width"],
            area["y"] + (row + 0.5) / 3 * area["height"],
        )

    page.mouse.move(*place(2, 11), steps=3)
    page.get_by_text("hover: (Touched(row=2, column=11, part='cell'),)").wait_for()
    page.mouse.click(*place(1, 20))
    page.get_by_text("click: (Touched(row=1, column=20, part='cell'),)").wait_for()
    page.mouse.move(area["x"] + 5, area["y"] - 30, steps=3)
    page.get_by_text("hover: (None,)").wait_for()
    page.get_by_role("button", name="Zoom out").first.click()
    page.get_by_text("range: (-0.5, 47.5)").wait_for()


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
    page.goto(serve_cells(CELL, "figure", "figure.show()"))
    use(page)
    page.locator("ce-figure .heatmaplayer image").nth(1).wait_for()
    assert len(requests) == 1
    page.get_by_text("asked 0", exact=True).wait_for()


def test_a_dashboard_s_figures_have_one_script_through_a_widget(page, serve_cells):
    refused = []
    no_script_at_its_address(page, refused)
    page.goto(serve_cells(CELL))
    use(page)
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
        use(page)
        assert [url.rpartition("/")[2].startswith("plotly-") for url in requests] == [True]
        page.get_by_text("asked 0", exact=True).wait_for()

        refused = []
        no_script_at_its_address(page, refused)
        page.reload()
        run_all()
        use(page)
        assert refused
        expect(page.get_by_text(re.compile(r"^asked \d+$"))).to_have_text("asked 1")
