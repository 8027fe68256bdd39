import gzip
import json
from unittest.mock import Mock

import plotly.graph_objects as go
import pytest

from colbert_explain.app.figure.figure_view import FigureView, Touched
from colbert_explain.plotly_script.script import script_address

CELL = {"row": 1, "column": 2, "part": "cell"}
BAR = {"row": 1, "column": None, "part": "bar"}


def say(view, content):
    view._receive(view, content, [])


def test_it_shows_a_figure_or_nothing():
    view = FigureView("bars")
    view.show(go.Figure(go.Bar(y=[1, 2])))
    assert json.loads(view.figure)["data"][0]["y"] == [1, 2]
    assert (view.label, view.plotly_script) == ("bars", script_address())
    view.show(None)
    assert view.figure == ""


def test_callbacks_hear_what_the_reader_does_and_the_page_sends_nothing_else():
    click, hover, moved = Mock(), Mock(), Mock()
    view = FigureView(on_click=click, on_hover=hover, on_range=moved)
    assert view.awaited == ["click", "hover", "range"]
    assert FigureView(on_hover=hover).awaited == ["hover"]
    say(view, {"event": "click", "touched": CELL})
    click.assert_called_once_with(Touched(1, 2, "cell"))
    say(view, {"event": "hover", "touched": BAR})
    hover.assert_called_once_with(Touched(1, None, "bar"))
    say(view, {"event": "hover", "touched": None})
    assert hover.call_args.args == (None,)
    say(view, {"event": "range", "ends": [-0.5, 20]})
    moved.assert_called_once_with(-0.5, 20.0)


@pytest.mark.parametrize(
    "content",
    [
        {"event": "click", "touched": None},
        {"event": "click", "touched": {**CELL, "row": "1"}},
        {"event": "click", "touched": {**CELL, "part": "other"}},
        {"event": "click", "touched": {**CELL, "more": 1}},
        {"event": "click", "touched": [1, 2]},
        {"event": "range", "ends": [1]},
        {"event": "range", "ends": [1, None]},
    ],
)
def test_what_no_page_of_ours_sends_is_ignored(content):
    act = Mock()
    say(FigureView(on_click=act, on_hover=act, on_range=act), content)
    act.assert_not_called()


def test_a_page_that_asks_for_the_script_gets_it():
    view = FigureView()
    view.send = Mock()
    say(view, {"event": "plotly"})
    (content,), options = view.send.call_args
    assert content == {"event": "plotly"}
    assert b"plotly.js" in gzip.decompress(options["buffers"][0])[:100]
