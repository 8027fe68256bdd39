"""The lessons as dashboards: they ask, give nothing away, show what follows, and fit."""

import ast
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from colbert_explain.views.theme import DARK, LIGHT
from tests import patience
from tests.browser.workbench_driver import wait_until_figures_fit
from tests.notebook_shell import code_cells

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("0*.ipynb"))
#: Every text on the page that can be read, in figures too; not what is closed, and no options.
_OPEN_TEXT = """() => {
  const closed = "script, style, noscript, [hidden], .ce-exercise-options, " +
    "details:not([open]) > :not(summary)";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const within = walker.currentNode.parentElement;
    if (!within.closest(closed)) texts.push(walker.currentNode.data);
  }
  const fields = [...document.querySelectorAll("input[type=text], textarea")].map((f) => f.value);
  return [...texts, ...fields].join(" ");
}"""
#: Whether every figure has this paper.
_ALL_ON = """(paper) => [...document.querySelectorAll('.js-plotly-plot')]
  .every((figure) => figure._fullLayout.paper_bgcolor === paper)"""


def declared(path):
    """For each exercise of a notebook, what it says would reveal its answer; None if nothing."""
    found = []
    for source in code_cells(path):
        for call in ast.walk(ast.parse(source)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "ce.Exercise":
                given = {word.arg: word.value for word in call.keywords}
                found.append(ast.literal_eval(given["reveals"]) if "reveals" in given else None)
    return found


def is_said(phrase, text):
    """Check whether a phrase or a number stands in a text, not as part of a longer one."""
    pattern = r"\s+".join(map(re.escape, phrase.split()))
    return re.search(rf"(?<![\w.,]){pattern}(?!\w|[.,]\d)", text, re.IGNORECASE) is not None


def plain(text):
    """Return a text with one space between words and none before punctuation."""
    return re.sub(r" (?=[,.;:!?)])", "", re.sub(r"\s+", " ", text))


def wait_for_lesson(page):
    """Wait until the exercises are there and the form at the lesson's end has its first score."""
    page.locator("form.ce-exercise").first.wait_for(timeout=patience.milliseconds(180))
    scores = page.locator(".ce-your-turn-score strong")
    scores.last.wait_for(timeout=patience.milliseconds(180))
    page.locator(".ce-your-turn-place .js-plotly-plot .gtitle").wait_for(
        timeout=patience.milliseconds(60)
    )


def answer_wrongly_by_keyboard(page, exercise):
    """Give a wrong answer, of whatever kind, and return what is said to it."""
    for number in range(exercise.locator("input").count()):
        field = exercise.locator("input").nth(number)
        field.focus()
        if field.get_attribute("type") == "radio":
            page.keyboard.press("Space")
        else:
            page.keyboard.type("987654")
        page.keyboard.press("Enter")
        exercise.locator(".ce-exercise-said strong").wait_for()
        said = exercise.locator(".ce-exercise-said").inner_text()
        if said.startswith("Not quite."):
            return said
        break  # the first option is right
    return ""


def test_words_and_numbers_are_found_whole():
    for phrase, text, said in (
        ("0.35", "gives 0.35 more", True),
        ("0.35", "gives 0.355 more", False),
        ("10", "a score of 10.", True),
        ("10", "10.5 or 110 or 7,510", False),
        ("the reverse wins", "so The reverse\n wins again", True),
        ("of wins", "of winsome", False),
    ):
        assert is_said(phrase, text) is said, (phrase, text)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_gives_no_answer_away_and_shows_it_when_asked(
    new_context, dashboards, black_hole, axe, path
):
    page = new_context(viewport={"width": 1280, "height": 720}).new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(dashboards.page(path.stem))
    wait_for_lesson(page)
    assert page.get_by_text("What we saw").is_visible()
    assert page.locator(".jp-CodeCell .jp-InputArea-editor").count() == 0  # sources are stripped
    assert "Traceback" not in page.locator("body").inner_text()

    exercises = page.locator("form.ce-exercise")
    revealing = declared(path)
    expect(exercises).to_have_count(len(revealing))
    expect(page.get_by_role("button", name="Show the answer")).to_have_count(len(revealing))
    opened = plain(page.evaluate(_OPEN_TEXT))
    assert "Show the answer" in opened
    assert "What happened" not in opened
    for number, phrases in enumerate(revealing):
        for phrase in phrases or ():
            assert not is_said(phrase, opened), f"exercise {number + 1}: {phrase!r} is open"

    answer_wrongly_by_keyboard(page, exercises.last)
    if exercises.last.get_attribute("data-verdict") == "wrong":
        assert exercises.last.get_attribute("data-done") is None
        assert page.locator(".ce-exercise-right").count() == 0
    for number, phrases in enumerate(revealing):
        exercise = exercises.nth(number)
        show = exercise.get_by_role("button", name="Show the answer")
        if show.is_visible():
            show.click()
        mark = exercise.locator(".ce-exercise-right .ce-exercise-mark")
        expect(mark).to_contain_text("✓ the answer")
        if phrases is None:
            answer = mark.inner_text().split(": ")[-1]
            assert re.search(r"\d\.\d", answer), "an answer in words needs reveals="
            assert not is_said(answer, opened), f"exercise {number + 1}: {answer!r} is open"
        expect(exercise.locator(".ce-exercise-said")).not_to_be_empty()
    page.wait_for_function(
        "stem => { const p = JSON.parse(localStorage['colbert_explain.progress'])[stem];"
        " return p.of > 0 && p.answered === p.of; }",
        arg=path.stem,
    )
    expect(page.get_by_text("What happened").first).to_be_visible()

    wait_until_figures_fit(page)
    for width in (600, 900, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        wait_until_figures_fit(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme, paper in (("light", LIGHT.paper), ("dark", DARK.paper)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_ALL_ON, arg=paper)
        assert axe(page) == []
    assert black_hole == []
    # Plotly's renderer wants to store a picture beside its output, which only a notebook can hold.
    assert [error for error in errors if "setData is not a function" not in error] == []


def test_in_large_type_a_lesson_fits_and_still_tells_where_the_pointer_is(new_context, dashboards):
    context = new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(dashboards.page("05_maxsim_by_hand"))
    wait_for_lesson(page)
    parts = [
        page.locator(part).first for part in ("h2", "table.dataframe th", "form.ce-exercise legend")
    ]
    before = [part.bounding_box()["height"] for part in parts]
    large = page.get_by_role("button", name="Large type")
    large.click()
    expect(large).to_have_attribute("aria-pressed", "true")
    for part, height in zip(parts, before, strict=True):
        assert part.bounding_box()["height"] >= 1.45 * height
    wait_until_figures_fit(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280

    stepper = page.locator(".ce-stepper")
    for _ in range(2):
        stepper.get_by_role("button", name="Next step").click()
    expect(stepper.locator(".ce-said")).to_contain_text("Elephants → elephant")
    cell = stepper.locator(".ce-cell").nth(5)
    cell.hover()
    tip = stepper.locator(".ce-tip")
    expect(tip).to_contain_text("average")
    bottom = cell.bounding_box()["y"] + cell.bounding_box()["height"]
    assert tip.bounding_box()["y"] == pytest.approx(bottom, abs=15)

    figure = page.locator(".js-plotly-plot").first  # 10 rows, 27 columns
    figure.scroll_into_view_if_needed()
    area = figure.locator(".nsewdrag").first.bounding_box()
    x, y = area["x"] + area["width"] * 18.5 / 27, area["y"] + area["height"] * 5.5 / 10
    page.mouse.move(x - 4, y)
    page.mouse.move(x, y, steps=4)
    expect(figure.locator(".hovertext")).to_contain_text(re.compile("close.*bread", re.DOTALL))

    page.reload()
    expect(large).to_have_attribute("aria-pressed", "true")
    large.click()
    expect(page.locator("html")).not_to_have_attribute("data-ce-large", "")
