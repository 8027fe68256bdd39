"""Figures in the light theme that a dark page shows."""

import json

import pytest

from colbert_explain.analysis import contrast
from colbert_explain.views import (
    compare_heatmaps,
    contrast_chart,
    contribution_chart,
    document_map,
    heatmap,
)
from colbert_explain.views.theme import dark_counterparts
from tests.browser.javascript.modules import blank_page, call
from tests.example_explanations import example

VIEWS = {
    "heatmap": heatmap,
    "heatmap of words": lambda x, theme: heatmap(x, theme=theme, level="word", rows="text"),
    "contributions": contribution_chart,
    "document map": lambda x, theme: document_map(x, theme=theme, window=(0, 1)),
    "comparison": lambda x, theme: compare_heatmaps([x, x, x, x], theme=theme),
    "contrast": lambda x, theme: contrast_chart(contrast(x, x), theme=theme),
}


@pytest.fixture
def darkened(shared, browser):
    page = shared.get("blank page", lambda: blank_page(browser))
    return lambda figure: call(
        page, "figure/dark_colours.js", "darkened", figure, dark_counterparts()
    )


@pytest.mark.parametrize("view", VIEWS)
def test_a_light_figure_takes_the_colours_of_the_dark_one(darkened, view):
    x = example(9, 60, n_expansion=3, structural_scored=True)
    light, dark = (json.loads(VIEWS[view](x, theme=t).to_json()) for t in ("light", "dark"))
    assert darkened(light) == dark != light


def test_colours_of_a_user_stay(darkened):
    figure = {"data": [{"type": "bar", "marker": {"color": "#123456"}}], "layout": {"width": 5}}
    assert darkened(figure) == figure
