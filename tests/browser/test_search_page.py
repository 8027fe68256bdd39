import re

import pytest
from playwright.sync_api import expect

from tests import patience
from tests.browser.shared_page import shared_page

CELL = """
import colbert_explain as ce
pets = [
    {"id": "cats", "title": "Cats", "text": "Cats eat fish. They sleep a lot.", "kind": "pet"},
    {"id": "dogs", "title": "Dogs", "text": "Dogs bark. They eat meat and fish.", "kind": "pet"},
    {"id": "rain", "title": "Rain", "text": "It rains in Spain.", "kind": "weather"},
    {"id": "snow", "title": "Snow", "text": "Snow falls in winter.", "kind": "weather"},
]
for year, pet in enumerate(pets, start=1):
    pet["year"] = year
ce.SearchPage(ce.Collection.build(pets), query="cats eat fish")
"""
SIZES = [(1440, 900), (1280, 720), (900, 900)]
#: The boxes that a reader must see without scrolling: query, three hits, the first cell.
FIRST_SCREEN = """() => {
  const boxes = [document.querySelector('.ce-query-area'),
                 ...[...document.querySelectorAll('.ce-hit-main')].slice(0, 3)]
    .map((node) => node.getBoundingClientRect());
  const map = document.querySelector('.ce-heatmap-place').getBoundingClientRect();
  boxes.push({ left: map.left, top: map.top, right: map.left + 30, bottom: map.top + 30 });
  return boxes.map(({ left, top, right, bottom }) => [left, top, right, bottom]);
}"""


@pytest.fixture
def search(shared, browser, served_folder):
    def ready(page):
        expect(page.locator(".ce-hit")).to_have_count(4, timeout=patience.milliseconds(120))
        page.wait_for_selector(".js-plotly-plot .heatmaplayer image")

    with shared_page(shared, browser, served_folder, "search", CELL, ready) as page:
        yield page


def ask(page, query):
    page.get_by_role("textbox", name="Query").fill(query)
    page.get_by_role("textbox", name="Query").press("Enter")


def first(page):
    return page.locator(".ce-hit-name").first


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_query_three_hits_and_the_first_cell_are_on_the_first_screen(search, width, height):
    search.set_viewport_size({"width": width, "height": height})
    inside = f"""() => ({FIRST_SCREEN})().every(([left, top, right, bottom]) =>
      left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && bottom > top)"""
    search.wait_for_function(inside)
    assert search.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hits_have_sentence_score_and_marks(search):
    hit = search.locator(".ce-hit").first
    expect(hit.locator(".ce-hit-name")).to_have_text("Cats")
    expect(hit.locator(".ce-hit-sentence")).to_have_text("Cats eat fish.")
    assert hit.locator(".ce-hit-sentence b").all_inner_texts() == ["Cats", "eat", "fish"]
    shown = search.locator(".ce-headline-score").inner_text()
    assert hit.locator(".ce-hit-score").inner_text() == shown
    assert hit.locator(".ce-marks-squares").bounding_box()["width"] > 30


def test_a_chosen_hit_is_explained_and_compared_with_any_other(search):
    search.get_by_role("button", name="Dogs: rank 2").click()
    expect(search.locator(".ce-text-box")).to_contain_text("Dogs bark.")
    expect(search.locator(".ce-headline-contrast")).to_contain_text("“Cats” outscores “Dogs” by")
    search.get_by_label("Hit 2 compared with").select_option(index=2)
    expect(search.locator(".ce-headline-contrast")).to_contain_text("“Dogs” outscores")


def test_a_filter_leaves_documents_out_until_it_is_removed(search):
    search.get_by_role("button", name="Filters").click()
    search.get_by_role("checkbox", name="weather").check()
    expect(search.locator(".ce-hit")).to_have_count(2)
    expect(search.locator(".ce-search-options-note")).to_contain_text("pass the filters")
    search.get_by_role("button", name="Remove all filters").click()
    expect(search.locator(".ce-hit")).to_have_count(4)
    search.keyboard.press("Escape")


def test_a_range_counts_when_its_field_is_left_and_for_any_search(search):
    search.get_by_role("button", name="Filters").click()
    field = search.get_by_role("spinbutton", name="year, at least")
    # A finger on a button leaves the focus where it is, so the search must not wait for the field.
    field.press_sequentially("4")
    search.locator(".ce-query-go").evaluate("(go) => go.click()")
    expect(search.locator(".ce-hit-name")).to_have_text(["Snow"])
    field.press("Backspace")
    field.press_sequentially("3")
    search.get_by_role("textbox", name="Query").click()
    expect(search.locator(".ce-hit")).to_have_count(2)
    expect(search.get_by_role("button", name=re.compile("Filter: year 3.4"))).to_be_visible()
    search.get_by_role("button", name="Filter: year").click()
    search.get_by_role("button", name="Remove all filters").click()
    expect(search.locator(".ce-hit")).to_have_count(4)
    search.keyboard.press("Escape")


def test_a_second_ranking_is_explained(search):
    menu = search.get_by_label("Compare with", exact=True)
    offered = "(menu) => [...menu.options].map(({ value }) => value)"
    others = ["", "pooled", "bm25_alone", "pooled_alone"]
    assert sorted(menu.evaluate(offered)) == sorted([*others, "bm25"])  # it is exact already
    search.get_by_label("First stage").select_option("bm25")
    assert sorted(menu.evaluate(offered)) == sorted([*others, "exact"])
    menu.select_option("exact")
    expect(search.locator(".ce-second tbody tr")).not_to_have_count(0)
    search.get_by_label("First stage").select_option("")
    expect(menu).to_have_value("")
    expect(search.locator(".ce-second")).to_be_hidden()
    expect(search.locator(".ce-hit")).to_have_count(4)
    search.get_by_label("Compare with", exact=True).select_option("bm25_alone")
    rows = search.locator(".ce-second tbody tr")
    expect(rows).to_have_count(4)
    expect(search.locator(".ce-second")).to_contain_text("It holds no word of the query")
    expect(search.locator(".ce-hit-tag").first).to_have_text("words: also 1")
    search.get_by_label("Compare with", exact=True).select_option("")
    expect(search.locator(".ce-second")).to_be_hidden()


def test_the_link_leads_to_the_workbench_with_query_and_document(search):
    search.get_by_role("button", name="Cats: rank 1").click()
    link = search.get_by_role("link", name="Open in the workbench")
    expect(link).to_have_attribute("href", re.compile(r"/workbench\.ipynb#q=cats.*&d=Cats"))


def test_an_empty_query_and_one_without_hits_are_said_in_a_sentence(search):
    ask(search, "  ")
    expect(search.locator(".ce-page-inputs > .ce-problem")).to_have_text("Type a query.")
    ask(search, "zebras")
    expect(search.locator(".ce-text-query")).to_contain_text("zebras")
    search.get_by_label("First stage").select_option("bm25")
    problem = search.locator(".ce-page-inputs > .ce-problem")
    expect(problem).to_contain_text("No document holds a word of the query that BM25 counts")
    # What is still there was found before.
    expect(search.locator(".ce-hits-old, .ce-result-old")).not_to_have_count(0)
    search.get_by_label("First stage").select_option("")
    ask(search, "snow in winter")
    expect(first(search)).to_have_text("Snow")
    expect(problem).to_have_text("")
    expect(search.locator(".ce-hits-old, .ce-result-old")).to_have_count(0)


def test_the_address_holds_the_query(search):
    ask(search, "snow & winter")
    expect(search).to_have_url(re.compile(r"#q=snow%20%26%20winter$"))
    expect(first(search)).to_have_text("Snow")
    search.evaluate("location.hash = '#q=dogs%20bark'")
    expect(first(search)).to_have_text("Dogs")
    expect(search.get_by_role("textbox", name="Query")).to_have_value("dogs bark")


def test_hits_are_listed_before_the_picture_is_drawn(search):
    ask(search, "cats eat fish")
    expect(search.locator(".ce-text-query")).to_contain_text("cats eat fish")
    search.evaluate("""() => {
      const rail = document.querySelector('.ce-hits-list');
      window.queryOfPicture = new Promise((tell) => new MutationObserver(() =>
        tell(document.querySelector('.ce-text-query').textContent)
      ).observe(rail, { childList: true, subtree: true, characterData: true }));
    }""")
    ask(search, "snow in winter")
    assert "cats eat fish" in search.evaluate("window.queryOfPicture")
    expect(search.locator(".ce-text-query")).to_contain_text("snow in winter")
    expect(first(search)).to_have_text("Snow")
    expect(search.locator(".ce-hit[class*=shown] .ce-hit-name")).to_have_text("Snow")
    expect(search.locator(".ce-hits-old, .ce-result-old")).to_have_count(0)


def test_chosen_files_are_offered_indexed_and_searched(search):
    texts = [f"Note {i}: the train number {i} leaves at noon." for i in range(3)]
    files = [
        {"name": f"note{i}.txt", "mimeType": "text/plain", "buffer": text.encode()}
        for i, text in enumerate(texts)
    ]
    search.locator(".ce-own-files input[type=file]").first.set_input_files(files)
    expect(search.locator(".ce-collection-offer")).to_contain_text("3 documents take about")
    search.get_by_role("button", name="Index and search").click()
    expect(search.locator(".ce-hit")).to_have_count(3)
    ask(search, "when does train number 2 leave?")
    expect(first(search)).to_have_text("note2.txt")


def test_nothing_is_hard_to_reach(search, axe):
    assert axe(search) == []
