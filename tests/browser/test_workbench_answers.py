"""What the workbench says of texts: live, while it computes, after Cancel, of odd and bad texts."""

import time

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests import patience
from tests.browser.workbench_texts import ARTICLE

OLD = "Scores are for the previous text"
HOSTILE = "<img src=x onerror=alert(1)>"
#: Type letters one after the other, quicker than any pause.
_TYPE = """(field, letters) => {
  for (const letter of letters) {
    field.value += letter;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def asked(bench):
    return bench.events().count("explain")


@pytest.fixture
def quick(bench):
    """A workbench of which every answer counts as quick, however busy the machine is."""
    bench.page.evaluate("() => { performance.now = () => 0; }")
    bench.explain("cats eat", "Dogs eat fish.")
    bench.live.uncheck()
    bench.live.check()  # which forgets how long earlier answers took
    yield bench
    bench.page.evaluate("() => { delete performance.now; }")
    bench.live.check()


def test_typing_explains_anew_once(quick):
    before = asked(quick)
    quick.document.evaluate(_TYPE, " Cats eat mice.")
    assert not quick.fresh()  # at once: the numbers are not yet of this text
    quick.wait_for_answer()
    assert quick.score() == pytest.approx(
        ce.explain("cats eat", "Dogs eat fish. Cats eat mice.").score, abs=6e-3
    )
    assert asked(quick) == before + 1


def test_nothing_is_explained_live_when_switched_off_or_when_it_is_long(quick):
    quick.live.uncheck()
    quick.document.evaluate(_TYPE, " It rains.")
    quick.page.wait_for_timeout(800)
    before = asked(quick)
    assert not quick.fresh()
    expect(quick.page.locator(".ce-headline-state")).to_have_text(OLD)
    quick.live.check()
    quick.document.evaluate(_TYPE, [" It rains here." * 50])
    quick.page.wait_for_timeout(800)
    assert asked(quick) == before
    quick.explain_button.click()
    quick.wait_for_answer()
    assert asked(quick) == before + 1


def test_the_numbers_of_other_texts_recede_and_say_so(bench):
    bench.explain("cats eat", "Dogs eat fish.")
    bench.live.uncheck()
    opacity = "(e) => Number(getComputedStyle(e).opacity)"
    parts = [
        bench.page.locator(part)
        for part in (".ce-headline-number", ".ce-heatmap-picture", ".ce-readout", ".ce-text")
    ]
    assert [part.evaluate(opacity) for part in parts] == [1, 1, 1, 1]
    bench.query.fill("cows eat")
    assert all(part.evaluate(opacity) < 0.6 for part in parts)
    expect(bench.page.locator(".ce-headline-state")).to_have_text(OLD)
    bench.query.fill("cats eat")  # what is on show is of these texts again
    assert [part.evaluate(opacity) for part in parts] == [1, 1, 1, 1]
    bench.live.check()


def test_cancel_leaves_the_old_result_marked_and_what_was_typed(bench):
    bench.explain("cats eat", "Dogs eat fish.")
    score = bench.score()
    (article,) = ce.load_samples("Long document")
    new = f"Read for the first time: {time.time_ns()}. {article.document}"  # and so not kept
    bench.document.fill(new)
    bench.explain_button.click()
    expect(bench.explain_button).to_have_text("Cancel")
    state = bench.page.locator(".ce-headline-state")
    expect(state).to_contain_text("updating")
    expect(state).to_contain_text("%")
    assert not bench.fresh()
    bench.explain_button.click()
    expect(bench.page.locator(".ce-query-status")).to_have_text("Cancelled.")
    expect(state).to_have_text(OLD)
    assert bench.score() == score
    assert bench.document.input_value() == new
    expect(bench.explain_button).to_have_text("Explain")
    bench.explain_button.click()
    bench.wait_for_answer(timeout=patience.milliseconds(120))
    assert bench.fresh()
    assert bench.score() != score


@pytest.mark.parametrize(
    ("query", "document", "sentence"),
    [
        ("", "cats", "Enter a query first."),
        ("cats", "  \n ", "Enter a document first."),
        ("🐘 象", "cats", "that all-MiniLM-L6-v2 can read"),
        ("cats", "\u0301\u0301", "something to read"),
        ("cats", "?!...", "a token that is scored"),
    ],
)
def test_what_cannot_be_explained_is_said_beside_a_marked_old_result(
    bench, query, document, sentence
):
    bench.explain("cats eat fish", "cats eat fish")
    bench.live.uncheck()
    bench.explain(query, document)
    expect(bench.problem).to_contain_text(sentence)
    assert not bench.fresh()
    expect(bench.page.locator(".ce-headline-state")).to_have_text(OLD)
    assert bench.score() == pytest.approx(3, abs=6e-3)
    assert bench.query.input_value() == query
    assert bench.document.input_value() == document
    bench.explain("cats eat fish", "cats eat")
    assert bench.problem.inner_text() == ""
    bench.live.check()


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "<script>alert(1)</script> </s> <b>bold</b>",
        "$x$ and $$y$$ \\(z\\) &amp; &lt;b&gt; 100%{z}",
        "שלום עולם مرحبا",
        "a literal [MASK] and [SEP] %{x} {{ 7 * 7 }} ${alert(1)}",
    ],
)
def test_odd_text_is_shown_as_written_and_runs_nothing(bench, text):
    page = bench.page
    document = f"cats {text} end"
    bench.explain(text, document, by_keyboard=True)
    assert bench.score() == pytest.approx(ce.explain(text, document).score, abs=6e-3)
    for part, written in ((".ce-text-query", text), (".ce-text-box", document)):
        shown = page.locator(part).text_content()
        assert shown.replace("\u2068", "").replace("\u2069", "") == written
    words = ce.explain(text, document).words()
    assert len(bench.row_labels()) == sum(word.scored for word in words.query)
    page.mouse.move(*bench.cell(0, int(sum(bench.visible_range()) / 2)))
    bench.show("Links")
    bench.show("Heatmap")
    bench.section("Table")
    assert page.locator("img[src=x], .ce-workbench-page script").count() == 0
    assert bench.alarms == []


def test_half_a_surrogate_pair_is_named_by_the_page(bench):
    bench.document.evaluate(_TYPE, ["\ud83d"])
    bench.explain_button.click()
    expect(bench.problem).to_contain_text("half a character")
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_a_megabyte_is_read_as_far_as_the_model_reads_and_says_so(bench):
    bench.query.fill("fish")
    bench.document.evaluate(_TYPE, ["cats eat fish. " * 66_000])
    bench.explain_button.click()
    note = bench.page.locator(".ce-headline-notices")
    note.wait_for(timeout=patience.milliseconds(120))
    assert "8,192 tokens" in note.inner_text()
    assert bench.layout_faults() == []
    bench.explain("cats", "cats")
    assert bench.score() == pytest.approx(1, abs=6e-3)


@pytest.mark.parametrize("megabytes", [2, 50])
def test_a_paste_too_large_to_send_is_refused_before_it_fills_the_field(bench, megabytes):
    bench.explain("cats", "before")
    assert bench.paste("word " * (megabytes * 1024**2 // 5))
    expect(bench.problem).to_contain_text("At most 1,000,000")
    assert bench.document.input_value() == "before"
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_a_word_of_ten_thousand_letters_fits_the_page(bench):
    bench.explain("cats eat fish", "unaffordably" * 850 + " cats")
    assert bench.problem.inner_text() == ""
    for width in (600, 1280):
        bench.resize(width, 800)
        assert bench.layout_faults() == []
    bench.resize(1440, 900)


def test_the_long_article_opens_at_its_evidence_and_is_walked_by_its_strip(bench):
    page = bench.page
    bench.example(ARTICLE)
    matches = [
        int(node.get_attribute("data-column")) for node in page.locator(".ce-heatmap-matched").all()
    ]
    left, right = bench.visible_range()
    assert left > 100  # the evidence stands far from the beginning
    assert all(left < column < right for column in matches)
    assert len(matches) >= 5
    strip = page.get_by_role("slider", name="Part of the document in the picture")
    strip.press("Home")
    bench.wait_for_range("left < 1")
    expect(strip).to_have_attribute("aria-valuenow", "1")
    strip.press("PageUp")
    bench.wait_for_range(f"left > {0.8 * (right - left)}")
    strip.press("End")
    bench.wait_for_range("left > 2000")
    before = bench.visible_range()
    box = strip.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 8)
    bench.wait_for_range(f"right < {before[0]}")
    row = bench.cell(1, int(sum(bench.visible_range()) / 2))
    middle = bench.visible_range()
    page.mouse.move(*row)
    page.mouse.down()
    page.mouse.move(row[0] + 60, row[1], steps=6)
    page.mouse.up()
    bench.wait_for_range(f"left < {middle[0] - 0.5}")
    assert page.locator(".ce-text-pinned").count() == 0  # neither click nor drag pins
