"""Figures of a notebook's cells in a dashboard."""

import re

import pytest

from colbert_explain.views.theme import DARK, LIGHT

CELLS = (
    "import colbert_explain as ce\nfrom tests.example_explanations import example\n"
    "x = example(6, 200)\nx",
    "ce.heatmap(x)",
    "import plotly.graph_objects as go\n"
    "go.Figure(go.Bar(y=[1, 3, 2]), {'title': {'text': 'bars'}})",
    "go.Figure(go.Scatter(y=[1, 3, 2]), {'width': 400}).show()",
    "import ipywidgets\nshown = ipywidgets.Output()\n"
    "with shown:\n    display(go.Figure(go.Bar(y=[4, 3])))\nshown",
)
GROUND = """(place) =>
    getComputedStyle(place.querySelector('.main-svg')).backgroundColor"""


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.fixture
def figures(page, serve_cells):
    """The figures of a page, with the addresses that it asked for."""
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme="light")
    page.goto(serve_cells(*CELLS))
    figures = page.locator("ce-figure")
    for number in range(5):
        figures.nth(number).locator(".main-svg").first.wait_for()
    return figures, requests


def test_every_figure_is_drawn_by_one_script(figures):
    drawn, requests = figures
    assert drawn.count() == 5
    assert drawn.nth(2).get_by_text("bars").is_visible()
    assert drawn.nth(3).locator(".main-svg").first.get_attribute("width") == "400"
    scripts = [url for url in requests if "plotly" in url]
    assert [
        bool(re.search(r"/colbert_explain/static/plotly-[\d.]+\.min\.js$", s)) for s in scripts
    ] == [True]


def test_what_computed_the_figures_is_said_once_behind_a_sign(figures):
    drawn, _ = figures
    signs = drawn.locator(".ce-figure-source")
    assert signs.count() == 1
    sentence = signs.locator("p")
    assert not sentence.is_visible()
    signs.locator("summary").click()
    assert sentence.is_visible()
    heatmap = drawn.nth(1)
    clipped = heatmap.evaluate(
        """(place, begins) => {
          const plot = place.querySelector(".ce-figure-plot");
          const notes = Array.from(plot.querySelectorAll("text.annotation-text"));
          const source = notes.find((one) => one.textContent.startsWith(begins));
          return source.getBoundingClientRect().top >= plot.getBoundingClientRect().bottom - 1;
        }""",
        sentence.inner_text()[:20],
    )
    assert clipped


def test_a_figure_follows_theme_and_width_and_leaves_the_wheel_to_the_page(page, figures):
    heatmap = figures[0].nth(1)
    assert heatmap.evaluate(GROUND) == rgb(LIGHT.paper)
    area = heatmap.locator('.nsewdrag[data-subplot="xy"]')
    area.scroll_into_view_if_needed()
    area.hover()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 200)
    page.wait_for_function("(before) => scrollY > before", arg=before)

    # What a reader has moved stays where it is.
    area.scroll_into_view_if_needed()
    axis = "(place) => place.querySelector('.js-plotly-plot').layout.xaxis.range"
    opened = heatmap.evaluate(axis)
    box = area.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (100 if opened[0] > 5 else -100), y, steps=4)
    page.mouse.up()
    page.wait_for_timeout(300)
    moved = heatmap.evaluate(axis)
    assert moved != opened
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"(ground) => ({GROUND})(document.querySelectorAll('ce-figure')[1]) === ground",
        arg=rgb(DARK.paper),
    )
    assert heatmap.evaluate(axis) == moved

    wide = heatmap.locator(".main-svg").first.bounding_box()
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_function(
        "(wide) => document.querySelectorAll('ce-figure .main-svg')[0].clientWidth < wide",
        arg=wide["width"],
    )
    assert heatmap.locator(".main-svg").first.bounding_box()["height"] == wide["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == 900


def test_a_figure_is_drawn_before_jupyterlabs_scripts_have_come_and_once(page, serve_cells):
    held = []  # None once scripts are no longer held
    scripts = re.compile(r"/voila/static/\d+\.voila\.js$")
    page.route(scripts, lambda route: route.continue_() if held is None else held.append(route))
    page.goto(serve_cells(*CELLS), wait_until="commit")
    figures = page.locator("ce-figure")
    for number in range(4):  # the fifth stands in a widget, which needs those scripts
        figures.nth(number).locator(".main-svg").first.wait_for()
    plots = page.locator(".ce-figure-plot")
    plots.evaluate_all("(plots) => plots.forEach((plot) => (plot.drawnBefore = true))")
    status = page.get_by_role("status").get_by_text("Preparing the page …")
    assert status.is_visible()
    assert page.locator("#main").count() == 0

    waiting, held = held, None
    for script in waiting:
        script.continue_()
    figures.nth(4).locator(".main-svg").first.wait_for()
    assert page.locator("#main ce-figure").count() == 5
    assert status.count() == 0
    before = plots.evaluate_all("(plots) => plots.map((plot) => plot.drawnBefore === true)")
    assert before == [True] * 4 + [False]
    page.emulate_media(color_scheme="dark")  # they follow the theme after they were moved
    page.wait_for_function(
        f"(ground) => ({GROUND})(document.querySelectorAll('ce-figure')[1]) === ground",
        arg=rgb(DARK.paper),
    )
