import json
import re

from colbert_explain.plotly_script.script import script_address
from colbert_explain.views.charts.page_figure import page_figure_element
from colbert_explain.views.theme import dark_counterparts


def test_a_figure_is_data_that_no_text_in_it_can_leave():
    figure = {"data": [], "layout": {"title": {"text": "</script><b>&amp; <!-- \u2028"}}}
    element = page_figure_element(figure)
    (written,) = re.findall(
        r'<ce-figure><script type="application/json">([^<]*)</script></ce-figure>', element
    )
    assert json.loads(written) == {
        "figure": figure,
        "colours": dark_counterparts(),
        "script": script_address(),
    }
