import json

import numpy as np
import pytest

from colbert_explain.app.teaching.maxsim_stepper import MaxSimStepper
from colbert_explain.explanation import explain


def test_the_page_gets_what_the_view_wrote_and_a_cell_without_widgets_gets_text(toy_encoder):
    x = explain("cats eat fish", "fish eat cats", toy_encoder)
    stepper = MaxSimStepper(x, pooled_cosine=0.5)
    state = stepper.get_state()
    assert json.loads(json.dumps(state["contents"])) == stepper.contents
    data = stepper._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith(f"{stepper.text}\nRun this cell")
    assert "cats → cats 1.00, sum 1.00" in stepper.text
    assert "All 3 have chosen: the sum is the MaxSim score, 3.00" in stepper.text
    assert "Single-vector cosine: 0.50." in stepper.text
    assert repr(stepper) == "MaxSimStepper(5 query tokens)"


def test_it_brings_its_own_colours_for_both_themes():
    assert "--ce-frame" in MaxSimStepper._css
    assert "prefers-color-scheme: dark" in MaxSimStepper._css
    assert "prefers-reduced-motion" in MaxSimStepper._css


@pytest.mark.parametrize("value", [1.5, -2, np.nan])
def test_what_is_no_cosine_is_refused(toy_encoder, value):
    with pytest.raises(ValueError, match=r"pooled_cosine must lie in \[-1, 1\], got"):
        MaxSimStepper(explain("cats", "cats", toy_encoder), pooled_cosine=float(value))
