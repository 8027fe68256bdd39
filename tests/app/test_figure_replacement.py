import numpy as np
import plotly.graph_objects as go
import pytest

from colbert_explain.app.figure_replacement import replace_figure
from colbert_explain.views import heatmap
from tests.example_explanations import example


@pytest.fixture
def sent():
    """What a page is told, one message after another."""
    return []


@pytest.fixture
def widget(sent):
    made = go.FigureWidget(heatmap(example(3, 7)))
    made.observe(lambda change: change["new"] and sent.append(change["new"]), "_py2js_update")
    return made


def test_a_page_is_told_what_differs_and_nothing_else(widget, sent):
    figure = heatmap(example(3, 7))
    figure.layout.title.text = "another"
    figure.layout.xaxis.labelalias = {"0": "<b>a.b</b>"}  # names with points in them are no paths
    replace_figure(widget, figure)
    (message,) = sent
    changed = message["layout_data"]
    ranges = {name for name in changed if name.endswith(".range")}
    assert set(changed) - ranges == {"title.text", "xaxis.labelalias", "autosize"}
    assert changed["xaxis.labelalias"] == {"0": "<b>a.b</b>"}
    assert widget.layout.xaxis.labelalias == {"0": "<b>a.b</b>"}
    # Half the outlines end in a number that is none, which is never equal to itself.
    assert set(message["style_data"]) <= {"x", "y"}


def test_what_the_other_figure_lacks_is_gone_and_what_only_it_has_is_there(widget):
    widget.layout.shapes = [{"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1}]
    widget.layout.xaxis.title = {"text": "left over"}
    uids = [trace.uid for trace in widget.data]
    figure = heatmap(example(5, 9), theme="dark", pinned=(1, 2))
    figure.layout.yaxis.title = {"text": "new"}
    replace_figure(widget, figure)
    assert widget.layout.shapes == ()
    assert widget.layout.xaxis.title.text is None
    assert widget.layout.yaxis.title.text == "new"
    assert [trace.uid for trace in widget.data] == uids
    np.testing.assert_array_equal(widget.data[0].z, figure.data[0].z)
    assert widget.data[5].line.color == figure.data[5].line.color
    assert widget.data[5].showlegend is True


def test_axes_are_told_where_they_stand_even_where_nothing_seems_changed(widget, sent):
    # A reader may have moved them a moment ago, and this side does not know yet.
    figure = heatmap(example(3, 7))
    replace_figure(widget, figure)
    told = sent[-1]["layout_data"]
    for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2"):
        assert tuple(told[f"{axis}.range"]) == tuple(figure.layout[axis].range)


def test_another_number_of_traces_is_refused(widget):
    with pytest.raises(ValueError, match="zip"):
        replace_figure(widget, go.Figure())
