"""figure.js in a blank page, with the Plotly that is installed."""

from contextlib import contextmanager
from pathlib import Path

import plotly
import pytest

from tests.browser.javascript.modules import add_styles, blank_page

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
#: A heatmap of 3 x 60 values on axes as ours have them, with bars on the same rows.
FIGURE = """(columns, opening) => ({
  data: [
    { type: "heatmap", hoverinfo: "none", showscale: false,
      z: [0, 1, 2].map((i) => Array.from({ length: columns }, (_, j) => (i + j) % 7)) },
    { type: "bar", orientation: "h", x: [1, 2, 3], y: [0, 1, 2], xaxis: "x3", hoverinfo: "none" },
    { type: "scatter", mode: "lines", x: [0, 1], y: [0, 1], xaxis: "x2", yaxis: "y2",
      hoverinfo: "skip" },
  ],
  layout: {
    height: 260, dragmode: "pan", margin: { l: 60, r: 20, t: 40, b: 30 },
    xaxis: { domain: [0, 0.8], range: opening, minallowed: -0.5, maxallowed: columns - 0.5,
             fixedrange: columns < 20 },
    xaxis2: { domain: [0, 0.8], range: opening, overlaying: "x", matches: "x", side: "top" },
    xaxis3: { domain: [0.82, 1], fixedrange: true },
    yaxis: { range: [2.5, -0.5], fixedrange: true },
    yaxis2: { range: [2.5, -0.5], fixedrange: true, overlaying: "y", matches: "y" },
  },
  config: { scrollZoom: true },
})"""
START = """async () => {
  const { figure } = await import("/figure/figure.js");
  const place = document.createElement("div");
  document.body.append(place);
  const below = document.createElement("div");
  below.style.height = "3000px";
  document.body.append(below);
  window.told = [];
  const tell = (what) => (...told) => window.told.push([what, ...told]);
  window.place = place;
  window.load = async () => window.Plotly;
  window.shown = figure({ place, loadPlotly: () => window.load(), onCell: tell("cell"),
                          onClick: tell("click"), onRange: tell("range") });
}"""


@contextmanager
def figure_page(browser):
    with blank_page(browser, viewport={"width": 900, "height": 700}) as page:
        page.add_script_tag(path=PLOTLY)
        add_styles(page, "figure/figure.js")
        yield page


@pytest.fixture
def page(shared, browser):
    page = shared.get("figure page", lambda: figure_page(browser))
    page.mouse.move(0, 0)
    page.evaluate(
        "() => { window.shown?.destroy(); document.body.replaceChildren(); scrollTo(0, 0) }"
    )
    page.evaluate(START)
    return page


def draw(page, columns=60, opening=(-0.5, 29.5)):
    page.evaluate(f"([n, o]) => shown.draw(({FIGURE})(n, o))", [columns, list(opening)])


def told(page, what):
    return [rest[0] for kind, *rest in page.evaluate("() => window.told") if kind == what]


def middle(page, row, column):
    """The middle of a cell in the window."""
    box = page.evaluate("([r, c]) => shown.cellBox(r, c)", [row, column])
    place = page.evaluate("() => place.getBoundingClientRect().toJSON()")
    return place["x"] + box["x"] + box["width"] / 2, place["y"] + box["y"] + box["height"] / 2


def in_view(page):
    return page.evaluate("() => [...place.querySelector('.js-plotly-plot').layout.xaxis.range]")


def settle(page):
    page.evaluate("() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 17), (1, 29)])
def test_a_cell_that_is_pointed_at_or_clicked_is_named(page, row, column):
    draw(page)
    page.mouse.move(*middle(page, row, column))
    page.wait_for_function("() => told.some(([what]) => what === 'cell')")
    cell = {"row": row, "column": column, "part": "cell"}
    assert told(page, "cell") == [cell]
    page.mouse.click(*middle(page, row, column))
    page.wait_for_function("() => told.some(([what]) => what === 'click')")
    assert told(page, "click") == [cell]
    page.mouse.move(5, 690)
    page.wait_for_function("() => told.at(-1)[1] === null")


def test_a_bar_that_is_pointed_at_is_named_by_its_row(page):
    draw(page)
    box = page.locator(".barlayer .point path").nth(1).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => told.some(([what]) => what === 'cell')")
    assert told(page, "cell") == [{"row": 1, "column": None, "part": "bar"}]


def test_the_wheel_scrolls_the_page_and_zooms_with_control(page):
    draw(page)
    where = middle(page, 1, 5)
    page.mouse.move(*where)
    page.mouse.wheel(0, 120)
    page.wait_for_function("() => scrollY > 0")
    assert in_view(page) == [-0.5, 29.5]
    page.evaluate("() => scrollTo(0, 0)")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => told.some(([what]) => what === 'range')")
    left, right = in_view(page)
    assert right - left == pytest.approx(30 / 1.3**2)
    assert page.evaluate("() => scrollY") == 0
    # What lay below the pointer still does.
    x, _ = middle(page, 1, 5)
    assert x == pytest.approx(where[0], abs=2)
    assert told(page, "range")[-1] == [left, right]
    assert page.evaluate("() => place.querySelector('.js-plotly-plot').layout.xaxis2.range") == [
        left,
        right,
    ]


def test_a_drag_moves_the_columns(page):
    draw(page)
    x, y = middle(page, 1, 20)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y, steps=5)
    page.mouse.up()
    page.wait_for_function("() => told.some(([what]) => what === 'range')")
    left, right = in_view(page)
    assert left > 1
    assert right - left == pytest.approx(30)
    assert told(page, "click") == []


def test_buttons_zoom_where_there_is_something_to_zoom(page):
    draw(page)
    closer, out = (page.get_by_role("button", name=f"Zoom {way}") for way in ("in", "out"))
    closer.click()
    page.wait_for_function("() => told.some(([what]) => what === 'range')")
    left, right = in_view(page)
    assert (left + right) / 2 == pytest.approx(14.5)
    assert right - left == pytest.approx(30 / 1.6)
    for _ in range(3):
        out.click()
        settle(page)
    assert in_view(page) == [-0.5, 59.5]
    assert out.is_disabled()
    for _ in range(8):
        if closer.is_enabled():
            closer.click()
            settle(page)
    assert closer.is_disabled()
    draw(page, columns=12, opening=(-0.5, 11.5))
    assert not closer.is_visible()


def test_a_range_is_set_without_being_told_back(page):
    draw(page)
    page.evaluate("() => shown.setRange([50, 80])")
    page.wait_for_function(
        "() => place.querySelector('.js-plotly-plot').layout.xaxis.range[1] === 59.5"
    )
    assert in_view(page) == [29.5, 59.5]
    settle(page)
    assert told(page, "range") == []


def test_it_follows_the_width_of_its_place_and_keeps_its_height(page):
    draw(page)
    before = page.locator(".main-svg").first.bounding_box()
    page.evaluate("() => { place.style.width = '500px' }")
    page.wait_for_function("() => place.querySelector('.main-svg').getAttribute('width') === '500'")
    page.evaluate("() => { place.style.width = '' }")
    page.wait_for_function("() => place.querySelector('.main-svg').getAttribute('width') > 800")
    assert page.locator(".main-svg").first.bounding_box() == before


def test_drawn_while_hidden_it_appears_when_it_is_shown(page):
    page.evaluate("() => { place.parentElement.style.display = 'none' }")
    draw(page)
    assert page.locator(".main-svg").count() == 0
    page.evaluate("() => { place.parentElement.style.display = '' }")
    page.locator(".heatmaplayer image").wait_for()
    assert page.evaluate("() => place.querySelector('.main-svg').getAttribute('width') > 800")


def test_drawn_while_hidden_for_less_than_a_frame_it_appears(page):
    settle(page)  # the observer has seen the place with its width
    page.evaluate(
        """(figure) => {
          place.parentElement.style.display = "none";
          shown.draw(figure);
          place.parentElement.style.display = "";
        }""",
        page.evaluate(f"() => ({FIGURE})(60, [-0.5, 29.5])"),
    )
    page.locator(".heatmaplayer image").wait_for()


def test_a_click_just_after_the_pointer_came_names_the_cell_under_it(page):
    draw(page)
    page.mouse.move(*middle(page, 2, 11))
    page.wait_for_function("() => told.at(-1)[1]?.column === 11")
    page.mouse.click(*middle(page, 1, 20))
    page.wait_for_function("() => told.some(([what]) => what === 'click')")
    assert told(page, "click") == [{"row": 1, "column": 20, "part": "cell"}]


def test_nothing_is_drawn_after_it_was_destroyed(page):
    page.evaluate(
        "() => { window.load = () => new Promise((give) => { window.give = () => give(Plotly) }) }"
    )
    page.evaluate(f"() => {{ shown.draw(({FIGURE})(60, [-0.5, 29.5])); shown.destroy(); give(); }}")
    settle(page)
    assert page.evaluate("() => place.childElementCount") == 0


def test_the_last_of_several_figures_stays(page):
    page.evaluate(
        f"() => Promise.all([60, 12].map((n) => shown.draw(({FIGURE})(n, [-0.5, 11.5]))))"
    )
    assert page.evaluate("() => place.querySelector('.js-plotly-plot').data[0].z[0].length") == 12
    page.evaluate("() => shown.draw(null)")
    assert not page.locator(".main-svg").count()
    draw(page)
    page.mouse.move(*middle(page, 1, 3))
    page.wait_for_function("() => told.some(([what]) => what === 'cell')")


def test_it_says_when_the_script_does_not_come_and_draws_when_it_does(page):
    page.evaluate("() => { load = () => Promise.reject(new Error('no')) }")
    draw(page)
    assert "could not be drawn" in page.get_by_role("alert").inner_text()
    page.evaluate("() => { load = async () => window.Plotly }")
    draw(page)
    page.locator(".heatmaplayer image").wait_for()
    assert page.get_by_role("alert").inner_text() == ""
