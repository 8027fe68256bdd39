"""The query and the document as text: pointing, pinning, folding, and words that are removed."""

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

PARTS = {"text/text.js": "documentText"}
QUIET = "Nothing here is about them. " * 120
MINUS = "\N{MINUS SIGN}"
BOX = ".ce-text-box"
LIT = "Array.from(document.querySelectorAll('.ce-text-lit'), (node) => node.textContent)"


@contextmanager
def text_page(browser, *texts, theme="light", size=(900, 700), **traits):
    traits = {"result": result_of(*texts).data} | traits
    viewport = {"width": size[0], "height": size[1]}
    with parts_page(browser, PARTS, traits=traits, theme=theme, viewport=viewport) as page:
        next_frame(page)
        yield page


@pytest.fixture
def page(browser):
    with text_page(browser) as page:
        yield page


def word(page, text, side=BOX):
    return page.locator(f"{side} .ce-text-word", has_text=text).first


def column_of(page, label):
    return page.evaluate("(label) => bus.columns.findIndex((one) => one.label === label)", label)


@pytest.mark.parametrize("texts", [(), ARABIC, HEBREW_AND_ENGLISH, CHINESE_AND_EMOJI])
def test_the_segments_are_the_texts(browser, texts):
    with text_page(browser, *texts) as page:
        shown = page.evaluate(
            """() => ['.ce-text-query', '.ce-text-box']
              .map((one) => document.querySelector(one).textContent)"""
        )
        result = result_of(*texts).data
        assert shown == [result["query"], result["document"]]


def test_pointing_at_a_word_lights_its_pair_at_the_next_frame_without_python(page):
    word(page, "consumes").hover()
    next_frame(page)
    assert page.evaluate(LIT) == ["eat", "consumes"]
    assert page.evaluate("bus.focus.column") == column_of(page, "consumes")
    word(page, "food", ".ce-text-query").hover()
    next_frame(page)
    assert page.evaluate(LIT) == ["food", "food"]
    page.mouse.move(0, 0)
    next_frame(page)
    assert page.evaluate(LIT) == []
    assert page.evaluate("sent") == []


def test_a_word_that_no_query_word_chose_is_lit_alone(page):
    word(page, "average").hover()
    next_frame(page)
    assert page.evaluate(LIT) == ["average"]
    assert page.evaluate("bus.focus") == {"row": None, "column": column_of(page, "average")}
    word(page, "average").click()
    assert page.evaluate("bus.pinned") is None


def test_another_part_lights_words_here_and_the_best_match_beside_them(page):
    other = column_of(page, "average")
    page.evaluate("(column) => bus.point({ row: 1, column })", other)
    next_frame(page)
    assert page.evaluate(LIT) == ["eat", "average"]
    assert page.locator(".ce-text-match").all_text_contents() == ["consumes"]


def test_a_click_pins_and_a_second_one_unpins(page):
    word(page, "consumes").click()
    next_frame(page)
    assert page.locator(".ce-text-pinned").all_text_contents() == ["eat", "consumes"]
    assert word(page, "consumes").get_attribute("aria-pressed") == "true"
    word(page, "consumes").click()
    next_frame(page)
    assert page.locator(".ce-text-pinned").count() == 0
    assert page.locator("[aria-pressed=true]").count() == 0


def test_the_keyboard_goes_from_match_to_match_and_pins(page):
    assert page.locator(".ce-text [tabindex='0']").all_text_contents() == ["day"]
    focused = "document.activeElement.textContent"
    page.keyboard.press("Tab")
    seen = [page.evaluate(focused)]
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowRight", "ArrowDown", "Home", "End"):
        page.keyboard.press(key)
        seen.append(page.evaluate(focused))
    assert seen == ["day", "elephant", "consumes", "eat", "150", "150", "day", "food"]
    next_frame(page)
    assert page.evaluate(LIT) == ["food", "food"]
    page.keyboard.press("Enter")
    next_frame(page)
    assert page.locator(".ce-text-pinned").all_text_contents() == ["food", "food"]
    assert page.locator(".ce-text [tabindex='0']").count() == 1
    assert page.evaluate("sent") == []


def test_left_is_onwards_in_a_text_from_right_to_left(browser):
    with text_page(browser, *ARABIC) as page:
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.getBoundingClientRect().left")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") < first


# What if


def drag(page, first, last):
    start, end = (word(page, text).bounding_box() for text in (first, last))
    page.mouse.move(start["x"] + 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 2, end["y"] + end["height"] / 2, steps=4)
    page.mouse.up()
    next_frame(page)


def test_words_are_marked_by_dragging_and_removed(page):
    drag(page, "150", "kg")
    remove = page.get_by_role("button", name="Remove “150 kg”")
    assert page.locator(".ce-what-if-marked").all_text_contents() == ["150", " ", "kg"]
    assert page.evaluate("bus.pinned") is None
    remove.click()
    first = column_of(page, "150")
    assert page.evaluate("sent") == [{"event": "what_if", "first": first, "stop": first + 2}]
    assert page.locator(".ce-what-if-marked").count() == 0


def test_half_a_word_is_marked_whole(page):
    start, end = (word(page, text).bounding_box() for text in ("consumes", "roughly"))
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 8, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Remove “consumes roughly”").wait_for()


#: Let the text end at the lower edge of the window, with room below it to scroll.
AT_THE_EDGE = """() => {
  document.body.append(Object.assign(document.createElement('div'), { style: 'height: 2000px' }));
  const { bottom } = document.querySelector('.ce-text-box').getBoundingClientRect();
  scrollTo(0, bottom - innerHeight + 2);
  return scrollY;
}"""
IN_SIGHT = """(selector) => {
  const { top, bottom } = document.querySelector(selector).getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}"""
SELECTED = "document.getSelection().toString()"


def test_a_drag_selects_nothing_and_scrolls_nothing_until_it_ends(browser):
    with text_page(browser, size=(900, 90)) as page:
        before = page.evaluate(AT_THE_EDGE)
        start, end = (word(page, text).bounding_box() for text in ("consumes", "roughly"))
        page.mouse.move(start["x"] + 2, start["y"] + 8)
        page.mouse.down()
        for step in range(10):
            page.mouse.move(end["x"] + 2 * step, 89)
            next_frame(page)
            assert (page.evaluate("scrollY"), page.evaluate(SELECTED)) == (before, "")
        marked = page.locator(".ce-what-if-marked")
        assert marked.all_text_contents() == ["consumes", " ", "roughly"]
        page.mouse.up()
        next_frame(page)
        assert page.evaluate(SELECTED) == "consumes roughly"  # so that it can be copied
        assert marked.all_text_contents() == ["consumes", " ", "roughly"]


def test_a_drag_goes_backwards_and_beyond_the_text(page):
    first, last = (word(page, text).bounding_box() for text in ("150", "kg"))
    page.mouse.move(last["x"] + last["width"] - 2, last["y"] + 8)
    page.mouse.down()
    page.mouse.move(first["x"] + 2, first["y"] + 8, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Remove “150 kg”").wait_for()
    start, box = word(page, "kg").bounding_box(), page.locator(BOX).bounding_box()
    page.mouse.move(start["x"] + 2, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] + 90, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Remove “kg of food”").wait_for()


def test_a_drag_leaves_a_field_and_a_press_on_a_fold_opens_it(browser):
    with text_page(browser, "cats eat", "Cats eat fish. " + QUIET + QUIET) as page:
        page.evaluate("document.body.append(document.createElement('input'))")
        page.locator("input").focus()
        drag(page, "Cats", "eat")
        assert page.evaluate("document.activeElement === document.body")
        page.locator(".ce-text-fold > summary").first.click()
        assert page.locator(".ce-text-fold").first.evaluate("(fold) => fold.open")


def test_a_double_click_marks_a_word_and_selects_it(page):
    word(page, "average").dblclick()
    page.get_by_role("button", name="Remove “average”").wait_for()
    assert page.evaluate(SELECTED) == "average"


def test_what_can_be_done_and_what_came_of_it_are_scrolled_into_view(browser):
    with text_page(browser, size=(900, 240)) as page:
        before = page.evaluate(AT_THE_EDGE)
        answer(page)  # not asked for here: after a reload
        assert page.evaluate("scrollY") == before
        page.evaluate("model.change('what_if', {})")
        for mark in (
            lambda: word(page, "consumes").click(),
            lambda: drag(page, "elephant", "consumes"),
        ):
            page.evaluate("(top) => scrollTo(0, top)", before)
            mark()
            assert page.evaluate(IN_SIGHT, ".ce-what-if-remove")
        page.locator(".ce-what-if-remove").click()
        page.evaluate("(top) => scrollTo(0, top)", before)
        answer(page)
        assert page.evaluate(IN_SIGHT, ".ce-what-if-scores")
        page.evaluate("(top) => scrollTo(0, top)", before)
        answer(page)  # the reader may have scrolled away since
        assert page.evaluate("scrollY") == before


def test_words_are_marked_by_clicks(page):
    word(page, "elephant").click()
    page.get_by_role("button", name="Remove “elephant”").wait_for()
    word(page, "roughly").click(modifiers=["Shift"])
    page.get_by_role("button", name="Remove “elephant consumes roughly”").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".ce-what-if-marked").count() == 0


def test_words_are_marked_by_keys(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "day"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Remove “day, the”").wait_for()
    page.keyboard.press("Delete")
    first = column_of(page, "day")
    assert page.evaluate("sent") == [{"event": "what_if", "first": first, "stop": first + 2}]


def answer(page, **more):
    first = column_of(page, "elephant")
    answers = {"before": 6.77, "masked": 6.349, "reencoded": 5.529, "busy": False, **more}
    moved = {
        "label": "eat",
        "before": {"match": "consumes", "value": 0.73},
        "masked": {"match": "food", "value": 0.66},
        "reencoded": {"match": "food", "value": 0.55},
    }
    told = {"text": "elephant consumes", "first": first, "stop": first + 2, "moved": [moved]}
    page.evaluate("(told) => model.change('what_if', told)", told | answers)
    return page.locator(".ce-what-if-answer")


def test_both_scores_are_told_and_the_words_struck_through_until_undone(page):
    shown = answer(page).inner_text()
    for text in (
        "After removing “elephant consumes”",
        f"6.77 → 6.35 ({MINUS}0.42)",
        f"6.77 → 5.53 ({MINUS}1.24)",
        "Masked; all other vectors unchanged.",
    ):
        assert text in shown
    columns = page.locator(".ce-what-if-answer thead th").all_text_contents()
    assert columns == ["Query word", "Before", "Masked", "Re-encoded"]
    assert "Query word “eat” now matches “food” (before: “consumes”)" in shown
    struck = page.locator(".ce-what-if-struck")
    assert struck.all_text_contents() == ["elephant", " ", "consumes"]
    said = page.evaluate("announced.at(-1)")
    assert said.startswith("After removing “elephant consumes” the score is")
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("sent") == [{"event": "what_if_undo"}]
    page.evaluate("model.change('what_if', {})")
    assert struck.count() == 0
    assert not page.locator(".ce-what-if-answer").is_visible()


def test_each_score_says_what_it_means_for_the_rank(page):
    places = {"masked": "still 1st (2nd: 6.17)", "reencoded": "now 2nd (1st: 6.17)"}
    shown = answer(page, places=places).inner_text()
    assert f"6.77 → 6.35 ({MINUS}0.42), still 1st (2nd: 6.17)" in shown
    assert f"6.77 → 5.53 ({MINUS}1.24), now 2nd (1st: 6.17)" in shown
    assert page.evaluate("announced.at(-1)").endswith(
        "instead of 6.77, still 1st (2nd: 6.17); re-encoded, 5.53, now 2nd (1st: 6.17)."
    )


def test_a_short_removal_has_its_score_in_the_same_line(browser):
    with text_page(browser, size=(968, 700)) as page:  # as wide as in a window of 1280 pixels
        answer(page, places={"masked": "still 1st (2nd: 6.17)"}, text="elephant")
        lines = page.locator(".ce-what-if-scores > *").evaluate_all(
            "(nodes) => nodes.map((node) => node.getClientRects().length && node.offsetHeight)"
        )
        assert max(lines) < 30
        undo, first = (
            page.locator(one).first.bounding_box()
            for one in (".ce-what-if-undo", ".ce-what-if-scores strong")
        )
        assert abs(undo["y"] + undo["height"] / 2 - first["y"] - first["height"] / 2) < 12


def test_several_changed_matches_are_listed(page):
    moved = [
        {"label": label, "before": {"match": "x", "value": 1}, "masked": {"match": "y", "value": 0}}
        for label in "abcde"
    ]
    shown = answer(page, moved=moved).locator("summary").inner_text()
    assert shown.startswith("5 query words: “a” now matches “y” (before: “x”); “b” now")
    assert shown.endswith("; and 1 more")


def test_a_score_that_is_not_there_yet_is_offered_or_waited_for(page):
    assert "Re-encoding without it …" in answer(page, reencoded=None, busy=True).inner_text()
    answer(page, reencoded=None, can_reencode=True)
    page.get_by_role("button", name="Re-encode without it").click()
    assert page.evaluate("sent") == [{"event": "what_if_reencode"}]


# Long and wide texts


def test_a_long_text_opens_at_its_match_and_scrolls_alone(browser):
    text = QUIET + "Cats eat fish. " + QUIET + "Elephants sleep." + QUIET
    with text_page(browser, "cats elephants", text) as page:
        folds = page.locator(".ce-text-fold > summary")
        assert all("characters without a match" in fold for fold in folds.all_text_contents())
        visible = """(text) => {
          const box = document.querySelector('.ce-text-box').getBoundingClientRect();
          const words = Array.from(document.querySelectorAll('.ce-text-winner'));
          const word = words.find((one) => one.textContent === text);
          const { top, bottom } = word.getBoundingClientRect();
          return top >= box.top && bottom <= box.bottom;
        }"""
        assert page.evaluate(visible, "Cats")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.evaluate("(column) => bus.pin(bus.pairOfColumn(column))", column_of(page, "Elephants"))
        next_frame(page)
        assert page.evaluate(visible, "Elephants")
        assert page.evaluate("scrollY") == 0


def test_words_of_a_folded_stretch_are_marked_and_removed(browser):
    text = "Cats eat fish. " + QUIET + "Nobody 🐼 sleeps." + QUIET
    with text_page(browser, "cats eat", text) as page:
        fold = page.locator(".ce-text-fold")
        assert fold.locator(".ce-text-word").count() == 0  # not before it is opened
        hidden = column_of(page, "Nobody")
        page.evaluate("(column) => bus.point({ row: 0, column })", hidden)
        next_frame(page)
        assert "characters without a match" in page.evaluate(LIT)[1]
        fold.locator("summary").click()
        found = word(page, "Nobody")
        found.scroll_into_view_if_needed()
        found.click()
        page.get_by_role("button", name="Remove “Nobody”").click()
        assert page.evaluate("sent") == [{"event": "what_if", "first": hidden, "stop": hidden + 1}]
        shown = page.evaluate("document.querySelector('.ce-text-box').textContent")
        assert shown.replace(fold.locator("summary").inner_text(), "") == text


def test_what_is_pinned_or_removed_opens_its_fold(browser):
    text = "Cats eat fish. " + QUIET + "Nobody sleeps. " + QUIET
    with text_page(browser, "cats eat", text) as page:
        column = column_of(page, "Nobody")
        page.evaluate("(column) => bus.pin({ row: 0, column })", column)
        next_frame(page)
        assert word(page, "Nobody").is_visible()
    with text_page(browser, "cats eat", text) as page:
        page.evaluate(
            "(first) => model.change('what_if', { first, stop: first + 2, masked: 1, before: 2, "
            "text: 'Nobody sleeps' })",
            column_of(page, "Nobody"),
        )
        assert page.locator(".ce-what-if-struck").all_inner_texts() == ["Nobody", " ", "sleeps"]
        assert word(page, "Nobody").is_visible()


def test_pointing_in_a_long_text_touches_few_nodes(browser):
    text = "Cats sleep near warm stones while rivers carry cold water. " * 400
    with text_page(browser, "cats sleep", text) as page:
        page.evaluate(
            """() => {
              window.touched = 0;
              new MutationObserver((records) => (touched += records.length))
                .observe(document.body, { subtree: true, childList: true, attributes: true });
              bus.point(bus.pairOfRow(0));
            }"""
        )
        next_frame(page)
        assert 0 < page.evaluate("touched") < 20


@pytest.mark.parametrize("width", [320, 600, 1440])
def test_a_word_of_ten_thousand_letters_wraps(browser, width):
    with text_page(browser, "cats", "c" * 10_000 + " cats", size=(width, 600)) as page:
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        for place in ("document.documentElement", f"document.querySelector('{BOX}')"):
            assert page.evaluate(f"{place}.scrollWidth <= {place}.clientWidth")


def test_a_text_without_a_result_is_not_there(browser):
    with parts_page(browser, PARTS, traits={"result": {}}) as page:
        assert not page.locator(".ce-text").is_visible()
        page.evaluate("(result) => model.change('result', result)", result_of().data)
        assert page.locator(".ce-text").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_for_accessibility(browser, axe, theme):
    with text_page(browser, theme=theme) as page:
        answer(page)
        assert axe(page) == []


@pytest.mark.parametrize(("count", "first"), [(0, 0), (1, 0), (5, 3), (5, 5)])
def test_the_first_of_a_run_is_found(page, count, first):
    found = page.evaluate(
        """async ([count, first]) => {
          const { firstThat } = await import('/text/what_if.js');
          return firstThat(count, (k) => k >= first);
        }""",
        [count, first],
    )
    assert found == first


def test_a_line_is_the_thicker_the_more_similar(page):
    widths = [call(page, "text/text.js", "lineWidth", value) for value in (-0.2, 0, 0.4, 0.9, 1.1)]
    assert widths == sorted(widths)
    assert widths[0] == widths[1] > 0
