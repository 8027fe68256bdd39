"""Pointing at a word, cell, bar or arc lights its pair everywhere; Python hears of pins only."""

import re

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests.browser.workbench_texts import PAIR

#: A point on an arc where no other arc lies on top.
_POINT_OF_ARC = """(row) => {
  const reach = document.querySelector(`.ce-links-arc[data-row="${row}"] .ce-links-reach`);
  const length = reach.getTotalLength(), matrix = reach.getScreenCTM();
  for (let share = 0.05; share < 1; share += 0.05) {
    const { x, y } = reach.getPointAtLength(share * length).matrixTransform(matrix);
    const arc = document.elementFromPoint(x, y)?.closest('.ce-links-arc');
    if (arc === reach.parentNode) return [x, y];
  }
  return null;
}"""


@pytest.fixture
def pair(bench):
    """The short pair on show, and the row and column of a query word and its match."""
    bench.resize(1280, 900)
    bench.example(PAIR)
    bench.page.mouse.move(2, 2)
    bench.show("Links")
    bench.page.wait_for_selector(".ce-links-arc")
    bench.show("Heatmap")
    bench.page.evaluate("scrollTo(0, 0)")
    bench.next_frame()
    return bench, bench.row("eat"), bench.column("consumes")


def assert_lit_everywhere(bench, row, column):
    found = bench.lit()
    line = found.pop("line")
    lit = {"text": [row, column], "heatmap": [row, column], "links": [row, column]}
    assert found == {**lit, "cell": True, "arc": row}
    assert "eat" in line
    assert "consumes" in line


def assert_nothing_lit(bench):
    found = bench.lit()
    assert found["text"] == found["heatmap"] == found["links"] == [None, None]
    assert found["arc"] is None


def test_hover_lights_the_pair_in_every_part_at_the_next_frame_without_python(pair):
    bench, row, column = pair
    page = bench.page
    before = bench.events()
    page.mouse.move(*bench.cell(row, column))
    assert_lit_everywhere(bench, row, column)
    page.mouse.move(2, 2)
    assert_nothing_lit(bench)
    _, top, _, bottom = bench.cell_box(row, column)
    bars = page.locator(".ce-heatmap-adds").bounding_box()
    page.mouse.move(bars["x"] + 20, (top + bottom) / 2)
    assert_lit_everywhere(bench, row, column)
    page.mouse.move(2, 2)
    for side, place in (("row", row), ("column", column)):
        page.locator(f".ce-text-word[data-{side}='{place}']").hover()
        assert_lit_everywhere(bench, row, column)
        page.locator(f".ce-heatmap-{side}[data-{side}='{place}']").hover()
        assert_lit_everywhere(bench, row, column)
        page.mouse.move(2, 2)
        assert_nothing_lit(bench)
    bench.show("Links")
    page.mouse.move(*page.evaluate(_POINT_OF_ARC, row))
    assert_lit_everywhere(bench, row, column)
    page.locator(f".ce-links-word[data-row='{row}']").hover()
    assert_lit_everywhere(bench, row, column)
    bench.show("Heatmap")
    page.mouse.move(2, 2)
    assert bench.events() == before
    # Nor has anything been held back: what is sent next is all that is sent.
    page.mouse.click(*bench.cell(row, column))
    page.wait_for_selector(f".ce-text-pinned[data-row='{row}']")
    bench.grid.press("Escape")
    assert bench.wait_for_events(len(before) + 2)[len(before) :] == ["pin", "unpin"]


def test_a_click_pins_the_pair_everywhere_and_python_knows_it_once(pair):
    bench, _, column = pair
    page = bench.page
    x = ce.explain(bench.query.input_value(), bench.document.input_value())
    code = bench.section("Save and Python").get_by_label("Python to reproduce this view")
    expect(code).to_have_value(holding("ce.heatmap("))
    page.evaluate("scrollTo(0, 0)")
    before = len(bench.events())
    page.locator(f".ce-text-box .ce-text-word[data-column='{column}']").click()
    query = next(k for k, token in enumerate(x.query) if token.text == "eat")
    pinned = f"pinned=({query}, {int(x.alignment[query])})"
    expect(code).to_have_value(holding(pinned))
    assert bench.wait_for_events(before + 1)[before:] == ["pin"]
    assert page.locator(".ce-text-pinned").count() == 2
    assert page.locator(".ce-heatmap-pinned-label").count() == 2
    expect(page.locator(".ce-heatmap-on-pinned")).to_be_visible()
    assert page.locator(".ce-links-pinned").count() == 2
    page.mouse.move(2, 2)
    expect(bench.read_out).to_contain_text("consumes")
    page.locator(".ce-readout").get_by_role("button", name="Unpin").click()
    assert bench.wait_for_events(before + 2)[before:] == ["pin", "unpin"]
    assert page.locator(".ce-text-pinned, .ce-heatmap-pinned-label, .ce-links-pinned").count() == 0


def holding(part):
    """Match a text that has a part."""

    return re.compile(re.escape(part))


def test_keys_walk_the_cells_pin_go_to_the_next_match_and_let_go(pair):
    bench, row, column = pair
    page = bench.page
    said = page.locator(".ce-readout [role=status]")
    page.mouse.move(2, 2)
    bench.grid.press("ArrowRight")
    first = bench.lit()["heatmap"]
    bench.grid.press("ArrowDown")
    assert bench.lit()["heatmap"] == [first[0] + 1, first[1]]
    bench.grid.press("ArrowUp")
    bench.grid.press("ArrowLeft")
    seen = [tuple(bench.lit()["heatmap"])]
    for _ in bench.row_labels()[1:]:
        bench.grid.press("n")
        seen.append(tuple(bench.lit()["heatmap"]))
    assert [place[0] for place in seen] == list(range(len(bench.row_labels())))
    assert (row, column) in seen
    while tuple(bench.lit()["heatmap"]) != (row, column):
        bench.grid.press("Shift+N")
    expect(said).to_contain_text("eat")
    expect(said).to_contain_text("consumes")
    before = len(bench.events())
    bench.grid.press("Enter")
    expect(said).to_contain_text("Pinned.")
    bench.grid.press("Escape")
    expect(page.locator(".ce-heatmap-on-pinned")).to_be_hidden()
    assert bench.wait_for_events(before + 2)[before:] == ["pin", "unpin"]


def test_the_tab_key_reaches_every_part_and_only_one_word_of_a_text(pair):
    bench, _, _ = pair
    page = bench.page
    page.get_by_role("button", name="Examples").focus()
    stops = []
    for _ in range(60):
        stops.append(
            page.evaluate(
                "() => { const e = document.activeElement; return e.getAttribute('aria-label')"
                " || e.labels?.[0]?.textContent || e.textContent || e.tagName; }"
            ).strip()
        )
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    text = "\n".join(stops)
    for part in ("Query", "Document", "Add document", "Open file", "Live", "Explain", "Present",
                 "Share", "Links", "Words", "As written", "Show unscored", "Heatmap of 8 query",
                 "matched by"):  # fmt: skip
        assert part in text, part
    assert page.get_by_role("tab", selected=True).inner_text() in stops
    assert len([stop for stop in stops if "matched by" in stop or ", matches " in stop]) == 1
    assert len(stops) < 40


def test_words_marked_in_the_text_give_both_scores_and_come_back(pair, encoder):
    bench, _, column = pair
    page = bench.page
    x = ce.explain(bench.query.input_value(), bench.document.input_value(), encoder)
    start = x.document.text.index("elephant")
    removed = ce.occlude(x, (start, start + len("elephant consumes")), reencode=encoder)
    word = page.locator(f".ce-text-box .ce-text-word[data-column='{column}']")
    word.click()  # which pins it, too
    page.keyboard.press("Shift+ArrowLeft")
    remove = page.get_by_role("button", name="Remove “elephant consumes”")
    expect(remove).to_be_visible()
    page.keyboard.press("Delete")
    scores = page.locator(".ce-what-if-scores strong")
    expect(scores).to_have_count(2)
    expected = [removed.masked.score, removed.reencoded.score]
    assert [float(text) for text in scores.all_inner_texts()] == pytest.approx(expected, abs=6e-3)
    struck = "".join(page.locator(".ce-what-if-struck").all_text_contents())
    assert struck == "elephant consumes"
    assert bench.score() == pytest.approx(x.score, abs=6e-3)  # the score on show is the text's own
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".ce-what-if-struck")).to_have_count(0)
    expect(scores).to_have_count(0)


def test_links_of_chinese_emoji_and_right_to_left_words(bench):
    page = bench.page
    bench.resize(1280, 900)
    for query, document in [
        ("שלום cats", "the cats say שלום to all"),
        ("天 bird", "a 天 bird 🐘 sings"),
        ("elephant 🐘", "🐘 is an elephant"),
    ]:
        bench.explain(query, document)
        assert bench.problem.inner_text() == ""
        bench.show("Links")
        x = ce.explain(query, document)
        words = [word for word in x.words().query if word.scored]
        expect(page.locator(".ce-links-arc")).to_have_count(len(words))
        right_to_left = query.startswith("ש")
        line = page.locator(".ce-links-line").first
        assert (line.get_attribute("dir") == "rtl") == right_to_left
        edges = [
            node.bounding_box()["x"] for node in page.locator(".ce-links-word[data-row]").all()
        ]
        assert edges == sorted(edges, reverse=right_to_left)
        assert bench.layout_faults() == []
    bench.show("Heatmap")


def test_a_tap_points_and_pins(browser, dashboards, shared):
    from tests.browser.workbench_driver import opened_workbench

    with opened_workbench(browser, dashboards.page("workbench"), has_touch=True) as bench:
        row, column = bench.row("eat"), bench.column("consumes")
        bench.page.touchscreen.tap(*bench.cell(row, column))
        expect(bench.read_out).to_contain_text("consumes")
        expect(bench.page.locator(".ce-text-pinned")).to_have_count(2)
