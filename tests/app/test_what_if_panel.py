import pytest

from colbert_explain.analysis.occlusion import occlude
from colbert_explain.app.background_job import MainThread
from colbert_explain.app.encoding_job import EncodingDesk
from colbert_explain.app.what_if_panel import WhatIfPanel
from colbert_explain.explanation import explain
from tests.app.conftest import GatedEncoder


@pytest.fixture
def panel(toy_encoder):
    made = WhatIfPanel(EncodingDesk(lambda: toy_encoder), MainThread())
    yield made
    made.wait(120.0)


def strike(panel, start, end):
    panel.form._receive(None, {"event": "strike", "start": start, "end": end}, [])
    panel.wait(120.0)


def test_both_answers_are_those_of_occlude(panel, toy_encoder):
    x = explain("cats eat fish", "cats eat fish.", toy_encoder)
    panel.show(x)
    assert panel.form.units["text"] == "cats eat fish."
    strike(panel, 0, 4)
    expected = occlude(x, (0, 4), reencode=toy_encoder)
    assert panel.form.answer["masked"]["score"] == expected.masked.score
    assert panel.form.answer["reencoded"]["score"] == pytest.approx(expected.reencoded.score)
    assert panel.form.answer["sentence"] == expected.sentence()
    assert panel.form.struck == [0, 4]


def test_strikes_are_undone_one_by_one_or_all_at_once(panel, toy_encoder):
    panel.show(explain("cats eat fish", "cats eat fish.", toy_encoder))
    for span in ((0, 4), (5, 8), (9, 13)):
        strike(panel, *span)
    assert panel.form.n_undo == 3
    panel.form._receive(None, {"event": "undo"}, [])
    panel.wait(120.0)
    assert (panel.form.struck, panel.form.n_undo) == ([5, 8], 2)
    assert panel.form.answer["removed"] == "eat"
    panel.form._receive(None, {"event": "reset"}, [])
    assert (panel.form.struck, panel.form.n_undo, panel.form.answer) == ([], 0, {})


def test_what_leaves_nothing_is_said_and_can_be_undone(panel, toy_encoder):
    panel.show(explain("cats", "cats eat", toy_encoder))
    strike(panel, 0, 8)
    assert panel.form.problem.startswith("What is removed must leave at least one scored token")
    assert panel.form.answer == {}
    strike(panel, 0, 4)
    assert panel.form.problem == ""
    assert panel.form.answer["removed"] == "cats"


def test_a_long_document_is_masked_at_once_and_read_again_on_demand(panel, toy_encoder):
    panel.show(explain("cats", "cats eat fish " * 10, toy_encoder))  # several windows
    strike(panel, 0, 4)
    assert panel.form.answer["reencoded"] is None
    panel.form._receive(None, {"event": "reencode"}, [])
    panel.wait(120.0)
    assert panel.form.answer["reencoded"]["score"] == pytest.approx(1)


def test_without_a_desk_only_the_masked_answer_is_given(toy_encoder):
    panel = WhatIfPanel(None, MainThread())
    panel.show(explain("cats eat", "cats eat", toy_encoder))
    strike(panel, 0, 4)
    assert panel.form.answer["reencoded"] is None
    assert not panel.form.can_reencode


def test_another_model_is_not_passed_off_as_the_same(panel, toy_encoder):
    panel.show(explain("cats eat", "cats eat", toy_encoder))

    class Other(type(toy_encoder)):
        dim = 16

    panel._desk.use(Other)
    strike(panel, 0, 4)
    assert panel.form.problem.startswith("Encoder must be the one that made the explanation")
    assert panel.form.answer["reencoded"] is None


def test_reading_again_is_cancelled_and_given_up_for_another_document(toy_encoder):
    encoder = GatedEncoder()
    panel = WhatIfPanel(EncodingDesk(lambda: encoder), MainThread())
    panel.show(explain("cats eat", "cats eat", toy_encoder))
    panel.strike(0, 4)
    assert encoder.reached.wait(120.0)
    assert panel.form.busy
    panel.form._receive(None, {"event": "cancel"}, [])
    assert (panel.form.busy, panel.form.status) == (False, "Cancelled.")
    panel.show(explain("cats eat", "dogs eat", toy_encoder))
    encoder.go_on.set()
    panel.wait(120.0)
    assert panel.form.answer == {}
    assert panel.form.units["text"] == "dogs eat"
