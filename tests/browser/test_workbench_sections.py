"""What stands below the picture: sentences, comparison, table, files; and presenting."""

import contextlib
import html
import io
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.charts.plotly_text import footer
from tests.browser.workbench_texts import ARTICLE, FIVE, PAIR, QUERY


@pytest.fixture
def ranked(bench):
    """Five documents in the workbench, and their ranking."""
    bench.resize(1280, 800)
    if not bench.rail.is_visible() or bench.rows.count() != 5:
        bench.rank(QUERY, FIVE)
    ranking = ce.rank(QUERY, {str(k): text for k, text in enumerate(FIVE)})
    bench.rows.first.locator(".ce-rail-main").click()
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{ranking.scores.max():.2f}")
    return bench, ranking


def test_two_documents_are_compared_word_by_word(ranked):
    bench, ranking = ranked
    panel = bench.section("Compare two")
    one, other = (int(k) for k in ranking.order[:2])
    differences = panel.locator("tbody .ce-compare-number")

    def assert_compares(first, second):
        contrast = ranking.contrast(first, second)
        expect(panel.locator("tfoot .ce-compare-number")).to_have_text(
            f"{contrast.score_difference:+.2f}".replace("-", "\u2212")
        )
        shown = [float(text.replace("\u2212", "-")) for text in differences.all_inner_texts()]
        assert sum(shown) == pytest.approx(contrast.score_difference, abs=0.04)

    assert_compares(one, other)
    last = int(ranking.order[4])
    panel.get_by_label("with").select_option(value=str(last))
    assert_compares(one, last)


def test_a_kept_explanation_is_compared_with_a_later_one(bench):
    bench.resize(1280, 800)
    bench.explain("cats eat fish", "Cats eat mice.")
    first = bench.score()
    panel = bench.section("Compare two")
    panel.get_by_role("button", name="Keep this explanation").click()
    expect(panel.get_by_role("button", name="Replace with this one")).to_be_visible()
    bench.explain("cats eat fish", "Dogs eat fish.")
    panel = bench.section("Compare two")
    scores = panel.locator("tfoot strong")
    expect(scores.first).to_have_text(f"{bench.score():.2f}")
    assert float(scores.nth(1).inner_text()) == first
    panel.get_by_role("button", name="Clear").click()
    expect(panel.get_by_role("button", name="Keep this explanation")).to_be_visible()


def test_a_best_sentence_leads_there_and_pins_nothing(bench):
    bench.resize(1280, 800)
    bench.example(ARTICLE)
    bench.page.locator(".ce-strip-track").press("Home")
    bench.wait_for_range("left < 1")
    panel = bench.section("Best sentences")
    best = panel.locator("li button").first
    expect(best).to_contain_text("elephants eat about 150 kg of food per day")
    best.click()
    bench.wait_for_range("left > 100")
    matched = bench.page.locator(".ce-heatmap-matched")
    assert "elephants" in matched.all_inner_texts()
    expect(bench.page.locator(".ce-heatmap-grid")).to_be_in_viewport()
    assert bench.page.locator(".ce-text-pinned").count() == 0


def test_the_table_sorts_and_its_rows_add_up(bench):
    bench.example(PAIR)
    panel = bench.section("Table")
    adds = panel.locator("tbody tr td:nth-child(2)")

    def values():
        return [float(text) for text in adds.all_inner_texts() if text.strip()]

    written = values()
    assert sum(written) == pytest.approx(bench.score(), abs=6e-3)
    heading = panel.get_by_role("button", name="Adds to the score")
    heading.click()
    assert values() == sorted(written, reverse=True)
    heading.click()
    assert values() == sorted(written)
    heading.click()
    assert values() == written


def saved(bench, name):
    with bench.page.expect_download() as download:
        bench.page.get_by_role("button", name=name, exact=True).click()
    expect(bench.page.get_by_text(f"Saved {download.value.suggested_filename}")).to_be_visible()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_everything_can_be_taken_along(ranked, tmp_path):
    bench, ranking = ranked
    x = ranking.explanations[int(ranking.order[0])]
    panel = bench.section("Save and Python")
    name, page = saved(bench, "Page (HTML)")
    stem = name.removesuffix(".html")
    assert page.rstrip().endswith(b"</html>")
    assert f"{x.score:.2f}".encode() in page
    name, data = saved(bench, "Data (JSON)")
    (tmp_path / name).write_bytes(data)
    assert ce.load_explanation(tmp_path / name).score == pytest.approx(x.score, abs=1e-6)
    name, data = saved(bench, "Table (CSV)")
    table = pd.read_csv(io.BytesIO(data))
    assert (name, table["contribution"].sum()) == (f"{stem}.csv", pytest.approx(x.score, abs=1e-4))
    name, data = saved(bench, "Ranking (CSV)")
    assert list(pd.read_csv(io.BytesIO(data))["model"]) == 5 * [x.provenance.sentence()]
    name, data = saved(bench, "Picture (PNG)")
    assert (name, data[:8]) == (f"{stem}.png", b"\x89PNG\r\n\x1a\n")
    assert len(data) > 10_000
    name, data = saved(bench, "Picture (SVG)")
    assert (name, data[:4]) == (f"{stem}.svg", b"<svg")
    # A picture names its model, as every file that leaves the page.
    lines = footer(x.provenance_sentence(), 90).split("<br>")
    assert len(lines) > 1
    assert all(html.unescape(line) in html.unescape(data.decode()) for line in lines)
    code = panel.get_by_label("Python to reproduce this view").input_value()
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "copied.py", "exec"), names)
    assert names["x"].score == pytest.approx(x.score, abs=1e-6)


def test_every_section_is_reached_by_arrow_keys_fits_and_is_accessible(ranked, axe):
    bench, _ = ranked
    page = bench.page
    tabs = page.get_by_role("tab")
    names = tabs.all_inner_texts()
    assert names == ["Best sentences", "Compare two", "Table", "Save and Python"]
    tabs.first.click()
    for k, name in enumerate(names):
        expect(page.get_by_role("tab", selected=True)).to_have_text(name)
        page.get_by_role("tabpanel", name=name, exact=True).wait_for()
        for width in (600, 1920):
            bench.resize(width, 900)
            assert bench.layout_faults() == [], (name, width)
        page.emulate_media(color_scheme="dark" if k % 2 else "light")
        bench.settle()
        assert axe(page) == []
        page.get_by_role("tab", selected=True).press("ArrowRight")
    page.get_by_role("tab", selected=True).press("Home")
    expect(page.get_by_role("tab", selected=True)).to_have_text(names[0])
    page.emulate_media(color_scheme="light")


def test_presenting_shows_the_picture_alone_and_goes_on_by_keys(bench):
    page = bench.page
    bench.resize(1280, 720)
    bench.example(PAIR)
    adds = bench.section("Table").locator("tbody td:nth-child(2)").all_inner_texts()
    values = [float(text) for text in adds if text.strip()]
    page.evaluate("scrollTo(0, 0)")
    before = bench.page.locator(".ce-heatmap-row").first.evaluate(
        "(e) => parseFloat(getComputedStyle(e).fontSize)"
    )
    page.get_by_role("button", name="Present").click()
    bar = page.get_by_role("toolbar", name="Presentation")
    expect(bar).to_be_in_viewport(ratio=1)
    expect(page.locator(".ce-headline-score")).to_be_in_viewport(ratio=1)
    for hidden in (".ce-query-line", ".ce-text", ".ce-sections", ".ce-heatmap-toolbar"):
        expect(page.locator(hidden)).to_be_hidden()
    size = page.locator(".ce-heatmap-row").first.evaluate(
        "(e) => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert size >= 1.25 * before
    sums = page.locator(".ce-presentation-sum strong")
    for k in range(3):
        page.keyboard.press("ArrowRight" if k else "PageDown")
        assert bench.lit()["heatmap"][0] == k
        assert float(sums.inner_text()) == pytest.approx(sum(values[: k + 1]), abs=6e-3)
    page.keyboard.press("ArrowLeft")
    assert bench.lit()["heatmap"][0] == 1
    page.keyboard.press("l")
    expect(page.locator(".ce-links")).to_be_in_viewport()
    assert bench.lit()["arc"] == 1
    page.keyboard.press("h")
    expect(page.locator(".ce-heatmap-grid")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(bench.query).to_be_visible()


SIZES = """() => {
  const size = (one) => parseFloat(getComputedStyle(document.querySelector(one)).fontSize);
  const numbers = document.querySelector('.ce-heatmap-place .js-plotly-plot').data
    .find(({ name }) => name === 'numbers');
  return {
    row: size('.ce-heatmap-row'), column: size('.ce-heatmap-column'),
    number: numbers.textfont.size, corner: size('.ce-heatmap-corner'),
    adds: size('.ce-heatmap-adds'), legend: size('.ce-legend'),
    wide: document.documentElement.scrollWidth - innerWidth,
    below: document.querySelector('.ce-presentation').getBoundingClientRect().top
      - document.querySelector('.ce-result > .ce-readout').getBoundingClientRect().bottom,
  };
}"""


def test_a_presented_short_pair_fills_the_window(bench):
    page = bench.page
    bench.resize(1280, 720)
    bench.explain(
        "Who painted the old lighthouse?",
        "An artist from Spain drew the ancient tower by the sea.",
    )
    page.get_by_role("button", name="Present").click()
    bench.settle()
    sizes = page.evaluate(SIZES)
    assert min(sizes["row"], sizes["column"], sizes["number"]) >= 22, sizes
    assert min(sizes["corner"], sizes["adds"], sizes["legend"]) >= 18, sizes
    assert sizes["wide"] <= 0
    assert 0 <= sizes["below"] < 60
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ce-heatmap-on-cell")).to_be_visible()
    assert page.locator(".ce-heatmap-value").is_hidden()  # the cell has its number
    page.keyboard.press("Escape")
    bench.settle()
    assert page.evaluate(SIZES)["row"] < 14


def test_presented_shares_of_the_score_stand_in_one_line(bench):
    page = bench.page
    bench.resize(1280, 720)
    bench.explain("Cats eat fish quietly", "The cat eats meat quietly.")
    assert page.locator(".ce-headline-words > span").count() == 4  # three kinds of matches
    page.get_by_role("button", name="Present").click()
    bench.settle()
    tops = page.locator(".ce-headline-words > span").evaluate_all(
        "(all) => all.map((one) => Math.round(one.getBoundingClientRect().bottom))"
    )
    page.keyboard.press("Escape")
    bench.settle()
    assert max(tops) - min(tops) < 10


def test_a_presented_step_has_its_number_where_cells_are_narrow(bench):
    page = bench.page
    bench.resize(1280, 720)
    document = "A cat sleeps here. " + " ".join(f"Town {k} lies on a river." for k in range(5))
    bench.explain("Cats rest", document)
    page.get_by_role("button", name="Present").click()
    bench.settle()
    page.keyboard.press("ArrowRight")
    value = page.locator(".ce-heatmap-value")
    expect(value).to_be_visible()
    first = page.locator(".ce-readout-value").first.inner_text()
    assert float(value.inner_text()) == pytest.approx(float(first), abs=0.006)
    page.keyboard.press("Escape")


def test_presenting_brings_each_match_of_a_long_document_into_view(bench):
    bench.resize(1280, 720)
    bench.example(ARTICLE)
    bench.page.locator(".ce-strip-track").press("Home")
    bench.wait_for_range("left < 1")
    bench.page.get_by_role("button", name="Present").click()
    bench.page.keyboard.press("ArrowRight")
    bench.wait_for_range("left > 100")
    assert bench.lit()["cell"]
    bench.page.keyboard.press("Escape")
