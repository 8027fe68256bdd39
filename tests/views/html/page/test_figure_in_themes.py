import json

import pytest

from colbert_explain.views import document_map, heatmap
from colbert_explain.views.html.page.standalone_page import figure_in_themes
from tests.example_explanations import example


def patched(figure, differences):
    figure = json.loads(json.dumps(figure))
    for path, value in differences:
        owner = figure
        for key in path[:-1]:
            owner = owner[key]
        owner[path[-1]] = value
    return figure


@pytest.mark.parametrize("draw", [heatmap, document_map])
def test_the_differences_make_the_dark_figure_of_the_light_one(draw):
    x = example(12, 14)
    drawn = figure_in_themes(lambda theme: draw(x, theme=theme), "auto")
    light, dark = (json.loads(draw(x, theme=theme).to_json()) for theme in ("light", "dark"))
    assert drawn["figure"] == light
    assert patched(drawn["figure"], drawn["dark"]) == dark != light


def test_the_numbers_are_there_once():
    x = example(32, 512)
    drawn = figure_in_themes(lambda theme: heatmap(x, theme=theme), "auto")
    assert len(json.dumps(drawn["dark"])) < 0.3 * len(json.dumps(drawn["figure"]))


def test_a_theme_that_is_asked_for_is_the_only_one():
    x = example(5, 6)
    drawn = figure_in_themes(lambda theme: heatmap(x, theme=theme), "dark")
    assert drawn["figure"] == json.loads(heatmap(x, theme="dark").to_json())
    assert drawn["dark"] == []
