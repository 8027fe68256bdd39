"""What a page shows before its Python has started, and the bar above a lesson."""

import json
import re
from urllib.parse import quote

import nbformat
import pytest
from playwright.sync_api import expect

from colbert_explain.dashboard.first_screen import opening_sample
from tests import patience
from tests.served_page import UNUSED

LONG = "\n\n".join(f"Paragraph {number} says nothing new." for number in range(60))
SLOW = """
import time
import ipywidgets
time.sleep(4)
ipywidgets.Label("drawn by Python")
"""
FAILS = "import time; time.sleep(2); undefined_name"
ASKS = """
import colbert_explain as ce
ce.Exercise("Which word?", options=["of", "food"], right="of", answer=...)
"""
READY = "window.dispatchEvent(new CustomEvent('ce-page-ready'))"
PROGRESS = """localStorage.setItem('colbert_explain.progress',
  JSON.stringify({'02_second': {answered: 2, of: 3}}))"""


def write(folder, name, *cells, **about):
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata["colbert_explain"] = about
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture(scope="module")
def running(serve_dashboards, tmp_path_factory):
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    folder = tmp_path_factory.mktemp("notebooks")
    write(folder, "01_first", markdown("# First <b>lesson</b>"), code("1"))
    cells = [markdown("# Second"), code(SLOW), markdown(LONG), markdown("## The end"), code("1")]
    write(folder, "02_second", *cells)
    write(folder, "03_asks", markdown("# Third"), code(ASKS))
    screen = {"header": False, "first_screen": True}
    write(folder, "workbench", markdown("# Workbench"), code(SLOW), **screen)
    write(folder, "failing", markdown("# Fails"), code(FAILS), **screen)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNUSED.items():
            patch.setenv(name, value)
        with serve_dashboards(folder) as running:
            yield running


def open_page(page, address):
    """Open a page, and stop waiting as soon as its first part is there."""
    page.goto(address, wait_until="commit", timeout=patience.milliseconds())


def test_a_lesson_can_be_read_before_python_has_started(page, running, axe):
    open_page(page, running.page("02_second"))
    page.locator(".ce-prose").get_by_role("heading", name="The end").wait_for()
    expect(page.get_by_role("status")).to_contain_text(re.compile("Starting Python|Computing step"))
    assert page.get_by_text("drawn by Python").count() == 0
    assert axe(page) == []
    page.get_by_text("drawn by Python").wait_for()
    expect(page.locator(".ce-prose")).to_have_count(0)
    expect(page.get_by_role("heading", name="The end")).to_have_count(1)
    expect(page.get_by_role("status")).to_be_hidden()


def test_a_reader_keeps_the_place_when_the_cells_come(page, running):
    open_page(page, running.page("02_second"))
    end = page.get_by_role("heading", name="The end")
    page.locator(".ce-prose").get_by_role("heading", name="The end").wait_for()
    page.evaluate("window.scrollTo(0, document.querySelectorAll('h2')[0].offsetTop - 200)")
    before = end.bounding_box()["y"]
    page.wait_for_function("() => !document.querySelector('.ce-prose')")
    page.get_by_text("drawn by Python").wait_for()
    assert end.bounding_box()["y"] == pytest.approx(before, abs=150)  # some lines


def test_the_bar_of_a_lesson_leads_to_its_neighbours_and_counts_its_exercises(page, running):
    page.goto(running.url)
    page.evaluate(PROGRESS)
    open_page(page, running.page("02_second"))
    bar = page.get_by_role("navigation", name="Lessons")
    expect(bar.get_by_role("link", name="All lessons")).to_be_visible()
    expect(bar).to_contain_text("2 · Second")
    expect(bar.locator(".ce-lesson-nav-dot")).to_have_count(3)
    expect(bar.locator(".ce-lesson-nav-dot[data-done]")).to_have_count(2)
    expect(bar).to_contain_text("2/3")
    assert bar.get_by_role("link").count() == 3  # to the index page and both neighbours
    bar.get_by_role("link", name="1 · First <b>lesson</b>").click()
    page.wait_for_url(running.page("01_first"))
    bar = page.get_by_role("navigation", name="Lessons")
    expect(bar).to_contain_text("1 · First")
    bar.get_by_role("link", name=re.compile("2 · Second")).wait_for()
    assert bar.locator(".ce-lesson-nav-dot").count() == 0
    kept = page.evaluate("JSON.parse(localStorage.getItem('colbert_explain.progress'))")
    assert kept["01_first"] == {"answered": 0, "of": 0}  # it was visited


def test_the_answers_of_a_lesson_can_be_cleared(page, running, axe):
    page.goto(running.url)
    page.evaluate(PROGRESS)
    page.goto(running.page("03_asks"))
    bar = page.get_by_role("navigation", name="Lessons")
    clear = bar.get_by_role("button", name="Clear answers")
    exercise = page.locator("form.ce-exercise")
    exercise.get_by_label("food").check()
    expect(clear).to_be_hidden()
    exercise.get_by_role("button", name="Check").click()
    expect(exercise).to_contain_text("Not quite.")
    expect(clear).to_be_visible()  # a wrong answer is kept too
    exercise.get_by_label("of").check()
    exercise.get_by_role("button", name="Check").click()
    expect(bar).to_contain_text("1/1")
    page.reload()
    expect(exercise).to_contain_text("Right.")
    assert axe(page) == []
    clear.click()
    expect(bar).to_contain_text("0/1")
    expect(exercise.get_by_role("button", name="Check")).to_be_visible()
    assert exercise.locator("input:checked").count() == 0
    expect(clear).to_be_hidden()
    kept = page.evaluate("JSON.parse(localStorage.getItem('colbert_explain.progress'))")
    assert kept["02_second"] == {"answered": 2, "of": 3}  # of another lesson


@pytest.mark.parametrize("width", [900, 1280])
def test_a_lesson_is_one_column(new_context, running, width):
    page = new_context(viewport={"width": width, "height": 720}).new_page()
    page.goto(running.page("02_second"))
    page.get_by_text("drawn by Python").wait_for()
    box = page.locator("#rendered_cells > div").first.bounding_box()
    assert box["width"] <= 960 + 2 * 40
    assert box["x"] == pytest.approx((width - box["width"]) / 2, abs=10)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_screen_stands_until_the_page_says_that_it_is_drawn(page, running, axe):
    open_page(page, running.page("workbench"))
    screen = page.locator("#ce-first-screen")
    expect(screen).to_contain_text(opening_sample().document)
    expect(screen.get_by_role("heading", name="Workbench")).to_be_visible()
    assert axe(page) == []
    page.get_by_text("drawn by Python").wait_for()
    expect(screen).to_be_visible()
    expect(screen.get_by_role("status")).to_be_visible()
    page.evaluate(READY)
    expect(screen).to_have_count(0)
    assert page.get_by_role("link", name="All dashboards").count() == 0  # the page has its own bar
    box = page.locator("#rendered_cells > div").first.bounding_box()
    assert (box["x"], box["width"]) == (0, page.viewport_size["width"])


TEXTS = ["Who <b>painted</b> it?", "An artist.\n<img src=x onerror='window.hacked = true'>", "Two"]
PACKED = """async (record) => {
  const stream = new Blob([JSON.stringify(record)]).stream();
  const packed = stream.pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const letters = btoa(String.fromCharCode(...bytes));
  return `#z=${letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}"""


def assert_texts_are_awaited(page):
    """Check that texts and a sentence are on the first screen, until the page is drawn."""
    screen = page.locator("#ce-first-screen")
    expect(screen.locator(".ce-first-screen-field")).to_have_text(TEXTS[:2])
    expect(screen).to_contain_text("1 more document")
    expect(screen).to_contain_text("Python is starting; this can take up to ten seconds.")
    assert opening_sample().document not in screen.inner_text()
    assert screen.locator("b, img, table").count() == 0
    page.get_by_text("drawn by Python").wait_for()
    expect(screen).to_contain_text("Python has started and is comparing the texts.")
    page.evaluate(READY)
    expect(screen).to_have_count(0)


def test_the_first_screen_shows_the_texts_that_a_link_asks_for(page, running, axe):
    query, *documents = map(quote, TEXTS)
    page.goto(running.url)
    open_page(page, f"{running.page('workbench')}#q={query}&d={'&d='.join(documents)}")
    expect(page.locator("#ce-first-screen")).to_contain_text("An artist.")
    assert axe(page) == []
    assert_texts_are_awaited(page)
    assert page.evaluate("window.hacked") is None


def test_a_packed_link_and_a_draft_are_shown_in_the_same_way(page, running):
    record = {"query": TEXTS[0], "documents": TEXTS[1:]}
    page.goto(running.url)
    fragment = page.evaluate(PACKED, record)
    open_page(page, f"{running.page('workbench')}{fragment}")
    assert_texts_are_awaited(page)
    page.goto(running.url)
    keep = """([page, text]) =>
      sessionStorage.setItem(`colbert_explain:draft:${new URL(page).pathname}`, text)"""
    page.evaluate(keep, [running.page("workbench"), json.dumps(record)])
    open_page(page, running.page("workbench"))
    assert_texts_are_awaited(page)
    page.goto(running.url)
    page.evaluate(keep, [running.page("workbench"), "{}"])  # the page opens with its own texts
    open_page(page, running.page("workbench"))
    expect(page.locator("#ce-first-screen")).to_contain_text(opening_sample().document)


def test_a_damaged_link_keeps_the_first_screen_away(page, running):
    page.goto(running.url)
    open_page(page, f"{running.page('workbench')}#q=other")
    page.get_by_role("status").wait_for()
    expect(page.locator("#ce-first-screen")).to_have_count(0)


def test_the_first_screen_hides_no_error(page, running):
    open_page(page, running.page("failing"))
    expect(page.locator("#ce-first-screen")).to_be_visible()
    page.get_by_text("There was an error when executing cell").wait_for()
    expect(page.locator("#ce-first-screen")).to_have_count(0)


def test_what_comes_first_needs_no_script(new_context, running):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(running.page("02_second"))
    assert page.get_by_text("Paragraph 59 says nothing new.").first.is_visible()
