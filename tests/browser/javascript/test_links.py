"""The links between query words and their matches: where they end, and what lights them."""

import re
from contextlib import contextmanager

import pytest

from tests.browser.javascript.modules import call
from tests.browser.javascript.parts_page import next_frame, parts_page
from tests.browser.javascript.results import (
    ARABIC,
    CHINESE_AND_EMOJI,
    HEBREW_AND_ENGLISH,
    result_of,
)

LIT = """Array.from(
  document.querySelectorAll('.ce-links-word.ce-links-lit'), (node) => node.firstChild.textContent,
)"""
#: For each arc: its ends, the boxes of the words that it should join, and its row.
ENDS = r"""() => Array.from(document.querySelectorAll('.ce-links-arc'), (arc) => {
  const row = Number(arc.dataset.row);
  const frame = document.querySelector('.ce-links').getBoundingClientRect();
  const box = (side, place) => {
    const word = document.querySelector(`[data-${side}="${place}"].ce-links-word`);
    const { left, right, top, bottom } = word.getBoundingClientRect();
    const [x, y] = [frame.left, frame.top];
    return { left: left - x, right: right - x, top: top - y, bottom: bottom - y };
  };
  const path = arc.querySelector('path').getAttribute('d');
  const numbers = path.match(/-?[\d.]+/g).map(Number);
  const [from, to] = [box('row', row), box('column', bus.rows[row].column)];
  return { row, start: numbers.slice(0, 2), end: numbers.slice(-2), from, to };
})"""


@contextmanager
def links_page(browser, *texts, size=(1280, 720), theme="light", **options):
    traits = {"result": result_of(*texts, **options).data}
    viewport = {"width": size[0], "height": size[1]}
    parts = {"text/links.js": "links"}
    with parts_page(browser, parts, traits=traits, theme=theme, viewport=viewport) as page:
        page.locator(".ce-links-arc").first.wait_for(state="attached")
        yield page


@pytest.fixture
def page(browser):
    with links_page(browser) as page:
        yield page


def assert_arcs_join_their_words(page):
    arcs = page.evaluate(ENDS)
    matched = page.evaluate("bus.rows.filter((row) => row.column !== null).length")
    assert len(arcs) == matched > 0
    for arc in arcs:
        for (x, y), box, edge in (
            (arc["start"], arc["from"], "bottom"),
            (arc["end"], arc["to"], "top"),
        ):
            assert box["left"] <= x <= box["right"], arc
            assert y == pytest.approx(box[edge], abs=1), arc


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (600, 700)])
@pytest.mark.parametrize("texts", [(), ARABIC, HEBREW_AND_ENGLISH, CHINESE_AND_EMOJI])
def test_each_arc_joins_a_query_word_and_its_match(browser, texts, size):
    with links_page(browser, *texts, size=size) as page:
        assert_arcs_join_their_words(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_word_of_several_tokens_says_how_many(browser):
    with links_page(browser, "houseplants grow", "Plants in a house grow.") as page:
        words = page.locator(".ce-links-line").first.locator(".ce-links-word")
        grid = result_of("houseplants grow", "Plants in a house grow.").data["grid"]
        row = next(row for row in grid["rows"] if row["label"] == "houseplants")
        assert row["pieces"] > 1
        value = words.first.locator(".ce-links-value").inner_text()
        assert value == f"{row['value'] / row['pieces']:.2f} · {row['pieces']} tokens"
        assert f"together they add {row['value']:.2f}" in words.first.get_attribute("title")
        assert "tokens" not in words.nth(1).inner_text()


def test_arcs_follow_when_the_window_changes_its_width(page):
    page.set_viewport_size({"width": 520, "height": 800})
    next_frame(page)
    next_frame(page)
    assert_arcs_join_their_words(page)


def test_arcs_of_tokens_in_any_order_join_their_words(browser):
    with links_page(browser, level="token", order="contribution", unscored=True) as page:
        assert_arcs_join_their_words(page)
        shown = page.locator(".ce-links-line").first.locator(".ce-links-text").all_text_contents()
        assert shown[:4] == ["[CLS]", "Elephants", "eat", "150"]  # as the query has them


def test_words_run_from_right_to_left_as_their_text_does(browser):
    with links_page(browser, *ARABIC, level="token", unscored=True) as page:
        left = page.locator(".ce-links-line").nth(1).locator(".ce-links-word")
        first, last = left.first.bounding_box(), left.last.bounding_box()
        assert first["x"] > last["x"]


def test_pointing_at_a_word_or_an_arc_lights_the_pair_without_python(page):
    page.locator(".ce-links-word", has_text="consumes").hover()
    next_frame(page)
    assert page.evaluate(LIT) == ["eat", "consumes"]
    x, y = page.evaluate(
        """() => {
          const frame = document.querySelector('.ce-links').getBoundingClientRect();
          const path = document.querySelector('.ce-links-arc[data-row="7"] path');
          const { x, y } = path.getPointAtLength(0.9 * path.getTotalLength());
          return [x + frame.left, y + frame.top];
        }"""
    )
    page.mouse.move(x, y)
    next_frame(page)
    assert page.evaluate(LIT) == ["day", "day"]
    assert page.locator(".ce-links-arc.ce-links-lit").get_attribute("data-row") == "7"
    page.mouse.click(x, y)
    next_frame(page)
    assert page.evaluate("bus.pinned.row") == 7
    page.mouse.move(1, 1)
    next_frame(page)
    assert page.evaluate(LIT) == ["day", "day"]  # pinned
    assert page.evaluate("sent") == []


def test_two_words_that_are_no_match_are_joined_by_a_line_of_their_own(page):
    page.evaluate("bus.point({ row: 1, column: 0 })")
    next_frame(page)
    assert page.evaluate(LIT) == ["eat", "Every"]
    assert page.locator(".ce-links-other").count() == 1
    page.evaluate("bus.point(bus.pairOfRow(1))")
    next_frame(page)
    assert page.locator(".ce-links-other").count() == 0


def test_the_keyboard_walks_the_query_words_and_pins(page):
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    next_frame(page)
    assert page.evaluate(LIT) == ["eat", "consumes"]
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    next_frame(page)
    assert page.evaluate("bus.pinned.row") == 7
    assert page.locator(".ce-links [tabindex='0']").count() == 1


def test_a_long_document_shows_its_matches_with_their_neighbours(browser):
    quiet = "Rivers carry cold water past towns where people trade salt. " * 30
    with links_page(browser, "cats eat fish", f"{quiet}Cats eat fish. {quiet}") as page:
        line = page.locator(".ce-links-line").nth(1).inner_text().split()
        assert line[0] == line[-1] == "…"
        assert {"Cats", "eat", "fish"} < set(line)
        assert len(line) < 20
        assert_arcs_join_their_words(page)


@pytest.mark.parametrize(
    ("n_columns", "matches", "shown"),
    [
        (3, [1], [0, 1, 2]),
        (100, [0], [0, 1, 2, None]),
        (100, [50, 53], [None, 48, 49, 50, 51, 52, 53, 54, 55, None]),
        (100, [10, 90], [None, 8, 9, 10, 11, 12, None, 88, 89, 90, 91, 92, None]),
        (100, [99], [None, 97, 98, 99]),
        (100, [], [None]),
    ],
)
def test_columns_are_chosen_around_the_matches(page, n_columns, matches, shown):
    columns = [{"rows": [0] if k in matches else []} for k in range(n_columns)]
    assert call(page, "text/links.js", "chosenColumns", {"columns": columns}) == shown


def test_arcs_to_one_word_end_beside_each_other_without_crossing(page):
    word = {"left": 100, "top": 50, "width": 30, "bottom": 60}
    pairs = [
        {
            "row": row,
            "column": 0,
            "from": {"left": left, "top": 0, "width": 10, "bottom": 9},
            "to": word,
        }
        for row, left in ((0, 300), (1, 10))
    ]
    ends = {arc["row"]: arc["end"] for arc in call(page, "text/links.js", "arcEnds", pairs)}
    assert ends == {1: {"x": 110, "y": 50}, 0: {"x": 120, "y": 50}}


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("cats פיל", "ltr"),
        ("150 פיל cats", "rtl"),
        ("الفيل", "rtl"),
        ("大象", "ltr"),
        ("🐘", "ltr"),
    ],
)
def test_the_direction_is_that_of_the_first_letter(page, text, direction):
    assert call(page, "text/links.js", "directionOf", text) == direction


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_for_accessibility(browser, axe, theme):
    with links_page(browser, theme=theme) as page:
        assert axe(page) == []


def test_colour_and_width_are_those_of_the_similarity(page):
    arcs = page.evaluate(
        """() => Array.from(document.querySelectorAll('.ce-links-arc'), (arc) => {
          const row = bus.rows[arc.dataset.row];
          const path = arc.lastElementChild;
          const width = Number(path.getAttribute('stroke-width'));
          return [row.value / row.pieces, width, path.style.stroke, row.colour];
        })"""
    )
    widths = [width for _, width, *_ in sorted(arcs)]
    assert widths == sorted(widths)
    assert len(set(widths)) > 1
    for *_, stroke, colour in arcs:
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        assert [int(n) for n in re.findall(r"\d+", stroke)] == [red, green, blue]
