import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colbert_explain.views import document_map, heatmap
from colbert_explain.views.html.page.figures import page_figure, script_code, script_data
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
    drawn = page_figure(lambda theme: draw(x, theme=theme), "auto")
    light, dark = (json.loads(draw(x, theme=theme).to_json()) for theme in ("light", "dark"))
    assert drawn["figure"] == light
    assert patched(drawn["figure"], drawn["dark"]) == dark != light


def test_the_numbers_are_there_once():
    x = example(32, 512)
    drawn = page_figure(lambda theme: heatmap(x, theme=theme), "auto")
    assert len(json.dumps(drawn["dark"])) < 0.3 * len(json.dumps(drawn["figure"]))


def test_a_theme_that_is_asked_for_is_the_only_one():
    x = example(5, 6)
    drawn = page_figure(lambda theme: heatmap(x, theme=theme), "dark")
    assert drawn["figure"] == json.loads(heatmap(x, theme="dark").to_json())
    assert drawn["dark"] == []


@settings(deadline=None)
@given(st.recursive(st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)))
def test_data_is_read_back_and_no_text_leaves_its_element(value):
    written = script_data({"x": value, "y": "</script><!-- & \u2028\u2029"})
    assert json.loads(written)["x"] == value
    assert not set(written) & set("<>&\u2028\u2029")


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_data([float("nan")])


def test_the_hash_is_that_of_the_text_a_parser_sees():
    text, source = script_code("a();\r\nb('</script><!--');\r")
    assert text == "a();\nb('<\\/script><\\!--');\n"
    digest = hashlib.sha256(text.encode()).digest()
    assert source == f"'sha256-{base64.b64encode(digest).decode()}'"
