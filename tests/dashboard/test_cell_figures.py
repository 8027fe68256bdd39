import json
import os
from unittest.mock import Mock

import plotly.graph_objects as go
import pytest
from plotly.io import to_json

from colbert_explain.dashboard.cell_figures import PLOTLY_MIME, draw_figures_in_page
from colbert_explain.views.charts import page_figure


@pytest.fixture
def sent(monkeypatch):
    """What becomes of a message of a kernel that lets its page draw figures."""
    monkeypatch.setattr(page_figure, "page_draws_figures", False)
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)
    publisher = Mock()
    draw_figures_in_page(publisher)
    (hook,) = publisher.register_hook.call_args.args
    yield hook
    os.environ.pop("PLOTLY_RENDERER", None)


def test_a_figure_becomes_an_element_of_the_page(sent):
    assert page_figure.page_draws_figures
    figure = json.loads(to_json(go.Figure(go.Bar(y=[1, 2]))))
    message = {
        "header": {"msg_type": "display_data"},
        "content": {"data": {PLOTLY_MIME: figure, "text/html": "a table"}, "metadata": {}},
    }
    shown = sent(message)
    assert shown["header"] == message["header"]
    assert shown["content"]["metadata"] == {}
    assert list(shown["content"]["data"]) == ["text/html"]
    assert shown["content"]["data"]["text/html"].startswith("<ce-figure>")


def test_every_other_message_passes_as_it_is(sent):
    for content in ({"data": {"text/plain": "x"}}, {"wait": True}):
        message = {"content": content}
        assert sent(message) is message


def test_plotly_writes_no_script_of_its_own_unless_a_user_wants_it(sent, monkeypatch):
    assert os.environ["PLOTLY_RENDERER"] == "plotly_mimetype"
    monkeypatch.setenv("PLOTLY_RENDERER", "png")
    draw_figures_in_page(Mock())
    assert os.environ["PLOTLY_RENDERER"] == "png"
