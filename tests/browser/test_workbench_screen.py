"""What of the workbench is seen: the answer on the first screen, at any width, in both themes."""

import base64

import numpy as np
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.theme import DARK, LIGHT
from tests.browser.workbench_texts import ARTICLE, BLOCK, PAIR, QUERY

#: Colours at some points of a picture in PNG.
_COLOURS = """async ([png, points]) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  pen.drawImage(bitmap, 0, 0);
  return points.map(([x, y]) => [...pen.getImageData(x, y, 1, 1).data.slice(0, 3)]);
}"""
#: The row that adds most: boxes of its label and its match, and the first cell of the picture.
_BEST_ROW = """() => {
  const numbers = [...document.querySelectorAll('.ce-heatmap-row')];
  const plot = document.querySelector('.ce-heatmap-place .js-plotly-plot');
  const area = plot.querySelector('.nsewdrag').getBoundingClientRect();
  const [bottom, top] = plot.layout.yaxis.range;
  const height = area.height / (bottom - top);
  const bars = plot.data.find((trace) => trace.name === 'contribution');
  const best = bars ? bars.y[bars.x.indexOf(Math.max(...bars.x))] : 0;
  const label = numbers[best].getBoundingClientRect();
  return { first: area.top, top: area.top + (best - 0.5 - top) * height,
           bottom: area.top + (best + 0.5 - top) * height, left: label.left, right: area.right };
}"""
WIDTHS = [(600, 900), (640, 360), (900, 800), (1280, 720), (1920, 1080), (2560, 1300)]


def show_pair(bench):
    bench.example(PAIR)


def show_five(bench):
    """Type a query, paste five documents as a block, and use them: three actions."""
    bench.one_document()
    bench.query.fill(QUERY)
    bench.paste(BLOCK)
    bench.page.get_by_role("button", name="Use these 5").click()
    expect(bench.rows).to_have_count(5)
    bench.wait_for_answer()


def show_article(bench):
    bench.example(ARTICLE)


STATES = {"pair": show_pair, "five": show_five, "article": show_article}


@pytest.fixture(params=STATES)
def state(request, bench):
    """The workbench with a short pair, five documents, or an article of 8,000 tokens."""
    bench.resize(1280, 720)
    bench.page.evaluate("scrollTo(0, 0)")
    STATES[request.param](bench)
    return bench


def test_the_answer_is_on_the_first_screen_and_everything_fits_at_any_width(state):
    for width, height, most in [(1440, 900, 330), (1280, 720, 330), (900, 800, 420)]:
        state.resize(width, height)
        found = state.page.evaluate(_BEST_ROW)
        assert state.page.evaluate("scrollY") == 0
        assert found["first"] <= most, (width, found)
        assert found["top"] >= 0, (width, found)
        assert found["bottom"] <= height, (width, found)
        assert found["left"] >= 0, (width, found)
        assert found["right"] <= width, (width, found)
    for width, height in WIDTHS:
        state.resize(width, height)
        assert state.layout_faults() == [], width


def test_what_the_header_offers_can_be_reached_at_200_percent(bench):
    bench.resize(640, 360)  # what is left of 1280x720
    for name in ("Examples", "Share", "Present", "Explain"):
        box = bench.page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 640
    bench.page.get_by_role("button", name="Examples").click()
    items = bench.page.get_by_role("menuitemradio")
    items.last.scroll_into_view_if_needed()
    expect(items.last).to_be_in_viewport()
    bench.page.keyboard.press("Escape")
    bench.resize(1440, 900)


def test_from_a_pasted_block_to_the_contrast_sentence_without_scrolling(bench):
    bench.resize(1280, 720)
    show_pair(bench)
    show_five(bench)  # three actions
    ranking = ce.rank(QUERY, {str(k): text for k, text in enumerate(BLOCK.split("\n\n"))})
    best, second = ranking.order[:2]
    sentence = bench.page.locator(".ce-headline-contrast")
    expect(sentence).to_be_in_viewport(ratio=1)
    assert bench.page.evaluate("scrollY") == 0
    assert f"{ranking.scores[best] - ranking.scores[second]:.2f}" in sentence.inner_text()
    assert bench.score() == pytest.approx(ranking.scores[best], abs=6e-3)
    for part in (".ce-rail-row >> nth=0", ".ce-readout"):
        expect(bench.page.locator(part)).to_be_in_viewport(ratio=1)


def test_the_wheel_over_the_pictures_scrolls_the_page_as_it_does_beside_them(bench):
    page = bench.page
    bench.resize(1280, 420)
    show_article(bench)

    def scrolled(x, y):
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function("() => scrollY === 0")
        page.mouse.move(x, y)
        page.mouse.wheel(0, 120)
        page.wait_for_function("() => scrollY > 0")
        bench.settle()
        return page.evaluate("scrollY")

    left, _ = bench.visible_range()
    first = int(left) + 2
    beside = scrolled(4, 300)
    assert beside == 120
    for x, y in (bench.cell(1, first), bench.cell(3, first + 2)):
        page.evaluate("scrollTo(0, 0)")
        before = bench.visible_range()
        assert scrolled(x, y) == beside
        assert bench.visible_range() == before
    page.evaluate("scrollTo(0, 0)")
    strip = page.locator(".ce-strip-track").bounding_box()
    bench.resize(1280, int(strip["y"] + strip["height"] + 20))
    assert scrolled(strip["x"] + 20, strip["y"] + 5) == beside
    bench.show("Links")
    bench.resize(1280, 420)
    arcs = page.locator(".ce-links").bounding_box()
    assert scrolled(arcs["x"] + 200, min(arcs["y"] + 100, 400)) == beside
    bench.show("Heatmap")


def test_the_heatmap_zooms_by_ctrl_and_wheel_and_by_buttons(bench):
    page = bench.page
    bench.resize(1280, 720)
    page.evaluate("scrollTo(0, 0)")
    show_article(bench)
    left, right = bench.visible_range()
    page.mouse.move(*bench.cell(2, int((left + right) / 2)))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    bench.wait_for_range(f"right - left < {0.95 * (right - left)}")
    assert page.evaluate("[scrollY, visualViewport.scale]") == [0, 1]
    closer = bench.visible_range()
    page.get_by_role("button", name="Zoom out").click()
    bench.wait_for_range(f"right - left > {1.05 * (closer[1] - closer[0])}")
    page.get_by_role("button", name="Reset").click()
    bench.wait_for_range(f"Math.abs(left - {left}) < .01 && Math.abs(right - {right}) < .01")
    page.get_by_role("button", name="Zoom in").click()
    bench.wait_for_range(f"right - left < {0.95 * (right - left)}")


def test_matches_out_of_view_are_counted_at_the_edge_and_lead_there(bench):
    bench.resize(1280, 720)
    show_article(bench)
    labels = bench.page.locator(".ce-heatmap-matched")
    assert labels.count() > 0  # of what is framed no label is left out
    bench.page.locator(".ce-strip-track").press("Home")
    bench.wait_for_range("left < 1")
    to_the_right = bench.page.locator(".ce-heatmap-right")
    expect(to_the_right).to_contain_text("right")
    count = int(to_the_right.inner_text().split()[0])
    assert 1 <= count <= len(bench.row_labels())
    to_the_right.click()
    bench.wait_for_range("left > 1")
    assert count == 1 or int(to_the_right.inner_text().split()[0]) < count


def luminance(colour):
    share = np.asarray(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pixels(page, points):
    png = base64.b64encode(page.screenshot()).decode()
    return page.evaluate(_COLOURS, [png, [[round(x), round(y)] for x, y in points]])


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_cells_that_are_not_scored_stand_out_less_than_those_that_are(bench, scheme, theme):
    page = bench.page
    bench.resize(1440, 900)
    show_pair(bench)
    page.evaluate("scrollTo(0, 0)")
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("checkbox", name="Show unscored").check()
    page.get_by_role("radio", name="Tokens").check()
    query, document = bench.query.input_value(), bench.document.input_value()
    x = ce.explain(query, document)
    page.wait_for_function(
        """([rows, columns, paper]) => {
          const { layout, data } = document.querySelector('.ce-heatmap-place .js-plotly-plot');
          return layout.xaxis.range[1] === columns - 0.5 && layout.yaxis.range[0] === rows - 0.5
            && (layout.paper_bgcolor === paper || layout.plot_bgcolor === paper);
        }""",
        arg=[len(x.query), len(x.document), theme.paper],
    )
    bench.settle()
    # Off the middle, where numbers stand, and off the frame.
    cells = [(i, j) for i in range(len(x.query)) for j in range(len(x.document))]
    boxes = [bench.cell_box(i, j) for i, j in cells]
    points = [(left + 6, top + 7) for left, top, _, _ in boxes]
    paper = [int(theme.paper[k : k + 2], 16) for k in (1, 3, 5)]
    found = [contrast(colour, paper) for colour in pixels(page, points)]
    scored, unscored = [], []
    for (i, j), ratio in zip(cells, found, strict=True):
        if x.query.scored_mask[i] and x.document.scored_mask[j]:
            if x.similarity[i, j] >= 0.2:
                scored.append(ratio)
        else:
            unscored.append(ratio)
    assert len(unscored) > 20
    assert len(scored) > 20
    assert max(unscored) < min(scored)
    page.emulate_media(color_scheme="light")
    page.get_by_role("radio", name="Words").check()
    page.get_by_role("checkbox", name="Show unscored").uncheck()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_at_first_with_documents_with_menus_open_and_presenting(
    bench, axe, scheme
):
    page = bench.page
    bench.resize(1280, 720)
    page.emulate_media(color_scheme=scheme)
    page.wait_for_selector(f".ce-{scheme}")
    show_pair(bench)
    assert axe(page) == []
    bench.show("Links")
    assert axe(page) == []
    bench.show("Heatmap")
    show_five(bench)
    assert axe(page) == []
    for opener in page.locator(".ce-page-header .ce-menu-button").all():
        opener.click()
        expect(opener).to_have_attribute("aria-expanded", "true")
        assert axe(page) == []
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Present").click()
    page.wait_for_selector(".ce-presenting")
    page.keyboard.press("ArrowRight")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="light")
