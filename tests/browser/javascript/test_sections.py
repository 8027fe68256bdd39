"""The sections below the picture: asked for when seen, and what each does."""

import csv
import io
from contextlib import contextmanager

import pytest

from colbert_explain.analysis import rank
from colbert_explain.app.export.save_section import save_section
from colbert_explain.app.sections.comparison import comparison
from colbert_explain.encoders import load_encoder
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.page_data.sections import best_sentences, contribution_table
from tests.browser.javascript.modules import call
from tests.browser.javascript.parts_page import next_frame, parts_page

QUERY = "Elephants eat 150 kg of food per day."
DOCUMENTS = {
    "elephants": "Elephants sleep. Every day, the average elephant consumes 150 kg of food.",
    "cats": "Cats eat 50 g of food per day.",
    "rivers": "Rivers carry cold water.",
}
PARTS = {"sections/sections.js": "sections"}
MINUS = "\N{MINUS SIGN}"
TITLES = ["Best sentences", "Compare two", "Table", "Save and Python"]


@pytest.fixture(scope="module")
def ranking():
    return rank(QUERY, DOCUMENTS, load_encoder())


@pytest.fixture(scope="module")
def result(ranking):
    return page_result(ranking.explanations[0], ranking=ranking, name="elephants")


@pytest.fixture(scope="module")
def data(ranking, result):
    x, other, _ = ranking.explanations
    compared = comparison(x, other, ("elephants", "cats"))
    return {
        "best_sentences": best_sentences(x, result.places),
        "compare": compared | {"first": 0, "second": 1, "kept": None},
        "table": contribution_table(x),
        "save": save_section(x, ranking=ranking),
    }


@contextmanager
def sections_page(browser, result, sections, **options):
    traits = {"result": result.data, "sections": sections}
    with parts_page(browser, PARTS, traits=traits, **options) as page:
        next_frame(page)
        yield page


@pytest.fixture
def page(browser, result, data):
    with sections_page(browser, result, data) as page:
        yield page


def open_tab(page, title):
    page.get_by_role("tab", name=title).click()
    return page.get_by_role("tabpanel")


def sent(page):
    return page.evaluate("sent.splice(0)")


def test_a_section_is_asked_for_once_when_it_is_seen(browser, result, data):
    with sections_page(browser, result, {}) as page:
        page.wait_for_function("sent.length > 0")
        assert sent(page) == [{"event": "section", "name": "best_sentences"}]
        assert page.get_by_text("Computing …").is_visible()
        open_tab(page, "Table")
        open_tab(page, "Best sentences")
        assert sent(page) == [{"event": "section", "name": "table"}]
        page.evaluate("(data) => model.change('sections', data)", data)
        assert not page.get_by_text("Computing …").is_visible()
        page.evaluate("model.change('sections', {}); model.change('result', model.get('result'))")
        assert sent(page) == [{"event": "section", "name": "best_sentences"}]


def test_what_is_below_the_window_is_not_asked_for(browser, result):
    with sections_page(browser, result, {}) as page:
        page.wait_for_function("sent.length > 0")
        sent(page)
        page.evaluate("document.querySelector('.ce-sections').style.marginTop = '3000px'")
        page.wait_for_timeout(100)
        page.evaluate("model.change('result', model.get('result'))")
        assert sent(page) == []
        page.locator(".ce-sections").scroll_into_view_if_needed()
        page.wait_for_function("sent.length > 0")


def test_tabs_are_walked_with_arrow_keys(page):
    assert page.get_by_role("tab").all_text_contents() == TITLES
    page.get_by_role("tab").first.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == TITLES[-1]
    page.keyboard.press("ArrowLeft")
    selected = page.get_by_role("tab", selected=True)
    assert selected.all_text_contents() == ["Table"]
    assert page.get_by_role("tabpanel").count() == 1


def test_a_best_sentence_leads_to_its_columns(page, data):
    rows = page.get_by_role("tabpanel").get_by_role("button")
    assert rows.count() == 2
    best = data["best_sentences"][0]
    assert f"{best['score']:.2f} {best['label']}" in rows.first.inner_text()
    rows.first.click()
    assert page.evaluate("shown") == [["goTo", *best["columns"]]]


def test_two_documents_are_compared_word_by_word(page, data):
    panel = open_tab(page, "Compare two")
    selects = panel.get_by_role("combobox")
    names = ["1. elephants", "2. cats", "3. rivers"]
    assert selects.first.locator("option").all_text_contents() == names
    assert panel.locator("tbody tr").count() == len(data["compare"]["rows"])
    assert panel.locator("tfoot td").last.inner_text() == f"+{data['compare']['difference']:.2f}"
    # The two are never the same.
    assert selects.first.locator("option:disabled").all_text_contents() == ["2. cats"]
    selects.nth(1).select_option("3. rivers")
    assert sent(page) == [{"event": "compare", "first": 0, "second": 2}]


def test_names_that_begin_alike_are_told_apart_by_their_ends(browser, result, data):
    names = [f"{'A long name of a document'}{' with more words' * 2}{end}" for end in ("", " (2)")]
    compared = data["compare"] | {"names": names}
    with sections_page(browser, result, data | {"compare": compared}) as page:
        heads = open_tab(page, "Compare two").locator("thead bdi").all_inner_texts()
        assert heads[0] != heads[1]
        assert heads[1].endswith(" (2)")


def test_bars_point_to_the_document_that_adds_more(page):
    panel = open_tab(page, "Compare two")
    bars = panel.locator("tbody tr").evaluate_all(
        """(rows) => rows.map((row) => {
          const bar = row.querySelector('.ce-compare-bar').getBoundingClientRect();
          const meter = row.querySelector('.ce-compare-meter').getBoundingClientRect();
          const place = bar.left + bar.width / 2 - meter.left - meter.width / 2;
          return [row.lastElementChild.textContent, place, bar.width / meter.width];
        })"""
    )
    assert {text[0] for text, *_ in bars} == {"+", MINUS}
    for text, place, width in bars:
        assert width <= 0.5
        if float(text.replace(MINUS, "-")):
            assert (place < 0) == text.startswith("+")


def test_an_explanation_is_kept_compared_and_cleared(page, data):
    panel = open_tab(page, "Compare two")
    panel.get_by_role("button", name="Keep this explanation").click()
    assert sent(page) == [{"event": "keep"}]
    kept = data["compare"] | {"kept": "the first", "second": -1}
    page.evaluate("(kept) => model.change('sections', { compare: kept })", kept)
    options = panel.get_by_role("combobox").nth(1).locator("option")
    assert options.all_text_contents()[-1] == "Kept: the first"
    panel.get_by_role("button", name="Replace with this one").wait_for()
    panel.get_by_role("button", name="Clear").click()
    assert sent(page) == [{"event": "clear_kept"}]


def test_why_two_cannot_be_compared_is_said(page):
    panel = open_tab(page, "Compare two")
    told = {"note": "Other queries.", "rows": [], "first": 0, "second": -1, "kept": "a"}
    page.evaluate("(told) => model.change('sections', { compare: told })", told)
    assert panel.get_by_text("Other queries.").is_visible()
    assert panel.locator("table").count() == 0


def test_the_table_is_sorted_and_gives_its_order_back(page, data):
    panel = open_tab(page, "Table")
    words = panel.locator("tbody th")
    as_written = words.all_text_contents()
    assert as_written == [row["word"] for row in data["table"]["rows"]]
    heading = panel.get_by_role("button", name="Adds to the score")
    heading.click()
    by_value = sorted(
        data["table"]["rows"], key=lambda row: -(row["adds"] if row["adds"] is not None else -9)
    )
    assert words.all_text_contents() == [row["word"] for row in by_value]
    assert panel.locator("[aria-sort=descending]").count() == 1
    assert page.evaluate("document.activeElement.dataset.key") == "adds"
    heading.click()
    assert (
        words.first.inner_text()
        == by_value[
            by_value.index(next(row for row in reversed(by_value) if row["adds"] is not None))
        ]["word"]
    )
    heading.click()
    assert words.all_text_contents() == as_written


def test_pointing_at_a_row_of_the_table_points_at_its_pair(page):
    panel = open_tab(page, "Table")
    panel.locator("tbody th", has_text="150").hover()
    assert page.evaluate("bus.rows[bus.focus.row].label") == "150"
    assert sent(page) == []


def test_the_copied_table_holds_the_values_and_no_formula(page, data):
    columns, rows = data["table"]["columns"], data["table"]["rows"]
    hostile = [{**rows[1], "word": word} for word in ("=1+1", "-a", "'=b", 'a "b", c', "x\ny")]
    hostile += [{**rows[1], "word": word} for word in ("a;=1+1", "a\t'=1;b;-2", "\t=1")]
    written = call(page, "sections/table.js", "csvOf", columns, [*rows, *hostile])
    heading, *read = csv.reader(io.StringIO(written, newline=""))
    assert heading == [column["heading"] for column in columns]
    expected = [*(row["word"] for row in rows), "'=1+1", "'-a", "''=b", 'a "b", c', "x\ny"]
    expected += ["a;'=1+1", "a\t''=1;b;'-2", "'\t'=1"]
    assert [row[0] for row in read] == expected
    assert [row[1] for row in read[: len(rows)]] == [
        "" if row["adds"] is None else repr(row["adds"]) for row in rows
    ]


def test_files_on_offer_are_asked_for_and_put_together(page, data):
    panel = open_tab(page, "Save and Python")
    files = [name for name in panel.get_by_role("button").all_text_contents() if "(" in name]
    kinds = data["save"]["kinds"]
    assert len(files) == len(kinds) + 2  # and two pictures
    panel.get_by_role("button", name="Table (CSV)").click()
    assert sent(page) == [{"event": "save", "kind": "csv"}]
    with page.expect_download() as download:
        page.evaluate(
            """() => {
              for (const [index, text] of [[1, 'b'], [0, 'a']]) {
                const file = { number: 1, name: 'it.csv', mime: 'text/csv' };
                const part = { event: 'part', index, count: 2, ...file };
                model.tell('msg:custom', part, [new TextEncoder().encode(text)]);
              }
            }"""
        )
    assert download.value.suggested_filename == "it.csv"
    assert download.value.path().read_text() == "ab"
    assert panel.get_by_text("Saved it.csv.").is_visible()


def test_a_picture_is_drawn_here(page, data):
    panel = open_tab(page, "Save and Python")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Picture (PNG)").click()
    assert download.value.suggested_filename == f"{data['save']['stem']}.png"
    assert download.value.path().read_text() == "a picture: png"
    assert sent(page) == []


def test_the_code_can_be_copied(page, data):
    panel = open_tab(page, "Save and Python")
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => (window.copied = text) }"
    )
    panel.get_by_role("button", name="Copy").click()
    assert panel.get_by_text("Copied.").is_visible()
    assert page.evaluate("copied") == data["save"]["code"]


@pytest.mark.parametrize("title", TITLES)
def test_nothing_serious_for_accessibility_and_nothing_too_wide(browser, axe, result, data, title):
    viewport = {"width": 600, "height": 800}
    with sections_page(browser, result, data, viewport=viewport) as page:
        open_tab(page, title)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
