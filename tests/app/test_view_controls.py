import inspect
from typing import get_args

import pytest
import traitlets

from colbert_explain.app.view_controls import ViewControls
from colbert_explain.views import heatmap
from colbert_explain.views.charts.heatmap.grid import Level, Rows, Sort


def test_it_starts_with_what_the_heatmap_does_by_itself():
    options = ViewControls(print).options()
    defaults = inspect.signature(heatmap).parameters
    assert options == {name: defaults[name].default for name in ("level", "rows", "sort")}


def test_a_choice_is_told():
    told = []
    controls = ViewControls(lambda: told.append(controls.options()))
    controls.level = "word"
    controls.sort = "contribution"
    assert [(t["level"], t["sort"]) for t in told] == [("word", "text"), ("word", "contribution")]


def test_what_the_heatmap_cannot_draw_cannot_be_chosen():
    with pytest.raises(traitlets.TraitError):
        ViewControls(print).rows = "none"


def test_the_page_offers_every_choice():
    script = ViewControls._esm
    for choices in (Level, Rows, Sort):
        for choice in get_args(choices):
            assert f"{choice}: " in script
