"""Headline, heatmap and read-out in a blank page, with results as Python writes them."""

from contextlib import contextmanager
from functools import cache
from pathlib import Path

import plotly
import pytest

from colbert_explain.analysis import rank
from colbert_explain.explanation import explain
from colbert_explain.views.page_data.result import page_result
from tests.browser.javascript.parts_page import compose, parts_page
from tests.conftest import ToyEncoder

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PARTS = {f"heatmap/{name}.js": name for name in ("headline", "heatmap", "readout")}
QUERY = "Elephants eat 150 kg of food"
SHORT = "Every elephant will eat roughly 150 kg of food, they say."
#: Its matches lie far apart: no window holds them all.
LONG = " ".join(
    [
        *("Elephants live here.", *["Rivers carry cold water past old towns."] * 40),
        *("They eat 150 kg.", *["People trade salt and cloth near warm stones."] * 40),
        "All of it is food.",
    ]
)
#: Resolves when the next frame has been painted.
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@cache
def result(document=SHORT, query=QUERY, **options):
    x = explain(query, document, ToyEncoder(document_length=5_000))
    return page_result(x, **options).data


@cache
def ranked():
    ranking = rank(QUERY, {"one": SHORT, "two": "Cats eat fish."}, ToyEncoder())
    return page_result(ranking.explanations[0], ranking=ranking, position=0).data


@contextmanager
def heatmap_page(browser, **options):
    viewport = {"width": 1100, "height": 700}
    traits = {"result": {}}
    with parts_page(browser, PARTS, traits=traits, viewport=viewport, **options) as page:
        page.add_script_tag(path=PLOTLY)
        yield page


@pytest.fixture
def page(shared, browser):
    page = shared.get("heatmap page", lambda: heatmap_page(browser))
    page.set_viewport_size({"width": 1100, "height": 700})
    page.mouse.move(0, 0)
    page.evaluate("() => { for (const part of Object.values(made)) part.destroy() }")
    compose(page, PARTS, traits={"result": {}})
    return page


def show(page, data):
    page.evaluate("(data) => model.change('result', data)", data)
    page.wait_for_function(
        "() => document.querySelector('.ce-heatmap-place .heatmaplayer')?.childElementCount > 0"
    )
    page.evaluate(FRAME)


def present(page, room):
    """Show the heatmap as a presentation does, in so many pixels."""
    page.evaluate(
        """(pixels) => {
          document.querySelector("main").classList.add("ce-presenting");
          window.room = pixels;
          made.heatmap.arrange();
        }""",
        room,
    )
    page.evaluate(FRAME)


#: The columns in view.
RANGE = "[...document.querySelector('.ce-heatmap-place .js-plotly-plot').layout.xaxis.range]"


def in_view(page):
    return page.evaluate(RANGE)


def wait_for_columns(page, condition):
    """Wait until a condition of how many columns are in view holds."""
    page.wait_for_function(f"() => {{ const [l, r] = {RANGE}; return r - l {condition}; }}")


def middle(page, row, column):
    """The middle of a cell in the window, from where Plotly has its axes."""
    return page.evaluate(
        """([row, column]) => {
          const plot = document.querySelector(".ce-heatmap-place .js-plotly-plot");
          const { x, y } = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          return [x + xaxis._offset + xaxis.l2p(column), y + yaxis._offset + yaxis.l2p(row)];
        }""",
        [row, column],
    )


def box(page, selector):
    return page.evaluate(
        "(s) => document.querySelector(s).getBoundingClientRect().toJSON()", selector
    )


def focus(page):
    pair = page.evaluate("() => bus.focus")
    return pair and (pair["row"], pair["column"])


def pinned(page):
    pair = page.evaluate("() => bus.pinned")
    return pair and (pair["row"], pair["column"])


def lit_cell(page):
    """The middle of the cell that is outlined, or None."""
    if page.locator(".ce-heatmap-on-cell").is_hidden():
        return None
    found = box(page, ".ce-heatmap-on-cell")
    return pytest.approx(
        (found["x"] + found["width"] / 2, found["y"] + found["height"] / 2), abs=1.5
    )


def line(page):
    return page.locator(".ce-readout-line").text_content()


def column_of(data, label):
    return next(k for k, column in enumerate(data["grid"]["columns"]) if column["label"] == label)


def row_of(data, label):
    return next(k for k, row in enumerate(data["grid"]["rows"]) if row["label"] == label)


def test_pointing_at_a_cell_lights_it_at_the_next_frame_and_sends_nothing(page):
    data = result()
    show(page, data)
    row, column = row_of(data, "eat"), column_of(data, "roughly")
    at = middle(page, row, column)
    page.mouse.move(*at)
    page.evaluate(FRAME)
    assert focus(page) == (row, column)
    assert lit_cell(page) == at
    lit = page.locator(".ce-heatmap-lit").all_text_contents()
    assert sorted(lit) == ["eat", "roughly"]
    assert line(page).startswith("eat \N{MULTIPLICATION SIGN} roughly ")
    page.mouse.move(5, 5)
    page.evaluate(FRAME)
    assert focus(page) is None
    assert lit_cell(page) is None
    assert page.evaluate("() => sent") == []


def test_a_pair_pointed_at_elsewhere_is_lit_here(page):
    data = result()
    show(page, data)
    pair = {"row": row_of(data, "kg"), "column": column_of(data, "kg")}
    page.evaluate("(pair) => bus.point(pair)", pair)
    page.evaluate(FRAME)
    assert lit_cell(page) == middle(page, pair["row"], pair["column"])
    assert line(page).startswith("kg → kg 1.00 ")


@pytest.mark.parametrize("part", ["bar", "row label", "column label"])
def test_bars_and_labels_stand_for_the_match(page, part):
    data = result()
    show(page, data)
    row, column = row_of(data, "eat"), column_of(data, "eat")
    x, y = middle(page, row, column)
    if part == "bar":
        adds = box(page, ".ce-heatmap-adds")
        page.mouse.move(adds["x"] + 40, y)
    elif part == "row label":
        page.locator(".ce-heatmap-row", has_text="eat").hover()
    else:
        page.locator(".ce-heatmap-column", has_text="eat").hover()
    page.evaluate(FRAME)
    assert focus(page) == (row, column)
    assert lit_cell(page) == (x, y)


def test_a_column_that_no_row_matches_stands_for_the_nearest_row(page):
    data = result()
    show(page, data)
    column = column_of(data, "roughly")
    page.locator(".ce-heatmap-column", has_text="roughly").hover()
    page.evaluate(FRAME)
    assert data["grid"]["columns"][column]["rows"] == []
    assert focus(page) == (data["grid"]["columns"][column]["nearest"], column)


def test_a_click_pins_and_a_second_one_unpins(page):
    data = result()
    show(page, data)
    row, column = row_of(data, "eat"), column_of(data, "they")
    page.mouse.click(*middle(page, row, column))
    assert pinned(page) == (row, column)
    page.mouse.move(5, 5)
    page.evaluate(FRAME)
    assert page.locator(".ce-heatmap-on-pinned").is_visible()
    assert line(page).startswith("eat \N{MULTIPLICATION SIGN} they ")
    page.mouse.click(*middle(page, row, column))
    assert pinned(page) is None


def test_a_presented_pin_is_told_from_the_step(page):
    show(page, result())
    styles = """() => ["on-pinned", "on-cell", "pinned-label > span", "lit > span"].map((name) =>
      getComputedStyle(document.querySelector(`.ce-heatmap-${name}`)).outlineStyle)"""
    page.evaluate("() => { bus.pin({ row: 1, column: 2 }); bus.point({ row: 0, column: 1 }) }")
    page.evaluate(FRAME)
    sign = page.locator(".ce-legend-signs").get_by_text("pinned")
    assert page.evaluate(styles) == ["solid"] * 4
    assert sign.is_hidden()
    present(page, room=400)
    assert page.evaluate(styles) == ["dotted", "solid", "dotted", "solid"]
    assert sign.is_visible()
    page.evaluate("() => bus.pin(null)")
    page.evaluate(FRAME)
    assert sign.is_hidden()


def test_a_tap_points_and_pins(browser):
    data = result()
    with heatmap_page(browser, has_touch=True) as page:
        show(page, data)
        page.touchscreen.tap(*middle(page, 1, 2))
        page.evaluate(FRAME)
        assert pinned(page) == (1, 2)
        assert line(page).startswith("eat \N{MULTIPLICATION SIGN} ")


def test_the_keys_walk_cells_and_go_from_match_to_match(page):
    data = result()
    show(page, data)
    n_columns = len(data["grid"]["columns"])
    page.keyboard.press("Tab")
    while page.evaluate("() => !document.activeElement.classList.contains('ce-heatmap-grid')"):
        page.keyboard.press("Tab")
    first = data["grid"]["rows"][0]["column"]
    assert focus(page) == (0, first)
    reached = {
        "ArrowDown": (1, first),
        "ArrowRight": (1, first + 1),
        "Home": (1, 0),
        "End": (1, n_columns - 1),
        "n": (1, data["grid"]["rows"][1]["column"]),
        "N": (2, data["grid"]["rows"][2]["column"]),
        "Shift+N": (1, data["grid"]["rows"][1]["column"]),
    }
    for key, pair in reached.items():
        page.keyboard.press(key)
        assert focus(page) == pair, key
    page.keyboard.press("Enter")
    assert pinned(page) == focus(page)
    page.keyboard.press("Escape")
    assert pinned(page) is None
    assert page.evaluate("() => sent") == []


def test_the_keys_scroll_to_cells_out_of_view(page):
    data = result(LONG)
    show(page, data)
    page.locator(".ce-heatmap-grid").focus()
    for row in ("Elephants", "eat", "food"):
        match = data["grid"]["rows"][row_of(data, row)]["column"]
        while focus(page) != (row_of(data, row), match):
            page.keyboard.press("n")
        page.evaluate(FRAME)
        left, right = in_view(page)
        assert left < match < right
        assert lit_cell(page) == middle(page, row_of(data, row), match)
    page.keyboard.press("Home")
    page.evaluate(FRAME)
    assert in_view(page)[0] == -0.5


def test_matches_out_of_view_are_counted_and_lead_there(page):
    data = result(LONG)
    show(page, data)
    left, right = in_view(page)
    found = [row["column"] for row in data["grid"]["rows"]]
    n_right = sum(column >= right for column in found)
    n_left = sum(column <= left for column in found)
    assert n_left + n_right > 0
    counts = page.locator(".ce-heatmap-foot button").all_text_contents()
    wanted = [f"\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK} {n_left} match", f"{n_right} match"]
    assert all(text.startswith(start) for text, start in zip(counts, wanted, strict=True))
    side = ".ce-heatmap-right" if n_right else ".ce-heatmap-left"
    nearest = min(c for c in found if c >= right) if n_right else max(c for c in found if c <= left)
    page.locator(side).click()
    page.evaluate(FRAME)
    left, right = in_view(page)
    assert left < nearest < right
    assert page.locator(f".ce-heatmap-column[data-column='{nearest}']").is_visible()


def test_a_document_in_view_as_a_whole_has_no_strip_and_no_zoom(page):
    show(page, result())
    assert page.locator(".ce-heatmap-foot").is_hidden()
    assert page.locator(".ce-heatmap-zoom").is_hidden()


def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl(page):
    show(page, result(LONG))
    page.set_viewport_size({"width": 1100, "height": 300})
    page.evaluate(FRAME)
    before = in_view(page)
    page.mouse.move(*middle(page, 1, (before[0] + before[1]) // 2))
    page.mouse.wheel(0, 60)
    page.wait_for_function("() => scrollY === 60")
    assert in_view(page) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    wait_for_columns(page, f"< {before[1] - before[0]}")
    assert page.evaluate("() => scrollY") == 60
    assert_labels_lie_above_their_columns(page)


def assert_labels_lie_above_their_columns(page):
    """Labels that are not moved aside begin in the middle of their column."""
    for column, x in page.evaluate(
        """() => [...document.querySelectorAll(".ce-heatmap-column")].map((node) => {
          const layer = node.parentElement.getBoundingClientRect();
          return [Number(node.dataset.column), layer.x + Number.parseFloat(node.style.left)];
        })"""
    ):
        assert x == pytest.approx(middle(page, 0, column)[0], abs=1), column


def rows_seen(page):
    return page.locator(".ce-heatmap-row:visible").all_text_contents()


def height(page):
    return box(page, ".ce-heatmap-grid")["height"]


MANY = " ".join(f"w{number}" for number in range(100))


def test_a_long_query_is_shown_in_parts_that_buttons_and_keys_lead_through(page):
    data = result(query=MANY)
    show(page, data)
    labels = [row["label"] for row in data["grid"]["rows"]]
    assert len(labels) == 100
    part = page.get_by_role("group", name="Rows in the picture")
    assert "Rows 1 to 30 of 100" in part.inner_text()
    assert rows_seen(page) == labels[:30]
    low = height(page)
    assert low < 640
    page.mouse.move(*middle(page, 3, 1))
    page.mouse.wheel(0, 40)  # the page's own, as ever
    page.wait_for_function("() => scrollY > 0")
    assert rows_seen(page) == labels[:30]
    page.evaluate("() => scrollTo(0, 0)")
    page.get_by_role("button", name="70 rows below").click()
    page.evaluate(FRAME)
    assert rows_seen(page) == labels[30:60]
    assert height(page) == low
    # What is pointed at is the row that is seen there, and lit there.
    at = middle(page, 40, 1)
    page.mouse.move(*at)
    page.evaluate(FRAME)
    assert focus(page) == (40, 1)
    assert lit_cell(page) == at
    # A pair of another part is lit nowhere in this one.
    page.mouse.move(5, 5)
    page.evaluate("() => bus.point({ row: 2, column: 1 })")
    page.evaluate(FRAME)
    assert lit_cell(page) is None
    # Keys and whoever brings a row into view take the part with them.
    page.evaluate("() => made.heatmap.goToRow(95)")
    page.evaluate(FRAME)
    assert labels[95] in rows_seen(page)
    assert height(page) == low
    page.locator(".ce-heatmap-grid").focus()
    page.evaluate("() => bus.point({ row: 67, column: 1 })")
    page.keyboard.press("ArrowUp")
    page.evaluate(FRAME)
    assert labels[66] in rows_seen(page)
    page.get_by_role("button", name="Show all 100 rows").click()
    page.evaluate(FRAME)
    assert rows_seen(page) == labels
    page.get_by_role("button", name="Show 30 rows at once").click()
    page.evaluate(FRAME)
    assert len(rows_seen(page)) == 30
    # Another order begins at its first row.
    show(page, result(query=MANY, order="contribution"))
    assert "Rows 1 to 30 of 100" in part.inner_text()
    show(page, result())
    assert part.is_hidden()


def test_a_presented_part_of_a_long_query_fits_into_its_room(page):
    show(page, result(query=MANY))
    present(page, room=400)
    assert height(page) <= 400
    assert len(rows_seen(page)) >= 10


def test_dragging_moves_the_columns_with_their_labels_and_pins_nothing(page):
    show(page, result(LONG))
    left, right = in_view(page)
    x, y = middle(page, 1, round((left + right) / 2))
    cell = middle(page, 0, 1)[0] - middle(page, 0, 0)[0]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 2 * cell, y, steps=4)
    page.evaluate(FRAME)
    assert_labels_lie_above_their_columns(page)
    page.mouse.up()
    page.evaluate(FRAME)
    assert in_view(page) == pytest.approx(
        [max(left - 2, -0.5), right - min(2, left + 0.5)], abs=0.1
    )
    assert pinned(page) is None


def test_a_wider_window_opens_more_columns_unless_the_reader_has_moved(page):
    show(page, result(LONG))
    before = in_view(page)
    page.set_viewport_size({"width": 1800, "height": 700})
    wait_for_columns(page, f"> {before[1] - before[0]} + 1")
    page.get_by_role("button", name="Zoom in").click()
    page.evaluate(FRAME)
    moved = in_view(page)
    page.set_viewport_size({"width": 1100, "height": 700})
    page.evaluate(FRAME)
    page.evaluate(FRAME)
    assert in_view(page) == pytest.approx(moved)


def test_zoom_buttons_and_reset(page):
    show(page, result(LONG))
    opened = in_view(page)
    for name in ("Zoom in", "Zoom in"):
        page.get_by_role("button", name=name).click()
        page.evaluate(FRAME)
    left, right = in_view(page)
    assert right - left < opened[1] - opened[0]
    assert_labels_lie_above_their_columns(page)
    page.get_by_role("button", name="Reset").click()
    page.evaluate(FRAME)
    assert in_view(page) == pytest.approx(opened)


def test_the_strip_moves_the_view_by_mouse_and_keys(page):
    data = result(LONG)
    show(page, data)
    track = box(page, ".ce-strip-track")
    page.mouse.click(track["x"] + track["width"] * 0.3, track["y"] + 10)
    page.evaluate(FRAME)
    total = len(data["grid"]["columns"])
    left, right = in_view(page)
    assert (left + right) / 2 == pytest.approx(0.3 * total, rel=0.1)
    page.keyboard.press("End")
    page.evaluate(FRAME)
    assert in_view(page)[1] == total - 0.5
    strip = page.locator(".ce-strip-track")
    assert strip.get_attribute("aria-valuetext").startswith(
        f"{int(in_view(page)[0] + 1.5)} to {total}"
    )


def test_the_last_label_of_a_narrow_picture_has_room(page):
    """A slanted label reaches beyond its column."""
    page.set_viewport_size({"width": 600, "height": 700})
    show(page, result("Every elephant eats roughly 150 kg of food says extraordinarily"))
    assert_labels_lie_above_their_columns(page)
    label = box(page, ".ce-heatmap-column:last-child")
    assert 500 < label["right"] <= 600
    row = [0, 9]
    page.mouse.move(*middle(page, *row))
    page.evaluate(FRAME)
    assert focus(page) == tuple(row)
    assert lit_cell(page) == middle(page, *row)


def test_a_label_is_cut_only_where_its_column_is_narrower(page):
    words = ["It", "costs", "misunderstandings"]
    show(page, result(" ".join(words)))
    assert page.locator(".ce-heatmap-column").all_inner_texts() == words
    show(page, result(" ".join(["a", "b", "pneumonoultramicroscopicsilicovolcanoconiosis"] * 9)))
    cut = page.locator(".ce-heatmap-column").nth(2)
    assert cut.inner_text().endswith("…")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1100


@pytest.mark.parametrize("width", [600, 900, 1440, 2560])
def test_it_fits_its_width_and_labels_every_match_in_view(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    for data in (result(), result(LONG), result(LONG, level="token", unscored=True)):
        show(page, data)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        left, right = in_view(page)
        shown = page.evaluate(
            """() => [...document.querySelectorAll(".ce-heatmap-column")]
              .map((node) => Number(node.dataset.column))"""
        )
        found = {row["column"] for row in data["grid"]["rows"]} - {None}
        assert {column for column in found if left < column < right} <= set(shown)
        assert page.locator(".ce-heatmap-adds").is_visible() == (width >= 900)
    page.set_viewport_size({"width": 700, "height": 700})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 700")


def test_numbers_stand_in_cells_that_are_wide_enough(page):
    show(page, result(LONG))
    numbers = "() => document.querySelectorAll('.ce-heatmap-place .textpoint').length"
    assert page.evaluate(numbers) > 0
    for _ in range(3):
        page.get_by_role("button", name="Zoom out").click()
    bars = len(result(LONG)["grid"]["rows"])  # what each row adds stands beside its bar
    page.wait_for_function(f"() => ({numbers})() === {bars}")


def test_options_are_those_of_the_result(page):
    show(page, result())
    page.get_by_role("radio", name="Tokens").check()
    page.get_by_label("Show unscored").check()
    assert page.evaluate("() => sent") == [
        {"options": {"level": "token", "order": "text", "unscored": False}},
        {"options": {"level": "token", "order": "text", "unscored": True}},
    ]
    show(page, result(level="token", unscored=True))
    assert page.locator(".ce-heatmap-row").first.text_content() == "[CLS]"


def test_the_read_out_is_spoken_once_the_reader_stays(page):
    data = result()
    show(page, data)
    spoken = page.locator(".ce-readout [role=status]")
    assert line(page) == "Point at a word or a cell to see its match."
    pair = data["grid"]["rows"][0]["column"]
    page.evaluate("(column) => bus.point({ row: 0, column: column + 1 })", pair)
    page.evaluate(FRAME)
    page.evaluate("(column) => bus.point({ row: 0, column })", pair)
    page.evaluate(FRAME)
    assert spoken.text_content() == ""
    page.wait_for_function("() => document.querySelector('.ce-readout [role=status]').textContent")
    assert spoken.text_content().startswith("Elephants matches ")
    page.get_by_role("button", name="Pin").click()
    assert pinned(page) == (0, pair)
    page.get_by_role("button", name="Unpin").click()
    assert pinned(page) is None


def test_the_headline_says_score_and_shares_and_marks_old_numbers(page):
    show(page, result())
    data = result()["headline"]
    assert (
        page.locator(".ce-headline-number").text_content()
        == f"{data['score']} of {data['possible']}"
    )
    words = page.locator(".ce-headline-words").text_content()
    assert words == "Of the score:" + "".join(share["label"] for share in data["shares"])
    state, node = page.locator(".ce-headline-state"), page.locator(".ce-headline")
    assert state.text_content() == ""
    page.evaluate("() => model.change('work', { busy: true, progress: 0.4 })")
    assert state.text_content() == "updating … 40%"
    assert node.get_attribute("aria-busy") == "true"
    page.evaluate("() => { isStale = true; model.change('work', { busy: false }) }")
    assert state.text_content() == "Scores are for the previous text"
    page.evaluate("() => { isStale = false; made.headline.refresh() }")
    assert state.text_content() == ""


def test_what_the_numbers_are_opens_and_closes(page):
    show(page, result())
    about = page.locator(".ce-headline-about")
    sign = page.get_by_role("button", name="What the numbers are")
    assert about.is_hidden()
    sign.click()
    sentence, facts = about.locator("p").all_text_contents()
    assert sentence.startswith("A similarity is the cosine of the angle between two token vectors")
    assert facts == result()["provenance"]
    about.click()
    assert about.is_visible()
    page.mouse.click(1000, 690)  # anywhere else
    assert about.is_hidden()
    assert sign.get_attribute("aria-expanded") == "false"
    sign.click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert about.is_hidden()


def test_the_contrast_is_copied_by_one_click(page):
    data = ranked()
    show(page, data)
    assert page.locator(".ce-headline-contrast").text_content() == data["contrast"]["sentence"]
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text } }"
    )
    page.get_by_role("button", name="Copy").click()
    page.wait_for_function("() => window.copied")
    assert page.evaluate("() => window.copied") == data["contrast"]["sentence"]
    show(page, result())
    assert page.locator(".ce-headline-contrast").is_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_for_axe(page, axe, theme):
    page.evaluate("(theme) => { document.documentElement.className = `ce-${theme}` }", theme)
    for data in (result(LONG, theme=theme), result(theme=theme, unscored=True)):
        show(page, data)
        page.evaluate("() => bus.point(bus.pairOfRow(1))")
        page.evaluate("() => bus.pin(bus.pairOfRow(2))")
        page.evaluate(FRAME)
        assert axe(page) == []
