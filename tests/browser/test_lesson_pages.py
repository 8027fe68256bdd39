"""The lessons as dashboards: they ask, show, fit and can be answered."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.theme import DARK, LIGHT
from tests import patience
from tests.browser.workbench_driver import WorkbenchDriver, wait_until_figures_fit

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = [path.stem for path in sorted(NOTEBOOKS.glob("0*.ipynb"))]
#: Whether every figure, those of the workbench included, has this paper.
_ALL_ON = """(paper) => [...document.querySelectorAll('.js-plotly-plot')]
  .every((figure) => figure._fullLayout.paper_bgcolor === paper)"""


def wait_for_lesson(page):
    """Wait for the first picture, and for the workbench at the lesson's end."""
    page.locator(".js-plotly-plot .gtitle").first.wait_for(timeout=patience.milliseconds(180))
    status = page.locator(".ce-status").last
    status.get_by_text("Done.").wait_for(timeout=patience.milliseconds(180))
    wait_until_figures_fit(page)


def answer_by_keyboard(page, exercise):
    """Answer the first exercise, of whatever kind, and return what is said to it."""
    field = exercise.locator("input").first
    field.focus()
    if field.get_attribute("type") == "radio":
        page.keyboard.press("Space")
    else:
        page.keyboard.type("1")
    page.keyboard.press("Enter")
    exercise.locator(".ce-said strong").wait_for()
    return exercise.locator(".ce-said").inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_shows_and_fits_and_asks_nobody_else(
    new_context, dashboards, black_hole, axe, keeping_encoder, name
):
    page = new_context(viewport={"width": 900, "height": 900}).new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(dashboards.page(name))
    wait_for_lesson(page)
    assert page.get_by_text("What we saw").is_visible()
    assert page.locator(".jp-CodeCell .jp-InputArea-editor").count() == 0  # sources are stripped
    assert "Traceback" not in page.locator("body").inner_text()

    exercises = page.locator("form.ce-exercise")
    said = answer_by_keyboard(page, exercises.first)
    assert said.startswith(("✓ Right. ", "Right. ", "Not yet. "))
    assert len(said) > 20  # the reason, or a hint
    curtains = page.locator(".ce-skip:visible")
    behind = ".ce-exercise-place:has(.ce-skip{}) .jp-OutputArea-output"
    assert page.locator(behind.format(":not([hidden])")).count() == 0
    for closed in range(curtains.count(), 0, -1):
        curtains.first.click()
        expect(curtains).to_have_count(closed - 1)
    expect(page.locator(behind.format("[hidden]")).first).to_be_visible()

    lesson = WorkbenchDriver(page, ".js-plotly-plot:has(.heatmaplayer image)")
    assert "cosine similarity: " in lesson.hover(2, lesson.middle())
    bench = WorkbenchDriver(page, ".ce-workbench .js-plotly-plot")
    assert "cosine similarity: " in bench.hover(2, bench.middle())
    bench.click(2, bench.middle())
    page.locator(".ce-pinned-line").get_by_text("query token 2 ").wait_for()
    sample = ce.load_samples()[0]  # any text that the server knows needs no model
    bench.explain(sample.query, sample.document, by_keyboard=True)
    x = ce.explain(sample.query, sample.document, keeping_encoder)
    assert bench.score() == pytest.approx(x.score, abs=1e-3)
    for width in (900, 1920):
        lesson.resize(width)  # figures keep their height; Plotly's own way took it away
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert lesson.layout_faults() == []
    for scheme, paper in (("light", LIGHT.paper), ("dark", DARK.paper)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_ALL_ON, arg=paper)
        assert axe(page) == []
    page.emulate_media(color_scheme="light")  # and back again
    page.wait_for_function(_ALL_ON, arg=LIGHT.paper)
    assert black_hole == []
    # Plotly's renderer wants to store a picture beside its output, which only a notebook can hold.
    assert [error for error in errors if "setData is not a function" not in error] == []
