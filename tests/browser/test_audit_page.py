import re

import pytest
from playwright.sync_api import expect

from tests import patience
from tests.browser.shared_page import shared_page

#: Some texts of the sample, and the queries that they answer: most of these are lost.
CELL = """
import json
import colbert_explain as ce
folder = ce.sample_collection_folder()
pairs = {"evergreens", "autumn-leaves", "symphony", "beethoven", "night-vision", "bat-echo"}
pairs |= {"bread-yeast", "soda-bread", "tortilla", "guitar", "violin", "double-bass"}
lines = (folder / "corpus.jsonl").read_text("utf-8").splitlines()
documents = [each for each in map(json.loads, lines) if each["_id"] in pairs]
judged = {q: d for q, d in ce.read_qrels(folder).items() if set(d) <= pairs}
queries = {q: text for q, text in ce.read_queries(folder).items() if q in judged}
ce.AuditPage(ce.Collection.build(documents), queries=queries, qrels=judged, k=1)
"""
SIZES = [(1440, 900), (1280, 720), (900, 900)]
#: What a reader must see without scrolling: measures, causes, three lost queries, the first cell.
FIRST_SCREEN = """() => {
  const boxes = [...document.querySelectorAll('.ce-audit-measure, .ce-causes-bar'),
                 ...[...document.querySelectorAll('.ce-queries-lost')].slice(0, 3)]
    .map((node) => node.getBoundingClientRect());
  const map = document.querySelector('.js-plotly-plot .heatmaplayer image').getBoundingClientRect();
  boxes.push({ left: map.left, top: map.top, right: map.left + 20, bottom: map.top + 20 });
  return boxes.length >= 8 && boxes.every(({ left, top, right, bottom }) =>
    left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && bottom > top);
}"""
#: Drops files onto the page: the browser's own events, with texts by name.
DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
  const page = document.querySelector('.ce-audit-page');
  const options = { dataTransfer: data, bubbles: true, cancelable: true };
  page.dispatchEvent(new DragEvent('drop', options));
}"""


@pytest.fixture
def audit(shared, browser, served_folder):
    def ready(page):
        bar = page.locator(".ce-causes-bar").first
        expect(bar).to_be_visible(timeout=patience.milliseconds(120))
        page.wait_for_selector(".js-plotly-plot .heatmaplayer image")

    with shared_page(shared, browser, served_folder, "audit", CELL, ready) as page:
        yield page


def rows(page):
    return page.locator(".ce-queries tbody tr")


def lost(page):
    return page.locator(".ce-queries-lost")


def choose(page, text):
    page.locator(".ce-queries-open", has_text=text).click()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_measures_causes_lost_queries_and_the_first_cell_are_on_the_first_screen(
    audit, width, height
):
    audit.set_viewport_size({"width": width, "height": height})
    expect(audit.locator(".ce-changes-list li")).not_to_have_count(0)
    audit.wait_for_function(FIRST_SCREEN)
    assert audit.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_controls_of_the_picture_are_one_line_at_1280_pixels(audit):
    audit.set_viewport_size({"width": 1280, "height": 720})
    toolbar = audit.locator(".ce-heatmap-toolbar")
    audit.wait_for_function("() => document.querySelector('.ce-heatmap-toolbar').clientHeight < 45")
    expect(toolbar.locator(".ce-heatmap-unscored")).to_have_attribute(
        "title", re.compile("hidden: not scored")
    )


def test_bars_and_list_say_the_same(audit):
    counts = [int(text) for text in audit.locator(".ce-causes-count").all_inner_texts()]
    assert sum(counts) == lost(audit).count() > 3
    expect(audit.locator(".ce-causes-title")).to_have_text(
        f"{sum(counts)} lost (not at rank 1), by cause"
    )
    expect(audit.locator(".ce-audit-found")).to_contain_text("queries are found at rank 1")
    assert [text[:6] for text in audit.locator(".ce-audit-measure").all_inner_texts()] == [
        "nDCG@1",
        "RR@10 ",
        "R@100 ",
    ]


def test_a_cause_lists_its_queries_until_it_is_chosen_again(audit):
    everything = rows(audit).count()
    bar = audit.locator(".ce-causes-bar").first
    name = bar.locator(".ce-causes-name").inner_text()
    number = int(bar.locator(".ce-causes-count").inner_text())
    bar.click()
    expect(rows(audit)).to_have_count(number)
    assert set(audit.locator(".ce-queries-cause").all_inner_texts()) == {name}
    expect(audit.locator(".ce-chosen-cause")).to_contain_text(f"Cause: {name}.")
    bar.click()
    expect(rows(audit)).to_have_count(everything)


def test_a_query_is_explained_with_its_cause_and_its_contrast(audit):
    choose(audit, "string instrument without frets")
    facts = audit.locator(".ce-chosen-facts")
    expect(facts).to_contain_text("at rank 2 of 12 documents")
    expect(facts).to_contain_text("Lost: not at rank 1.")
    title = audit.locator(".ce-chosen-title")
    expect(title).to_contain_text("Winner, rank 1: ")
    expect(audit.locator(".ce-headline-contrast")).to_contain_text(
        re.compile("“.+” outscores “.+”")
    )
    expect(audit.locator(".ce-text-query")).to_contain_text("string instrument without frets")
    audit.wait_for_selector(".js-plotly-plot .heatmaplayer image")
    winner = audit.locator(".ce-headline-score").inner_text()
    audit.get_by_role("button", name="Show the right document").click()
    expect(audit.locator(".ce-headline-score")).not_to_have_text(winner)
    expect(title).to_contain_text("Right document, rank 2: ")
    right = audit.get_by_label("Right", exact=True).locator("option:checked").inner_text()
    assert title.inner_text().endswith(right.split(" · ")[2])
    expect(audit.get_by_role("button", name="Show the right document")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_another_document_is_compared(audit):
    choose(audit, "string instrument without frets")
    before = audit.locator(".ce-headline-contrast").inner_text()
    audit.get_by_label("Winner", exact=True).select_option(index=3)
    expect(audit.locator(".ce-headline-contrast")).not_to_have_text(before)


def test_it_says_what_would_change_a_query_and_takes_another(audit):
    choose(audit, "bread made without yeast")
    changes = audit.locator(".ce-changes-list li")
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text(", the winner scores")
    for line in changes.all():
        after = line.locator(".ce-changes-ranks").inner_text().split(" → ")[1]
        assert (line.locator(".ce-changes-mark").inner_text() == "✓") == (after == "1")
    field = audit.get_by_role("textbox", name="Try another query")
    expect(field).to_have_value("bread made without yeast")
    field.fill("bread with baking soda")
    field.press("Enter")
    result = audit.locator(".ce-changes-result")
    expect(result).to_have_text(
        "Rank 2 → 1 of 12: ✓ found. “bread with baking soda” puts the right document first."
    )
    field.fill("yeast")
    audit.get_by_role("button", name="Try").click()
    expect(result).to_contain_text("of 12: not found. “yeast” puts “")


def test_a_cause_says_what_it_means_where_keyboard_and_touch_reach_it(audit):
    bar = audit.locator(".ce-causes-bar").first
    meaning = audit.locator(".ce-causes-said:visible")
    expect(meaning).to_have_count(0)
    bar.focus()
    bar.press("Enter")
    expect(meaning).to_have_count(1)
    expect(bar).to_have_attribute("aria-describedby", meaning.get_attribute("id"))
    assert meaning.inner_text() in audit.locator(".ce-chosen-cause").inner_text()
    assert bar.evaluate("bar => getComputedStyle(bar).cursor") == "pointer"
    bar.press("Enter")
    expect(meaning).to_have_count(0)


def test_queries_are_filtered_by_words(audit):
    everything = rows(audit).count()
    field = audit.get_by_role("searchbox", name="Filter the queries by words")
    field.fill("YEAST bread")
    expect(rows(audit)).to_have_count(1)
    expect(rows(audit)).to_contain_text("bread made without yeast")
    expect(audit.locator(".ce-queries-title")).to_have_text("1 query, 1 lost")
    field.fill("zebra")
    expect(rows(audit)).to_have_count(0)
    expect(audit.get_by_text("No query contains all these words.")).to_be_visible()
    field.fill("")
    expect(rows(audit)).to_have_count(everything)


def test_a_long_query_is_read_in_full_once_it_is_on_show(audit):
    audit.set_viewport_size({"width": 1280, "height": 720})
    longest = max(audit.locator(".ce-queries-open").all_inner_texts(), key=len)
    choose(audit, longest)
    shown = audit.locator(".ce-queries-shown button")
    expect(shown).to_have_text(longest)
    assert shown.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    assert shown.evaluate("node => getComputedStyle(node).overflowY") == "auto"


def test_menus_of_documents_begin_with_rank_and_score(audit):
    choose(audit, "string instrument without frets")
    for label in ("Winner", "Right"):
        chosen = audit.get_by_label(label, exact=True).locator("option:checked")
        assert re.fullmatch(r"\d+ · \d\.\d\d · .+", chosen.inner_text())


def test_another_depth_changes_what_the_query_on_show_says(audit):
    choose(audit, "bread made without yeast")
    facts = audit.locator(".ce-chosen-facts")
    expect(facts).to_contain_text("Lost: not at rank 1.")
    audit.get_by_label("Found").select_option("3")
    expect(facts).to_contain_text("Found: within the first 3.")
    expect(audit.locator(".ce-changes-list .ce-changes-mark").first).to_have_text("✓")
    audit.get_by_label("Found").select_option("1")
    expect(facts).to_contain_text("Lost: not at rank 1.")


def test_the_list_is_sorted_and_walked_by_keyboard(audit):
    audit.get_by_role("button", name="Rank", exact=True).click()
    ranks = [int(t) for t in rows(audit).locator("td:nth-child(2)").all_inner_texts()]
    assert ranks == sorted(ranks)
    expect(audit.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    first = audit.locator(".ce-queries-open").first
    first.click()
    expect(first).to_have_attribute("aria-current", "true")
    first.press("ArrowDown")
    second = audit.locator(".ce-queries-open").nth(1)
    expect(second).to_have_attribute("aria-current", "true")
    expect(audit.locator(".ce-text-query")).to_contain_text(second.inner_text())
    audit.get_by_role("button", name="Rank", exact=True).click()
    audit.get_by_role("button", name="Rank").click()
    expect(audit.locator("th[aria-sort]")).to_have_count(0)


def test_a_second_search_is_compared(audit):
    audit.get_by_label("Compare with").select_option("bm25_alone")
    table = audit.locator(".ce-runs tbody tr")
    expect(table).to_have_count(3)
    expect(table.first).to_contain_text(" ± ")
    expect(audit.locator(".ce-runs-list summary").first).to_contain_text("Better with maxsim")
    expect(audit.locator(".ce-runs-why").first).to_be_visible()
    audit.get_by_label("Compare with").select_option("")
    expect(audit.locator(".ce-runs")).to_be_hidden()


def test_from_run_and_judgments_to_a_main_cause_it_is_one_click(audit):
    files = {
        "mine.run": "q-bread Q0 bread-yeast 1 2.0 mine\nq-bread Q0 soda-bread 2 1.0 mine\n",
        "qrels.txt": "q-bread 0 soda-bread 1\n",
        "queries.tsv": "q-bread\tbread made without yeast\n",
    }
    audit.evaluate(DROP, files)
    waiting = audit.locator(".ce-judged-files li")
    expect(waiting).to_have_count(3)
    uses = dict(
        zip(
            audit.locator(".ce-judged-name").all_inner_texts(),
            [select.input_value() for select in waiting.locator("select").all()],
            strict=True,
        )
    )
    assert uses == {"mine.run": "run", "qrels.txt": "judged", "queries.tsv": "queries"}
    audit.get_by_role("button", name="Use these files").click()
    expect(rows(audit)).to_have_count(1)
    expect(audit.locator(".ce-chosen-facts")).to_contain_text("Lost: ")
    expect(audit.locator(".ce-headline-contrast")).to_contain_text("outscores")


def test_judgments_of_other_documents_are_refused_in_a_sentence(audit):
    audit.get_by_role("button", name="Judgments").click()
    menu = audit.locator(".ce-collection-menu", has=audit.locator(".ce-judged-given"))
    menu.locator("input[type=file]").first.set_input_files(
        [{"name": "qrels.txt", "mimeType": "text/plain", "buffer": b"q-bread 0 nowhere 1\n"}]
    )
    audit.get_by_role("button", name="Use these files").click()
    expect(audit.locator(".ce-audit-summary .ce-problem")).to_contain_text(
        "None of the documents judged relevant is in the collection (looked for: “nowhere”)"
    )
    audit.evaluate(DROP, {"qrels.txt": "q-bread 0 soda-bread 1\n", "empty.run": ""})
    waiting = audit.locator(".ce-judged-files li")
    expect(waiting.filter(has_text="empty.run")).to_contain_text("It is empty.")
    audit.get_by_role("button", name="Use these files").click()
    expect(rows(audit)).to_have_count(1)
    expect(audit.locator(".ce-audit-summary .ce-problem")).to_have_text("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_hard_to_reach(audit, axe, scheme):
    audit.emulate_media(color_scheme=scheme)
    audit.get_by_label("Compare with").select_option("pooled_alone")
    expect(audit.locator(".ce-runs tbody tr")).to_have_count(3)
    assert axe(audit) == []


def test_documents_that_wait_to_be_indexed_leave_no_page_without_a_word(audit):
    document = '{"_id": "one", "text": "cats eat fish"}\n'
    files = {"corpus.jsonl": document, "qrels.txt": "q 0 one 1\n", "queries.tsv": "q\tfish\n"}
    audit.evaluate(DROP, files)
    audit.get_by_role("button", name="Use these files").click()
    expect(audit.locator(".ce-result-waiting")).to_have_text(
        "The queries are run once the documents are indexed."
    )
    audit.get_by_role("button", name="Not now").click()
    expect(audit.locator(".ce-audit-page")).to_contain_text(
        "None of the documents judged relevant is in"
    )
