"""Nothing that a reader puts into the workbench is lost, and no link can harm it."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests import patience
from tests.browser.workbench_driver import opened_workbench
from tests.browser.workbench_texts import FIVE, QUERY

#: Storage as a browser has it that allows none.
NO_STORAGE = """for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
}"""
PACK = """async (record) => {
  const bytes = new TextEncoder().encode(JSON.stringify(record));
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const letters = String.fromCharCode(...new Uint8Array(await new Response(packed).arrayBuffer()));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}"""


def fragment(query, *documents):
    return "#q=" + quote(query) + "".join(f"&d={quote(text)}" for text in documents)


def follow(bench, link):
    bench.page.evaluate("(link) => { location.hash = link; }", link)


def test_a_reload_brings_texts_ranking_and_options_back(bench, dashboards):
    bench.rank(QUERY, FIVE)
    bench.page.get_by_role("radio", name="By contribution").check()
    best = bench.score()
    bench.rows.nth(1).locator(".ce-rail-main").click()
    bench.page.wait_for_function(
        "() => document.querySelectorAll('.ce-rail-row')[1].classList.contains('ce-rail-shown')"
        " && document.querySelector('.ce-headline-number').checkVisibility()"
    )
    expect(bench.page.locator(".ce-headline-score")).not_to_have_text(f"{best:.2f}")
    second = bench.score()
    bench.open(dashboards.page("workbench"))  # its fragment, too, is gone
    expect(bench.rows).to_have_count(5)
    assert bench.query.input_value() == QUERY
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{second:.2f}")
    expect(bench.page.get_by_role("radio", name="By contribution")).to_be_checked()
    bench.page.get_by_role("radio", name="As written").check()


def test_a_link_holds_query_and_documents_and_back_and_forward_work(bench):
    page = bench.page
    follow(bench, fragment("what do cats eat", "Cats eat fish."))
    expect(bench.document).to_have_value("Cats eat fish.")
    bench.wait_for_answer()
    one = bench.score()
    assert one == pytest.approx(ce.explain("what do cats eat", "Cats eat fish.").score, abs=6e-3)
    follow(bench, fragment("what do cats eat", "Cats eat fish.", "It rains."))
    expect(bench.rows).to_have_count(2)
    bench.wait_for_answer()
    page.go_back()
    expect(bench.document).to_have_value("Cats eat fish.")
    bench.wait_for_answer()
    assert bench.score() == one
    page.go_forward()
    expect(bench.rows).to_have_count(2)
    bench.wait_for_answer()
    packed = page.evaluate(PACK, {"query": "packed query", "documents": ["packed text"]})
    follow(bench, f"#z={packed}")
    expect(bench.query).to_have_value("packed query")
    expect(bench.document).to_have_value("packed text")
    bench.wait_for_answer()


def test_the_address_follows_what_is_explained_and_a_text_too_long_leaves_none(bench):
    page = bench.page
    bench.explain("cats & dogs", "Cats eat 50% of it.")
    page.wait_for_function(
        "(part) => location.hash.includes(part)", arg=quote("cats & dogs", safe="")
    )
    page.get_by_role("button", name="Share").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("menuitem", name="Copy link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert "?" not in link
    long = " ".join(f"{number * 7919 % 100_003}" for number in range(6000))  # packs badly
    bench.explain("cats", long)
    page.wait_for_function("() => location.hash === ''")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("menuitem", name="Copy link").click()
    expect(bench.problem).to_contain_text("too long for a link")


@pytest.mark.parametrize(
    "link",
    [
        "#z=@@@", "#z=AAAA", "#q=cats&d=%E0%A4%A", "#q=cats&unknown=1", "#q=cats&q=dogs&d=x",
        "#z=" + "A" * 9000,
    ],
)  # fmt: skip
def test_a_damaged_link_is_a_sentence_and_changes_nothing(bench, link):
    bench.explain("cats", "cats sleep")
    follow(bench, link)
    expect(bench.problem).to_contain_text("The link is damaged")
    assert bench.query.input_value() == "cats"
    assert bench.document.input_value() == "cats sleep"


def test_a_hostile_link_is_text(bench):
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    follow(bench, fragment(hostile, f"cats {hostile}", hostile))
    expect(bench.query).to_have_value(hostile)
    bench.wait_for_answer()
    assert bench.page.locator("img[src=x]").count() == 0
    assert bench.alarms == []
    many = "&".join("d=cats" for _ in range(150))
    bench.explain("cats", "cats sleep")
    follow(bench, f"#q=cats&{many}")
    expect(bench.problem).to_contain_text("At most 100")
    assert bench.document.input_value() == "cats sleep"


def test_without_storage_of_the_browser_everything_else_works(browser, dashboards, monkeypatch):
    from tests.browser import workbench_driver

    opened = workbench_driver.open_isolated_context

    def without_storage(*arguments, **options):
        context = opened(*arguments, **options)
        context.add_init_script(NO_STORAGE)
        return context

    monkeypatch.setattr(workbench_driver, "open_isolated_context", without_storage)
    with opened_workbench(browser, dashboards.page("workbench")) as bench:
        bench.explain("cats eat", "Cats eat fish.")
        bench.live.uncheck()
        bench.live.check()
        assert bench.score() > 1
        assert bench.complaints() == []


def test_two_hundred_pasted_documents_are_split_and_as_many_taken_as_may_be(bench):
    bench.explain("number 77", "nothing")
    texts = [f"This is text number {number}." for number in range(200)]
    bench.paste("\n---\n".join(texts))
    preview = bench.page.get_by_role("group", name="Pasted documents")
    expect(preview).to_contain_text("Looks like 200 documents, separated by lines of dashes.")
    expect(preview).to_contain_text("At most 100 can be compared")
    assert bench.layout_faults() == []
    preview.get_by_role("button", name="Use these 100").click()
    expect(bench.rows).to_have_count(100)
    bench.wait_for_answer(timeout=patience.milliseconds(120))
    assert bench.layout_faults() == []
    expect(bench.rows.first).to_contain_text("number 77")


def test_no_number_stands_beside_another_text_once_documents_are_replaced(bench):
    bench.explain("what do cats eat", "Cats eat fish.")
    assert bench.fresh()
    bench.paste("\n\n".join(FIVE))
    # What is seen the moment the button was pressed, whatever Python does then.
    button = bench.page.get_by_role("button", name="Use these 5")
    seen = button.evaluate(
        """(button) => {
          button.click();
          const root = document.querySelector('.ce-workbench-page');
          return [root.classList.contains('ce-result-old'),
                  document.querySelector('.ce-headline').classList.contains('ce-headline-old'),
                  [...document.querySelectorAll('.ce-rail-score')].map((e) => e.textContent)];
        }"""
    )
    assert seen == [True, True, ["not explained yet"] * 5]
    bench.wait_for_answer()
    scores = [node.inner_text() for node in bench.page.locator(".ce-rail-score").all()]
    assert all(re.fullmatch(r"\d\.\d\d", score) for score in scores)


def test_a_removed_document_comes_back(bench):
    bench.rank(QUERY, FIVE)
    names = bench.page.locator(".ce-rail-main").evaluate_all(
        "(all) => all.map((e) => e.getAttribute('aria-label'))"
    )
    bench.rows.nth(2).hover()
    bench.rows.nth(2).get_by_role("button", name="Remove").click()
    expect(bench.rows).to_have_count(4)
    bench.page.get_by_role("button", name="Undo").click()
    expect(bench.rows).to_have_count(5)
    after = bench.page.locator(".ce-rail-main").evaluate_all(
        "(all) => all.map((e) => e.getAttribute('aria-label'))"
    )
    assert after == names


def test_a_document_of_the_ranking_is_shown_by_click_and_keys_and_edited_by_enter(bench):
    bench.resize(1280, 720)
    bench.rank(QUERY, FIVE)
    ranking = ce.rank(QUERY, {str(k): text for k, text in enumerate(FIVE)})
    scores = [f"{ranking.scores[k]:.2f}" for k in ranking.order]
    assert bench.page.locator(".ce-rail-score").all_inner_texts() == scores
    shown = bench.page.locator(".ce-headline-score")
    bench.rows.nth(2).locator(".ce-rail-main").click()
    expect(shown).to_have_text(scores[2])
    assert bench.page.evaluate("scrollY") == 0
    bench.page.keyboard.press("ArrowDown")
    expect(shown).to_have_text(scores[3])
    bench.page.keyboard.press("Enter")
    area = bench.page.locator(".ce-drawer-text")
    expect(area).to_have_value(FIVE[ranking.order[3]])
    area.fill("Elephants eat much per day.")
    assert not bench.fresh()
    area.press("Control+Enter")
    bench.wait_for_answer()
    expect(bench.rows.first).to_contain_text("Elephants eat much per day.")
