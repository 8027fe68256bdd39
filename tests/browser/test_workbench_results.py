"""What a reader does with results: ranks, contrasts, selects, strikes out, compares, saves."""

import contextlib
import io
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.theme import DARK
from tests.browser.isolation import open_isolated_context
from tests.browser.workbench_driver import WorkbenchDriver

QUERY = "What do cats eat per day?"
DOCUMENTS = {
    "Rain": "The rain in Spain falls mainly on the plain.",
    "Cats": "Cats eat 50 g of food per day. 🐘 It rains.",
    "<b>Elephants</b>": "An elephant consumes 150 kg of grass daily.",
}


@pytest.fixture(scope="module")
def several(tmp_path_factory, serve_dashboards):
    """A dashboard whose workbench ranks three documents."""
    folder = tmp_path_factory.mktemp("several")
    cells = [
        nbformat.v4.new_markdown_cell("# Several documents"),
        nbformat.v4.new_code_cell(
            "import colbert_explain as ce\n"
            'bench = ce.Workbench(query="", documents="")\n'
            f"bench.start({QUERY!r}, {DOCUMENTS!r})\n"
            "bench"
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "several.ipynb")
    with serve_dashboards(folder) as dashboards:
        yield dashboards.page("several")


@contextmanager
def opened(browser, url):
    black_hole = []
    context = open_isolated_context(browser, black_hole, accept_downloads=True)
    driver = WorkbenchDriver(context.new_page())
    driver.black_hole, driver.alarms = black_hole, []
    driver.page.on("pageerror", lambda error: driver.alarms.append(str(error)))
    driver.open(url)
    yield driver
    context.close()


@pytest.fixture
def bench(shared, browser, several):
    driver = shared.get("bench", lambda: opened(browser, several))
    yield driver
    assert driver.alarms == []
    assert driver.black_hole == []


@pytest.fixture
def new_bench(shared, request):
    """A page that no test has used."""
    shared.close()
    return request.getfixturevalue("bench")


@pytest.fixture(scope="module")
def ranking(encoder):
    return ce.rank(QUERY, DOCUMENTS, encoder)


def choose_document(bench, name, score):
    bench.page.locator(".ce-ranking").get_by_role("button", name=name, exact=True).click()
    bench.page.wait_for_function(
        "(score) => document.querySelector('.ce-notices strong').textContent.includes(score)",
        arg=f"{score:.3f}",
    )


def test_documents_are_ranked_shown_and_contrasted(new_bench, ranking):
    bench = new_bench
    page = bench.page
    order = ranking.order.tolist()
    names = page.locator(".ce-ranking tbody button").all_inner_texts()
    assert names == [ranking.names[i] for i in order]
    shown = page.locator(".ce-ranking tbody b").all_inner_texts()
    assert [float(text) for text in shown] == pytest.approx(ranking.scores[order], abs=6e-4)
    assert bench.score() == pytest.approx(ranking.scores.max(), abs=6e-4)
    # By keyboard: down one row, and in.
    page.locator(".ce-ranking tbody button").first.press("ArrowDown")
    page.keyboard.press("Enter")
    second = float(ranking.scores[order[1]])
    choose = "(score) => document.querySelector('.ce-notices strong').textContent.includes(score)"
    page.wait_for_function(choose, arg=f"{second:.3f}")
    expect(page.locator(".ce-ranking .ce-chosen button")).to_have_text(names[1])
    bench.show("Contrast")
    sentence = page.locator(".ce-panel-contrast .ce-sentence")
    expected = ranking.contrast(order[0], order[1]).sentence()
    expect(sentence).to_have_text(expected)
    page.get_by_label("over").select_option(index=2)
    last = ranking.contrast(order[0], order[2])
    page.wait_for_function(
        "(text) => document.querySelector('.ce-panel-contrast .ce-sentence').textContent === text",
        arg=last.sentence(),
    )
    bars = page.locator(".ce-panel-contrast tbody .ce-number").all_inner_texts()
    values = [float(text.replace("−", "-").replace("±", "")) for text in bars]  # noqa: RUF001
    assert values == pytest.approx(last.difference[ranking.query.scored_mask].tolist(), abs=6e-4)


def test_one_selection_in_every_view(bench, ranking):
    page = bench.page
    x = ranking.explanations[1]
    choose_document(bench, "Cats", x.score)
    bench.show("Contributions")
    rows = page.locator(".ce-contributions [role=option]")
    scored = x.query.scored_mask.nonzero()[0].tolist()
    rows.first.wait_for()
    assert rows.count() == len(scored)
    rows.nth(2).click()
    i = scored[2]
    line = page.locator(".ce-pinned-line:not(.ce-quiet)")
    line.wait_for()
    assert f"query token {i} “{x.query[i].text}”" in line.inner_text()
    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
    pinned = "() => document.querySelector('.ce-heatmap .js-plotly-plot').data.at(-1).x[0]"
    assert page.evaluate(pinned) == x.alignment[i] - 0.5
    # Arrow keys and Enter choose the next row.
    rows.nth(2).press("ArrowDown")
    page.keyboard.press("Enter")
    i = scored[3]
    page.wait_for_function(
        "(text) => document.querySelector('.ce-pinned-line').textContent.includes(text)",
        arg=f"query token {i} ",
    )
    bench.show("Text")
    boxes = page.locator(".ce-highlight .ce-pin").all_inner_texts()
    assert boxes == [x.query[i].text, x.document[int(x.alignment[i])].text]
    page.locator(".ce-highlight .ce-document mark", has_text="Cats").click()
    page.wait_for_function(
        "() => document.querySelector('.ce-pinned-line').textContent.includes('“Cats”')"
    )
    # Tabbing to a word pins it, too, and the word keeps the focus.
    page.keyboard.press("Tab")
    page.wait_for_function(
        "() => document.querySelector('.ce-pinned-line').textContent.includes('“eat”')"
    )
    assert page.evaluate("() => document.activeElement.textContent") == "eat"
    bench.show("Table")
    page.locator(".ce-table tr.ce-pin th").wait_for()
    assert page.locator(".ce-table tr.ce-pin th").inner_text() == "eat"
    page.get_by_role("button", name="Unpin").click()
    page.wait_for_function("() => !document.querySelector('.ce-table tr.ce-pin')")
    assert page.evaluate(pinned) is None
    bench.choose("scored")
    hidden = page.locator(".ce-hidden-rows")
    page.wait_for_function("() => document.querySelector('.ce-hidden-rows').textContent")
    assert hidden.inner_text() == "3 rows hidden, which hold 0 % of the score"
    bench.choose("all")


def wait_for_both_answers(page, removed):
    page.wait_for_function(
        "(removed) => document.querySelectorAll('.ce-what-if .ce-result').length === 2"
        " && document.querySelector('.ce-what-if .ce-sentence').textContent.includes(removed)",
        arg=f"“{removed}”",
    )


def test_what_if_gives_both_answers_by_mouse_keyboard_and_selection(bench, ranking, encoder):
    page, x = bench.page, ranking.explanations[1]
    choose_document(bench, "Cats", x.score)
    bench.show("What if")
    text = page.locator(".ce-document-copy")
    text.locator("[data-unit]", has_text="Cats").click()
    wait_for_both_answers(page, "Cats")
    expected = ce.occlude(x, (0, 4), reencode=encoder)
    shown = [float(text) for text in page.locator(".ce-what-if .ce-result b").all_inner_texts()]
    assert shown == pytest.approx([expected.masked.score, expected.reencoded.score], abs=6e-4)
    sentence = page.locator(".ce-what-if .ce-sentence").inner_text()
    assert sentence == expected.sentence()
    text.focus()
    for key in ("Home", "Shift+ArrowRight", "Enter"):
        text.press(key)
    wait_for_both_answers(page, "Cats eat")
    # After an elephant, which is one character in Python and two in the page.
    page.evaluate(
        "() => { const node = [...document.querySelectorAll('.ce-document-copy [data-unit]')]"
        ".find((n) => n.textContent === 'rains').firstChild;"
        "const range = document.createRange(); range.setStart(node, 0); range.setEnd(node, 4);"
        "const chosen = getSelection(); chosen.removeAllRanges(); chosen.addRange(range); }"
    )
    page.get_by_role("button", name="Remove the selection").click()
    wait_for_both_answers(page, "rain")
    page.get_by_role("button", name="Undo").click()
    wait_for_both_answers(page, "Cats eat")
    assert text.locator(".ce-struck").all_inner_texts() == ["Cats", "eat"]
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => !document.querySelector('.ce-struck, .ce-what-if .ce-result')")
    page.get_by_label("a sentence").check()
    assert text.locator("[data-unit]").count() == 2


def test_what_is_said_of_right_to_left_words_keeps_its_order(new_context, several):
    bench = WorkbenchDriver(new_context().new_page())
    bench.open(several)
    page = bench.page
    bench.explain("cats אבג", "Cats \u202eeat\u202c fish אבג.")
    bench.wait_for_status("Done.")
    bench.show("Contributions")
    row = page.locator(".ce-contributions .ce-row", has_text="א").first
    row.wait_for()
    for part in (".ce-match bdi", ".ce-near bdi", ".ce-name bdi"):
        assert row.locator(part).count() == 1, part
    # The arrow stands left of the word, the token's number right of it.
    edges = row.locator(".ce-match").evaluate(
        """(match) => [...match.childNodes].map((node) => {
            const range = document.createRange(); range.selectNodeContents(node);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert edges == sorted(edges)
    bench.show("What if")
    text = page.locator(".ce-document-copy")
    expect(text).to_contain_text("Cats ⟨U+202E⟩eat⟨U+202C⟩ fish")
    # After two signs, of which each is one character in Python and eight in the page.
    page.evaluate(
        "() => { const node = [...document.querySelectorAll('.ce-document-copy [data-unit]')]"
        ".find((n) => n.textContent === 'fish');"
        "getSelection().selectAllChildren(node); }"
    )
    page.get_by_role("button", name="Remove the selection").click()
    wait_for_both_answers(page, "fish")
    assert text.locator(".ce-struck").all_inner_texts() == ["fish"]


def test_what_is_kept_stands_beside_what_comes_next(bench, ranking):
    page = bench.page
    order = ranking.order.tolist()
    first, second = (ranking.explanations[i] for i in order[:2])
    choose_document(bench, ranking.names[order[0]], first.score)
    page.get_by_role("button", name="Keep for comparison").click()
    page.get_by_role("button", name="Clear").wait_for()
    choose_document(bench, ranking.names[order[1]], second.score)
    page.wait_for_selector(".ce-figure .heatmaplayer image")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    scores = page.locator(".ce-comparison h4 b").all_inner_texts()
    assert [float(score) for score in scores] == pytest.approx(
        [first.score, second.score], abs=6e-4
    )
    scale = page.evaluate(
        "() => { const { coloraxis } = document.querySelector('.ce-figure')._fullLayout;"
        " return [coloraxis.cmin, coloraxis.cmax]; }"
    )
    assert scale == [-1, 1]
    assert "kept wins over now" in page.locator(".ce-panel-compare .ce-sentence").inner_text()
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("() => !document.querySelector('.ce-comparison h4')")
    page.locator(".ce-figure").wait_for(state="hidden")


def saved(bench, name):
    with bench.page.expect_download() as download:
        bench.page.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_everything_can_be_taken_along(bench, ranking, tmp_path):
    x = ranking.explanations[1]
    choose_document(bench, "Cats", x.score)
    bench.show("Save and share")
    stem = "what-do-cats-eat-per-day"
    name, page = saved(bench, "Page (HTML)")
    assert name == f"{stem}.html"
    assert len(page) > 4_000_000
    assert f"MaxSim score {x.score:.3f}".encode() in page
    assert page.rstrip().endswith(b"</html>")
    name, data = saved(bench, "Data (JSON)")
    (tmp_path / name).write_bytes(data)
    assert ce.load_explanation(tmp_path / name).score == pytest.approx(x.score, abs=1e-6)
    name, data = saved(bench, "Table (CSV)")
    table = pd.read_csv(io.BytesIO(data))
    assert (name, table["contribution"].sum()) == (f"{stem}.csv", pytest.approx(x.score, abs=1e-4))
    name, data = saved(bench, "Ranking (CSV)")
    table = pd.read_csv(io.BytesIO(data))
    assert table["document"].tolist() == ranking.to_frame()["document"].tolist()
    name, data = saved(bench, "Picture (PNG)")
    assert (name, data[:8]) == (f"{stem}.png", b"\x89PNG\r\n\x1a\n")
    assert len(data) > 20_000
    name, data = saved(bench, "Picture (SVG)")
    assert (name, data[:4]) == (f"{stem}.svg", b"<svg")
    assert f"{x.score:.3f}".encode() in data
    code = bench.page.get_by_label("The Python that makes this view again")
    bench.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bench.page.get_by_role("button", name="Copy the Python").click()
    bench.page.get_by_text("Copied.").wait_for()
    copied = bench.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == code.input_value()
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(copied, "copied.py", "exec"), names)
    assert names["x"].score == pytest.approx(x.score, abs=1e-6)
    # Plain HTTP has no clipboard: the text is selected instead.
    bench.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    bench.page.get_by_role("button", name="Copy the Python").click()
    bench.page.get_by_text("Selected: press Ctrl+C").wait_for()
    assert bench.page.evaluate("() => getSelection().toString()") == copied


def test_every_section_is_reached_by_arrow_keys_and_fits(new_context, several, axe):
    page = new_context(color_scheme="dark", viewport={"width": 1920, "height": 1000}).new_page()
    bench = WorkbenchDriver(page)
    bench.open(several)
    assert (
        page.evaluate("() => document.querySelector('.js-plotly-plot')._fullLayout.paper_bgcolor")
        == DARK.paper
    )
    tabs = page.get_by_role("tab")
    names = tabs.all_inner_texts()
    assert len(names) == 8
    tabs.first.focus()
    for k, name in enumerate(names):
        selected = page.locator("[role=tab][aria-selected=true]")
        assert selected.inner_text() == name
        panel = page.locator("[role=tabpanel]:visible")
        assert panel.count() == 1
        assert panel.get_attribute("aria-labelledby") == selected.get_attribute("id")
        if name == "What if":
            page.locator(".ce-document-copy [data-unit]").first.click()
            wait_for_both_answers(page, "Cats")
            selected.focus()
        for width in (1920, 900):
            bench.resize(width, 1000)
            assert bench.layout_faults() == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.emulate_media(color_scheme="light" if k % 2 else "dark")
        page.wait_for_timeout(150)
        assert axe(page) == []
        page.keyboard.press("ArrowRight")
    assert page.locator("[role=tab][aria-selected=true]").inner_text() == names[0]
