"""Figures drawn by Plotly's own script: what a reader sees."""

import json
from contextlib import contextmanager

import pytest
from plotly.offline import get_plotlyjs

from colbert_explain.analysis import contrast
from colbert_explain.views import (
    compare_heatmaps,
    contrast_chart,
    contribution_chart,
    document_map,
    heatmap,
)
from colbert_explain.views.charts.style import CONFIG
from colbert_explain.views.theme import DARK, LIGHT
from tests.browser.isolation import open_isolated_context
from tests.browser.workbench_driver import wait_until_settled
from tests.example_explanations import example

PALETTES = {"light": LIGHT, "dark": DARK}
#: Pixel position of a place in data coordinates of a heatmap: column, row.
_PLACE = """([x, y]) => {
  const figure = document.querySelector('.js-plotly-plot'), layout = figure._fullLayout;
  const box = figure.getBoundingClientRect();
  return [box.left + layout.xaxis._offset + layout.xaxis.l2p(x),
          box.top + layout.yaxis._offset + layout.yaxis.l2p(y)];
}"""
#: Colour of the heatmap's picture in the middle of a cell.
_COLOUR = """async ([x, y]) => {
  const picture = document.querySelector('.heatmaplayer image'), drawn = new Image();
  drawn.src = picture.getAttribute('href') || picture.getAttribute('xlink:href');
  await drawn.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [drawn.width, drawn.height];
  const context = canvas.getContext('2d');
  context.drawImage(drawn, 0, 0);
  const layout = document.querySelector('.js-plotly-plot')._fullLayout;
  const left = layout.xaxis.l2p(x) - picture.getAttribute('x');
  const top = layout.yaxis.l2p(y) - picture.getAttribute('y');
  // A long document's picture has one pixel per cell, which the browser enlarges.
  const across = drawn.width / picture.getAttribute('width');
  const down = drawn.height / picture.getAttribute('height');
  const found = context.getImageData(left * across, top * down, 1, 1).data;
  return '#' + [...found].slice(0, 3).map((c) => c.toString(16).padStart(2, '0')).join('');
}"""
#: Texts that lie outside the figure.
_CUT = """() => {
  const frame = document.querySelector('.js-plotly-plot').getBoundingClientRect();
  return [...document.querySelectorAll('.js-plotly-plot text')]
    .map((e) => [e.textContent, e.getBoundingClientRect()])
    .filter(([text, r]) => text.trim() && r.width
      && (r.left < frame.left - 1 || r.right > frame.right + 1
          || r.top < frame.top - 1 || r.bottom > frame.bottom + 1))
    .map(([text]) => text);
}"""
_DRAW = """([figure, config]) => {
  document.querySelectorAll('.js-plotly-plot').forEach((e) => { Plotly.purge(e); e.remove(); });
  const place = document.createElement('div');
  document.body.append(place);
  return Plotly.newPlot(place, figure.data, figure.layout, config).then(() => null);
}"""
_TICKS = "() => [...document.querySelectorAll('.x2tick text')].map((e) => e.textContent)"


@contextmanager
def blank_page(browser, script):
    """Open a page with a script, 900 pixels wide; keep its errors and requests to others."""
    complaints, viewport = [], {"width": 900, "height": 1000}
    context = open_isolated_context(browser, complaints, viewport=viewport)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content('<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>')
    page.add_script_tag(content=script)
    yield page, complaints
    context.close()


@pytest.fixture
def paper(shared, browser):
    """A page with Plotly's script; nothing of it asks other machines."""
    page, complaints = shared.get("paper", lambda: blank_page(browser, get_plotlyjs()))
    yield page
    assert complaints == []


@pytest.fixture
def show(paper):
    """Draw a figure in place of the one before."""

    def draw(figure):
        paper.mouse.move(0, 0)
        paper.evaluate(_DRAW, [json.loads(figure.to_json()), CONFIG])
        paper.locator(".gtitle").wait_for()
        wait_until_settled(paper.locator(".js-plotly-plot"), 100)
        return paper

    return draw


def hover(page, column, row):
    box = page.locator(".hoverlayer .hovertext").first
    page.mouse.move(5, 5)
    box.wait_for(state="detached")
    page.wait_for_timeout(120)  # Plotly answers a mouse twenty times a second at most
    page.mouse.move(*page.evaluate(_PLACE, [column, row]))
    box.wait_for()
    return box.text_content()


def ends(n_document):
    """An explanation whose two query tokens match the first and the last document token."""
    x = example(2, n_document)
    similarity = x.similarity.copy()
    similarity.fill(0.0)
    scored = [j for j, token in enumerate(x.document) if token.scored]
    similarity[0, scored[0]] = similarity[1, scored[-1]] = 1.0
    similarity[1, scored[0]] = similarity[0, scored[-1]] = -1.0
    return type(x)(x.query, x.document, similarity, x.provenance), scored[0], scored[-1]


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("n_document", [20, 8192])
def test_frames_colours_and_hovers_are_right_at_both_ends(show, theme, n_document):
    x, first, last = ends(n_document)
    page = show(heatmap(x, theme=theme))
    for row, column in ((0, first), (1, last)):
        if n_document > 120:
            left = min(max(column - 10, 0), n_document - 20) - 0.5
            page.evaluate(
                "(r) => Plotly.relayout(document.querySelector('.js-plotly-plot'),"
                " {'xaxis.range': r, 'xaxis2.range': r})",
                [left, left + 20],
            )
            wait_until_settled(page.locator(".js-plotly-plot"), 100)
        assert page.evaluate(_COLOUR, [column, row + 0.2]) == PALETTES[theme].steps[-1]
        assert page.evaluate(_COLOUR, [column, 1 - row + 0.2]) == PALETTES[theme].steps[0]
        text = hover(page, column, row)
        assert f"(token {column})" in text
        assert f"its best match: {x.document[column].text} (token {column}), 1.000" in text
        assert "cosine similarity: 1.000" in text
        framed = page.evaluate(
            "() => { const t = document.querySelector('.js-plotly-plot').data[3];"
            " return [...t.x.keys()].filter((k) => k % 6 === 0).map((k) => [t.y[k], t.x[k]]); }"
        )
        assert [row - 0.5, column - 0.5] in framed
        path = page.locator(".scatterlayer .trace path.js-line").evaluate_all(
            "(paths) => paths.map((p) => getComputedStyle(p).stroke)"
        )
        red = PALETTES[theme].frame
        assert f"rgb({int(red[1:3], 16)}, {int(red[3:5], 16)}, {int(red[5:], 16)})" in path
    paper = page.locator(".main-svg").first.evaluate("(e) => getComputedStyle(e).backgroundColor")
    colour = PALETTES[theme].paper
    assert paper == f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:], 16)})"


def test_a_long_document_draws_few_labels_and_no_bare_numbers(show):
    x = example(12, 8192)
    page = show(heatmap(x))
    move = (
        "(r) => Plotly.relayout(document.querySelector('.js-plotly-plot'),"
        " {'xaxis.range': r, 'xaxis2.range': r})"
    )
    for left, right in ((-0.5, 8191.5), (4000, 4200), (4000.5, 4008.5), (4000.5, 4003.5)):
        page.evaluate(move, [left, right])
        wait_until_settled(page.locator(".js-plotly-plot"), 100)
        shown = [text for text in page.evaluate(_TICKS) if text]
        assert 0 < len(shown) <= 60
        assert not [text for text in shown if any(c.isdigit() for c in text)]
    assert shown == [x.document[j].text for j in (4001, 4002, 4003)]


VIEWS = {
    "heatmap": heatmap,
    "heatmap of words": lambda x, theme: heatmap(
        x, theme=theme, level="word", rows="text", sort="contribution"
    ),
    "contributions": contribution_chart,
    "document map": lambda x, theme: document_map(x, theme=theme, window=(0, 1)),
    "comparison": lambda x, theme: compare_heatmaps([x, x, x, x], theme=theme),
    "contrast": lambda x, theme: contrast_chart(contrast(x, x), theme=theme),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "options",
    [
        {"n_query": 1, "n_document": 1},
        {"n_query": 32, "n_document": 60, "n_expansion": 20, "structural_scored": True},
        {"n_query": 9, "n_document": 8192, "n_unread": 80},
    ],
    ids=["smallest", "expansion", "long"],
)
def test_nothing_is_cut_off_at_900_pixels(show, view, options):
    for theme in PALETTES:
        assert show(VIEWS[view](example(**options), theme=theme)).evaluate(_CUT) == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_button_above_a_figure_does_something(show, view):
    page = show(VIEWS[view](example(9, 60), theme="light"))
    buttons = page.locator(".modebar-btn")
    offered = {button.get_attribute("data-title") for button in buttons.all()}
    assert offered <= {"Download plot as a PNG", "Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"}


def test_the_document_map_says_what_stands_where(show):
    x = example(9, 300)
    page = show(document_map(x))
    profile = page.locator(".barlayer .trace").first.locator(".point path")
    box = profile.nth(100).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hovered = page.locator(".hoverlayer .hovertext").first
    hovered.wait_for()
    assert "cosine similarity" in hovered.text_content()
    assert "query: " in hovered.text_content()
