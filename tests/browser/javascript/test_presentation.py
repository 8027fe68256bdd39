"""Presentation: what is seen, the keys, and the sum so far."""

from contextlib import contextmanager

import pytest

from tests.browser.javascript.parts_page import next_frame, parts_page
from tests.browser.javascript.results import result_of

PARTS = {"text/presentation.js": "presentation", "text/links.js": "links"}
ENDS = """() => {
  const below = document.createElement('p');
  below.className = 'ce-not-presented';
  below.textContent = 'below';
  document.querySelector('main').append(below);
}"""


@contextmanager
def presented(browser, **options):
    traits = {"result": result_of(**options).data}
    viewport = {"width": 1280, "height": 720}
    with parts_page(browser, PARTS, traits=traits, viewport=viewport) as page:
        page.evaluate(ENDS)
        page.get_by_role("button", name="Present").click()
        yield page


@pytest.fixture
def page(browser):
    with presented(browser) as page:
        yield page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    next_frame(page)


def so_far(page):
    return page.locator(".ce-presentation-sum").inner_text()


def lit(page):
    return page.locator(".ce-links-word.ce-links-lit .ce-links-text").all_text_contents()


def test_large_type_and_nothing_but_what_is_presented(page):
    assert page.evaluate("document.querySelector('main').classList.contains('ce-presenting')")
    assert not page.get_by_text("below").is_visible()
    assert not page.get_by_role("button", name="Present", exact=True).is_visible()
    box = page.locator("main").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1280, 720)
    assert (
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)") >= 20
    )


@pytest.mark.parametrize("key", ["ArrowRight", "PageDown", " "])
def test_keys_go_on_from_word_to_word(page, key):
    if key == " ":
        page.evaluate("document.activeElement.blur()")  # on a button it is a press
    rows = page.evaluate("bus.rows")
    press(page, key)
    assert lit(page) == ["Elephants", "elephant"]
    assert so_far(page) == f"{rows[0]['value']:.2f} of 6.77 after 1 of 8 query words"
    press(page, key)
    assert lit(page) == ["eat", "consumes"]
    assert so_far(page).startswith(f"{rows[0]['value'] + rows[1]['value']:.2f} of 6.77")


def test_keys_go_back_and_the_last_word_makes_the_score(page):
    press(page, *["PageDown"] * 12)
    assert lit(page) == ["day", "day"]
    rows = page.evaluate("bus.rows")
    terms = [f"{row['value']:.2f}" for row in rows]
    sign = "=" if round(sum(map(float, terms)), 2) == 6.77 else "≈"
    page.set_viewport_size({"width": 900, "height": 720})
    next_frame(page)
    shown = so_far(page)
    assert shown.startswith("… + ")
    assert shown.endswith(f" + {terms[-1]} {sign} 6.77")
    page.set_viewport_size({"width": 1800, "height": 720})
    next_frame(page)
    assert so_far(page) == f"{' + '.join(terms)} {sign} 6.77"
    assert page.get_by_role("button", name="Next query word").is_disabled()
    press(page, "ArrowLeft", "PageUp")
    assert lit(page) == ["food", "food"]
    press(page, *["ArrowLeft"] * 12)
    assert lit(page) == []
    assert so_far(page) == "Press → for the first query word"


def test_an_equals_sign_stands_only_where_the_printed_numbers_add_up(browser):
    with presented(browser, query="Cats sleep.", document="Dogs rest.") as page:
        first, second = (row["value"] for row in page.evaluate("bus.rows"))
        press(page, "PageDown")
        assert so_far(page) == f"{first:.2f} of 1.02 after 1 of 2 query words"
        press(page, "PageDown")
        is_equal = round(float(f"{first:.2f}") + float(f"{second:.2f}"), 2) == 1.02
        assert so_far(page) == f"{first:.2f} + {second:.2f} {'=' if is_equal else '≈'} 1.02"
        assert not is_equal
        below = "['0.44', '\u22120.02', '0.10']"
        source = f"import('/text/presentation.js').then((made) => made.sumOf({below}))"
        assert page.evaluate(source) == "0.44 \u2212 0.02 + 0.10"


def test_h_and_l_choose_the_picture(page):
    press(page, "h", "l", "L")
    shown = page.evaluate("shown.filter(([what]) => what === 'show').map(([, picture]) => picture)")
    assert shown == ["heatmap", "links", "links"]


def test_who_points_elsewhere_comes_back_to_the_step(page):
    press(page, "PageDown")
    page.locator(".ce-links-word", has_text="kg").first.hover()
    next_frame(page)
    assert lit(page) == ["kg", "kg"]
    page.mouse.move(1279, 719)
    next_frame(page)
    next_frame(page)
    assert lit(page) == ["Elephants", "elephant"]


def test_escape_and_the_end_of_full_screen_leave(page):
    press(page, "PageDown", "Escape")
    assert not page.evaluate("document.querySelector('main').classList.contains('ce-presenting')")
    assert page.evaluate("document.activeElement.textContent") == "Present"
    assert lit(page) == []
    assert page.evaluate("document.fullscreenElement") is None
    press(page, "PageDown")
    assert lit(page) == []  # keys are the page's own again
    page.get_by_role("button", name="Present").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("!document.querySelector('main').classList.contains('ce-presenting')")


@pytest.fixture
def page_with_info(browser):
    parts = {
        **PARTS,
        "heatmap/headline.js": "headline",
        "heatmap/readout.js": "readout",
    }
    with parts_page(browser, parts, traits={"result": result_of().data}) as page:
        page.get_by_role("button", name="Present").click()
        press(page, "PageDown")
        yield page


def is_presenting(page):
    return page.evaluate("document.querySelector('main').classList.contains('ce-presenting')")


def test_escape_closes_an_open_box_and_only_then_leaves(page_with_info):
    page = page_with_info
    box = page.locator(".ce-headline-about")
    page.get_by_role("button", name="What the numbers are").click()
    for focus in ("sign", "step"):
        if focus == "step":
            page.get_by_role("button", name="What the numbers are").click()
            page.get_by_role("button", name="Next query word").focus()
        assert box.is_visible(), focus
        press(page, "Escape")
        assert box.is_hidden(), focus
        assert is_presenting(page), focus
    # The browser's own Escape, which ends full screen: the window stays filled.
    page.get_by_role("button", name="What the numbers are").click()
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("document.fullscreenElement === null")
    next_frame(page)
    assert box.is_hidden()
    assert is_presenting(page)
    press(page, "Escape")
    assert not is_presenting(page)


def test_nothing_of_the_step_stays_but_a_pinned_pair(page_with_info):
    page = page_with_info
    line = page.locator(".ce-readout-line")
    assert line.inner_text().startswith("Elephants → elephant")
    press(page, "Escape")
    assert line.inner_text() == "Point at a word or a cell to see its match."
    page.get_by_role("button", name="Present").click()
    press(page, "PageDown")
    page.get_by_role("button", name="Pin").click()
    press(page, "PageDown", "Escape")
    assert line.inner_text().startswith("Elephants → elephant")


def test_without_full_screen_the_window_is_filled(browser):
    traits = {"result": result_of().data}
    with parts_page(browser, PARTS, traits=traits) as page:
        page.evaluate(
            "() => { Element.prototype.requestFullscreen = async () => { throw new Error('no') } }"
        )
        page.get_by_role("button", name="Present").click()
        next_frame(page)
        assert page.evaluate("document.querySelector('main').classList.contains('ce-presenting')")


def test_rows_come_in_the_order_in_which_they_are_shown(browser):
    with presented(browser, order="contribution", unscored=True) as page:
        press(page, "PageDown")
        assert lit(page) == ["food", "food"]  # adds most


def test_no_key_says_anything_to_python(page):
    press(page, "PageDown", "h", "PageUp", "Escape")
    assert page.evaluate("sent") == []
