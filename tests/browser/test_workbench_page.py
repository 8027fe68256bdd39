import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.theme import DARK, LIGHT
from colbert_explain.views.token_labels import MOST_BOLD
from tests import patience
from tests.browser.isolation import open_isolated_context
from tests.browser.workbench_driver import WorkbenchDriver

#: Long enough for a strip, short enough to be read in a second; the best sentence stands last.
LONG = "Trains run on time here. " * 60 + "Some cats eat an unbelievable lot of fish. It rains."
HOSTILE = "<img src=x onerror=alert(1)>"

#: Press Cancel as soon as there is one: a driver outside the page may be too late.
CANCEL_AT_ONCE = """(panel) => {
  const observer = new MutationObserver(() => {
    const shown = [...panel.querySelectorAll('button')].filter((button) => button.offsetParent);
    const cancel = shown.find((button) => button.textContent === 'Cancel');
    if (cancel) { observer.disconnect(); cancel.click(); }
  });
  observer.observe(panel, { attributes: true, childList: true, subtree: true });
}"""


@contextmanager
def opened(browser, url):
    black_hole = []
    context = open_isolated_context(browser, black_hole)
    page = context.new_page()
    driver = WorkbenchDriver(page)
    driver.black_hole, driver.alarms, driver.sockets = black_hole, [], []
    page.on("dialog", lambda dialog: (driver.alarms.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: driver.alarms.append(str(error)))
    page.on("websocket", lambda socket: driver.sockets.append(socket.url))
    driver.open(url)
    yield driver
    context.close()


@pytest.fixture
def bench(shared, browser, dashboards):
    """One workbench dashboard for all tests, which so is also shown to live on."""
    driver = shared.get("bench", lambda: opened(browser, dashboards.page("workbench")))
    yield driver
    assert driver.alarms == []
    assert driver.black_hole == []
    # What is on its way while a connection is lost is lost with it, and nobody is told.
    assert len(driver.sockets) == 1


def assert_hover_is_true(bench, explanation, i, j):
    text = bench.hover(i, j)
    query, rest = text.split("document: ")
    document, value = rest.split("cosine similarity: ")
    sides = ((query, explanation.query, i), (document, explanation.document, j))
    for shown, tokens, position in sides:
        token = tokens[position]
        assert f"(token {position}" in shown
        left, right = tokens.context(position)
        # A long text marks the token by brackets, a short one by bold letters.
        marked = f"[{token.text}]" if len(tokens) > MOST_BOLD else token.text
        assert f"{left}{marked}{right}".replace("\n", " ") in shown
    if explanation.query[i].scored:
        best = int(explanation.alignment[i])
        assert f"its best match: {explanation.document[best].text} (token {best}" in query
    assert float(value) == pytest.approx(float(explanation.similarity[i, j]), abs=6e-4)


@pytest.fixture
def new_bench(shared, request):
    """A workbench that no test has used."""
    shared.close()
    return request.getfixturevalue("bench")


def test_it_opens_with_an_explanation_and_asks_nobody_else(new_bench):
    assert new_bench.score() == pytest.approx(6.766, abs=2e-3)


def test_a_typed_pair_is_explained_and_hovering_shows_the_truth(bench):
    query = "Which animals eat grass?"
    document = "Cows graze; cats eat mice. Horses eat hay & grass."
    bench.explain(query, document, by_keyboard=True)
    x = ce.explain(query, document)
    assert bench.score() == pytest.approx(x.score, abs=1e-3)
    for i, j in [(0, 0), (3, 8), (4, len(x.document) - 1), (len(x.query) - 1, 2)]:
        assert_hover_is_true(bench, x, i, j)


def test_a_click_pins_the_pair_in_text_and_heatmap(bench):
    bench.explain("cats eat fish", "Dogs and cats eat meat.")
    bench.click(1, 3)
    pinned = bench.page.locator(".ce-pinned-line:not(.ce-quiet)")
    pinned.wait_for()
    assert "query token 1 “cats” and document token 3 “cats”" in pinned.inner_text()
    assert bench.page.locator(".ce-highlight .ce-pin").all_inner_texts() == ["cats", "cats"]
    framed = "() => document.querySelector('.js-plotly-plot').data.at(-1).x[0]"
    assert bench.page.evaluate(framed) == 2.5


def test_the_long_article_can_be_cancelled_explained_and_hovered_at_both_ends(
    bench, keeping_encoder
):
    (article,) = ce.load_samples("Long document")
    document = f"Read for the first time: {time.time_ns()}. {article.document}"  # and so not kept
    bench.query.fill(article.query)
    bench.page.evaluate(
        "(text) => { document.querySelectorAll('.ce-form textarea')[1].value = text }", document
    )
    bench.explain_button.click()
    bench.page.wait_for_function(
        "() => document.querySelector('.ce-status').textContent.includes('%')"
    )
    bench.cancel_button.click()
    bench.wait_for_status("Cancelled.")  # "Done." is what one that is not given up ends with
    bench.explain_button.click()
    bench.page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot').data[0].z.length === 11"
        " && document.querySelector('.ce-status').textContent === 'Done.'"
        " && document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range[0] > 4000",
        timeout=patience.milliseconds(120),
    )
    x = ce.explain(article.query, document, keeping_encoder)  # the vectors, not the explanation
    left, right = bench.visible_range()
    best = int(x.alignment[2])
    assert left < best < right < left + 51
    assert_hover_is_true(bench, x, 2, best)
    slider = bench.page.get_by_role("slider", name="Part of the document in the heatmap")
    for key, j in (("Home", 2), ("End", len(x.document) - 3)):
        slider.press(key)
        bench.wait_for_range(f"left < {j} && {j} < right")
        bench.wait_until_settled()
        assert_hover_is_true(bench, x, 3, j)
    left, right = bench.visible_range()
    bench.scroll_over(3, j, 300)
    bench.wait_for_range(f"right - left > {1.1 * (right - left)}")
    bench.wait_until_settled()
    left, right = bench.visible_range()
    bench.scroll_over(3, j, -300)
    bench.wait_for_range(f"right - left < {0.9 * (right - left)}")
    assert_hover_is_true(bench, x, 3, j)


def test_making_a_page_of_the_long_article_can_be_cancelled(bench):
    (article,) = ce.load_samples("Long document")
    bench.explain(article.query, article.document)
    bench.show("Save and share")
    downloads = []
    bench.page.on("download", lambda download: downloads.append(download))
    export = bench.page.locator(".ce-export")
    export.evaluate(CANCEL_AT_ONCE)
    export.get_by_role("button", name="Page (HTML)").click()
    export.get_by_text("Cancelled.").wait_for()
    export.get_by_role("button", name="Table (CSV)").click()
    export.get_by_text("Saved ").wait_for()
    assert [download.suggested_filename for download in downloads] == [
        f"{export.get_by_text('Saved ').inner_text()[6:-1]}"
    ]
    assert downloads[0].suggested_filename.endswith(".csv")


def explain_long(bench):
    for name in ("tokens", "as written", "all"):
        bench.choose(name)
    bench.explain("cats", "cats")  # so that what is waited for below was not there before
    bench.wait_for_range("right < 10")
    bench.explain("cats eat fish", LONG)
    bench.page.locator(".ce-track").wait_for()
    x = ce.explain("cats eat fish", LONG)
    bench.wait_for_range(f"right > {len(x.document) - 30} && right < {len(x.document)}")
    bench.wait_until_settled()  # a drag that begins while the figure is drawn ends there
    return x


def test_a_short_document_has_no_strip(bench):
    bench.explain("cats eat fish", "Dogs eat meat.")
    assert not bench.page.locator(".ce-track").is_visible()
    assert not bench.page.locator(".ce-passages").is_visible()


def test_a_click_on_the_strip_moves_the_heatmap_and_pins_nothing(bench):
    x = explain_long(bench)
    track = bench.page.locator(".ce-track")
    track.scroll_into_view_if_needed()
    place = track.bounding_box()
    bench.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + 20)
    middle = len(x.document) / 2
    bench.wait_for_range(f"left < {middle - 10} && right > {middle + 10} && right - left < 50")
    left, right = bench.rectangle()
    assert (left + right) / 2 == pytest.approx(0.5, abs=0.01)
    tip = bench.page.locator(".ce-tip").inner_text()
    assert "matches best: " in tip
    assert "token " in tip
    assert bench.page.locator(".ce-pinned-line:not(.ce-quiet)").count() == 0


def test_the_strip_is_a_slider_for_the_keyboard(bench):
    x = explain_long(bench)
    slider = bench.page.get_by_role("slider", name="Part of the document in the heatmap")
    n = len(x.document)
    slider.press("Home")
    bench.wait_for_range("left === -0.5")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    assert f"tokens 0 to 35 of {n}, near “" in slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    bench.wait_for_range("left > 0 && left < 10")
    slider.press("PageUp")
    bench.wait_for_range("left > 35 && left < 50")
    slider.press("Enter")  # from the beginning, the first best match
    best = int(min(x.alignment[x.alignment >= 0]))
    bench.wait_for_range(f"left < {best} && right > {best}")
    slider.press("End")
    bench.wait_for_range(f"right === {n - 0.5}")


def test_panning_the_heatmap_moves_the_rectangle(bench):
    x = explain_long(bench)
    before = bench.rectangle()
    left, _ = bench.visible_range()
    start = bench.cell(2, round(left) + 4)
    end = bench.cell(2, round(left) + 24)
    bench.page.mouse.move(*start)
    bench.page.mouse.down()
    bench.page.mouse.move(end[0] - 20, end[1], steps=8)
    bench.page.mouse.move(*end, steps=4)
    bench.page.mouse.up()
    bench.wait_for_range(f"left < {left - 15}")
    moved = (left - bench.visible_range()[0]) / len(x.document)
    bench.page.wait_for_function(
        "(left) => parseFloat(document.querySelector('.ce-part').style.left) < left",
        arg=100 * before[0] - 50 * moved,
    )
    assert before[0] - bench.rectangle()[0] == pytest.approx(moved, abs=0.005)


def test_a_passage_moves_the_heatmap_and_pins_nothing(bench):
    x = explain_long(bench)
    bench.page.locator(".ce-track").press("Home")
    bench.wait_for_range("left === -0.5")
    best = x.passages()[0]
    bench.show("Best sentences")
    button = bench.page.locator(".ce-passages button").first
    shown = button.inner_text()
    assert best.text in shown
    assert f"{best.score:.3f}" in shown
    button.click()
    bench.wait_for_range(f"left < {best.first_token} && right > {best.last_token}")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert bench.page.locator(".ce-pinned-line:not(.ce-quiet)").count() == 0
    assert bench.page.locator(".js-plotly-plot .shapelayer path").count() >= 1


def test_words_are_shown_and_a_click_pins_their_strongest_pieces(bench):
    x = explain_long(bench)
    words = x.words()
    bench.choose("words")
    bench.page.wait_for_function(
        "(n) => document.querySelector('.js-plotly-plot').data[0].z[0].length === n",
        arg=len(words.document),
    )
    bench.page.locator(".js-plotly-plot .x2tick", has_text="unbelievable").wait_for()
    left, right = bench.rectangle()
    best = int(x.alignment[x.alignment >= 0][0]) / len(x.document)
    assert left < best < right
    bench.choose("by contribution")
    bench.choose("scored")
    bench.page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot .gtitle').textContent.includes('hidden')",
    )
    row = int(x.contributions.argmax())
    column = next(k for k, w in enumerate(words.document) if x.alignment[row] in w.positions)
    bench.wait_until_settled()
    bench.hover(0, column)  # a click counts where the figure has seen the pointer
    bench.click(0, column)
    pinned = bench.page.locator(".ce-pinned-line:not(.ce-quiet)")
    pinned.wait_for()
    assert f"query token {row} " in pinned.inner_text()
    assert f"document token {x.alignment[row]} " in pinned.inner_text()
    for name in ("tokens", "as written", "all"):
        bench.choose(name)
    bench.page.wait_for_function(
        "(n) => document.querySelector('.js-plotly-plot').data[0].z[0].length === n",
        arg=len(x.document),
    )


def test_a_dark_page_has_a_dark_figure_and_changes_with_the_system(new_context, dashboards, axe):
    page = new_context(color_scheme="dark").new_page()
    bench = WorkbenchDriver(page)
    bench.open(dashboards.page("workbench"))
    ground = "() => document.querySelector('.js-plotly-plot')._fullLayout.paper_bgcolor"
    page.wait_for_function(f"() => ({ground})() === '{DARK.paper}'")
    explain_long(bench)
    assert page.evaluate(ground) == DARK.paper
    colour = "(e) => getComputedStyle(e).backgroundColor"
    paper = tuple(int(DARK.paper[k : k + 2], 16) for k in (1, 3, 5))
    for part in (".ce-form textarea", ".ce-highlight", "body"):
        assert page.locator(part).first.evaluate(colour) == "rgb({}, {}, {})".format(*paper)
    assert axe(page) == []
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => ({ground})() === '{LIGHT.paper}'")
    assert page.locator(".ce-form textarea").first.evaluate(colour) == "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("query", "document", "sentence"),
    [
        ("", "cats", "Query must contain text, got nothing."),
        ("cats", "  \n ", "Document must contain text, got blank space."),
        ("🐘 象", "cats", "Query must hold a word that all-MiniLM-L6-v2 can read"),
        ("cats", "\u0301\u0301", "Document must contain something to read"),
        ("cats", "?!...", "Document must hold a token that is scored"),
    ],
)
def test_what_cannot_be_explained_is_said_and_the_page_lives_on(bench, query, document, sentence):
    bench.explain(query, document)
    assert sentence in bench.problem.inner_text()
    bench.explain("cats eat fish", "cats eat fish")
    assert bench.problem.inner_text() == ""
    assert bench.score() == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "<script>alert(1)</script> </s> <b>bold</b>",
        "$x$ and $$y$$ \\(z\\)",
        "&amp; &lt;b&gt; 100%{z}",
        "שלום עולם مرحبا",
        "a literal [MASK] and [SEP]",
        "nul \x00 inside",
        "%{x} {{ 7 * 7 }} ${alert(1)}",
    ],
)
def test_odd_text_is_shown_as_written_and_runs_nothing(bench, text):
    bench.explain(text, f"cats {text} end")
    x = ce.explain(text, f"cats {text} end")
    assert bench.score() == pytest.approx(x.score, abs=1e-3)
    bench.show("Text")
    shown = bench.page.locator(".ce-highlight .ce-text").all_text_contents()
    visible = text.replace("\x00", "\u2400")
    assert shown == [visible, f"cats {visible} end"]
    assert bench.page.locator("img[src=x]").count() == 0
    # A label is drawn from its text: the same letters, whatever they would mean elsewhere.
    labels = bench.page.locator(".js-plotly-plot .y2tick").all_text_contents()
    assert labels[::-1] == [" ".join(token.text.replace("\x00", " ").split()) for token in x.query]
    assert_hover_is_true_of_odd_text(bench, x)
    assert bench.alarms == []


def assert_hover_is_true_of_odd_text(bench, x):
    j = int(x.alignment[x.alignment >= 0][0])
    i = int((x.alignment >= 0).argmax())
    value = bench.hover(i, j).split("cosine similarity: ")[1]
    assert float(value) == pytest.approx(float(x.similarity[i, j]), abs=6e-4)


def test_half_a_surrogate_pair_is_named_by_the_page(bench):
    bench.page.evaluate(
        "() => { document.querySelector('.ce-form textarea').value = 'cats \\ud83d' }"
    )
    bench.explain_button.click()
    assert "Query must be valid Unicode" in bench.problem.inner_text().replace("The query", "Query")
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_a_megabyte_is_read_as_far_as_the_model_reads_and_says_so(bench):
    text = "cats eat fish. " * 66_600
    bench.page.evaluate(
        "(text) => { document.querySelectorAll('.ce-form textarea')[1].value = text }", text
    )
    bench.query.fill("fish")
    bench.explain_button.click()
    note = bench.page.locator(".ce-notices [role=note]")
    note.wait_for(timeout=patience.milliseconds(120))
    assert "8,192 tokens were read, 258,210 were not" in note.inner_text()
    bench.explain("cats", "cats")
    assert bench.score() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("megabytes", [9, 50])
def test_a_paste_too_large_to_send_is_refused_before_it_fills_the_field(bench, megabytes):
    bench.query.fill("cats")
    bench.document.fill("before")
    refused = bench.document.evaluate(
        """(field, megabytes) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "word ".repeat(megabytes * 1048576 / 5));
          return !field.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, cancelable: true, bubbles: true }));
        }""",
        megabytes,
    )
    assert refused
    characters = megabytes * 1048576 // 5 * 5 + len("catsbefore")
    sentence = f"at most 1,000,000 characters together, got {characters:,}."
    assert sentence in bench.problem.inner_text()
    assert bench.document.input_value() == "before"
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_texts_that_are_too_large_together_are_not_sent(bench):
    bench.page.evaluate(
        "() => { const [q, d] = document.querySelectorAll('.ce-form textarea');"
        " q.style.display = 'none';"  # drawing them all takes a browser seconds
        " q.value = '🐘'.repeat(1e6); d.value = 'cats'; }"  # each one character, though two units
    )
    bench.explain_button.click()
    assert "at most 1,000,000 characters together, got 1,000,004." in bench.problem.inner_text()
    bench.page.evaluate(
        "() => { const q = document.querySelector('.ce-form textarea');"
        " q.value = ''; q.style.display = ''; }"
    )
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_nothing_is_too_wide_cut_off_or_inaccessible(new_context, dashboards, axe):
    page = new_context(viewport={"width": 900, "height": 900}).new_page()
    bench = WorkbenchDriver(page)
    bench.open(dashboards.page("workbench"))

    def assert_all_fits(width):
        bench.resize(width)
        assert bench.layout_faults() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    assert_all_fits(900)
    assert axe(page) == []
    bench.explain("A query", "unaffordably " * 40 + "x" * 300)
    for width in (900, 1440):
        assert_all_fits(width)
    explain_long(bench)
    bench.choose("words")
    for width in (2000, 900):
        assert_all_fits(width)
    assert axe(page) == []


def test_no_button_offers_to_send_the_figure_away(bench):
    buttons = bench.page.locator(".modebar-btn")
    titles = buttons.evaluate_all("(all) => all.map((button) => button.dataset.title)")
    assert titles
    assert not any("hare" in (title or "") or "loud" in (title or "") for title in titles)
