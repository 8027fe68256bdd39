import pytest

from colbert_explain.app import Workbench, workbench
from colbert_explain.views.theme import DARK
from tests.app.conftest import GatedEncoder


@pytest.fixture
def bench(toy_encoder):
    made = Workbench(toy_encoder, query="", documents="")
    yield made
    made.wait(120.0)


def explained(bench, query, document):
    bench.start(query, document)
    bench.wait(120.0)
    return bench.explanation


def test_it_opens_with_a_paraphrase_explained(toy_encoder):
    bench = Workbench(toy_encoder)
    bench.wait(120.0)
    assert bench.form.query == "Elephants eat 150 kg of food per day."
    assert bench.explanation.query.text == bench.form.query
    assert (bench.form.busy, bench.form.status, bench.form.problem) == (False, "Done.", "")


def test_it_can_open_empty_or_with_texts_of_your_own(toy_encoder, bench):
    assert bench.explanation is None
    mine = Workbench(toy_encoder, query="cats", documents="dogs")
    mine.wait(120.0)
    assert mine.explanation.document.text == "dogs"


def test_what_goes_wrong_is_said_in_the_page_and_the_workbench_lives_on(bench):
    before = explained(bench, "cats", "dogs")
    assert explained(bench, " ", "dogs") is before
    assert bench.form.problem == "Query must contain text, got nothing."
    assert not bench.form.busy
    assert explained(bench, "cats", "fish") is not before
    assert bench.form.problem == ""


@pytest.mark.parametrize("at_once", [True, False])
def test_that_a_heatmap_is_drawn_is_said_where_it_takes_a_moment(bench, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(workbench, "_DRAWN_AT_ONCE", 5)
    told = []
    bench.form.observe(lambda change: told.append(change["new"]), names="status")
    explained(bench, "cats", "dogs eat fish")
    assert ("Drawing …" in told) != at_once
    assert told[-1] == "Done."


def test_an_unforeseen_error_is_named(bench, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no <b>luck</b>")

    monkeypatch.setattr(workbench, "draw_heatmap", broken)
    explained(bench, "cats", "dogs")
    assert bench.form.problem == "Something went wrong: RuntimeError: no <b>luck</b>"


def test_an_error_while_showing_is_said_too(bench, monkeypatch):
    monkeypatch.setattr(bench.results, "show", lambda *_, **__: [][0])
    explained(bench, "cats", "dogs")
    assert bench.form.problem.startswith("Something went wrong: IndexError")
    assert not bench.form.busy


def test_cancel_gives_up_and_keeps_what_is_on_show():
    encoder = GatedEncoder()
    encoder.go_on.set()
    bench = Workbench(encoder, query="", documents="")
    before = explained(bench, "cats", "dogs")
    for event in (encoder.go_on, encoder.reached):
        event.clear()
    bench.start("cats", "slow " * 50)
    assert encoder.reached.wait(120.0)
    assert bench.form.busy
    with pytest.raises(TimeoutError, match=r"not finished after 0\.05 seconds"):
        bench.wait(0.05)
    bench.form._receive(None, {"event": "cancel"}, [])
    assert (bench.form.busy, bench.form.status) == (False, "Cancelled.")
    encoder.go_on.set()
    bench.wait(120.0)
    assert bench.explanation is before
    assert bench.form.status == "Cancelled."


def test_what_is_no_text_is_said_in_one_sentence(encoder, unchecked):
    bench = Workbench(encoder, query="", documents="")
    bench.start(["a"], "b")
    bench.wait(120.0)
    assert bench.form.problem == "Query must be a string, got list."


def test_texts_and_figure_follow_the_page_together(bench):
    explained(bench, "cats", "dogs")
    assert "ce-light" in bench._dom_classes
    bench.form.theme = "dark"
    assert "ce-dark" in bench._dom_classes
    assert "ce-light" not in bench._dom_classes
    assert bench.results.figure.layout.paper_bgcolor == DARK.paper
    explained(bench, "cats", "fish")
    assert bench.results.figure.layout.paper_bgcolor == DARK.paper


def test_choices_hold_for_the_next_pair(bench):
    bench.results.heatmap.controls.level = "word"
    x = explained(bench, "cats 3.5", "dogs 3.5")
    assert bench.results.figure.data[0].z.shape == x.words().similarity.shape


def test_several_documents_are_ranked_and_the_best_is_explained(bench):
    x = explained(bench, "cats eat", {"A": "it rains", "B": "cats eat fish"})
    assert x.document.text == "cats eat fish"
    assert [row["name"] for row in bench.results.ranked.list.rows] == ["B", "A"]
    explained(bench, "cats eat", {"alone": "it rains"})
    assert bench.explanation.document.text == "it rains"
    assert bench.results.ranked.list.rows == []
    before = bench.explanation
    assert explained(bench, "cats", {}) is before
    assert bench.form.problem == "Documents must hold at least one text, got none."
    assert explained(bench, "cats", {"A": "?", "B": " "}) is before
    assert "must hold at least one text that can be read. Left out 2 of 2" in bench.form.problem
    assert explained(bench, "cats", {"A": "x", "B": " "}).document.text == "x"
    assert bench.form.problem == ""
    assert bench.results.ranked.list.left_out == (
        "Left out 1 of 2 documents: B (document must contain text, got nothing)."
    )
