import threading

import pytest

from colbert_explain.app import YourTurn
from colbert_explain.explanation import explain
from tests.conftest import ToyEncoder

PLOTLY = "application/vnd.plotly.v1+json"


def turn(encoder, **options):
    made = YourTurn("cats eat fish", "dogs eat fish", encoder=encoder, **options)
    made.wait(120)
    return made


def test_it_shows_the_first_score_and_heatmap_then_before_and_after(toy_encoder):
    made = turn(toy_encoder)
    before = explain("cats eat fish", "dogs eat fish", toy_encoder).score
    assert made._form.scores == {"before": f"{before:.2f}"}
    made.start("cats eat fish")
    made.wait(120)
    scores = made._form.scores
    assert (scores["before"], scores["after"]) == (f"{before:.2f}", "3.00")
    assert scores["difference"] == f"+{3 - before:.2f}"
    assert scores["words"] == f"cats +{3 - before:.2f}"  # the others keep their copies
    (picture,) = made._place.outputs
    assert PLOTLY in picture["data"]
    assert "MaxSim score 3.0000" in picture["data"]["text/plain"]
    made.start("dogs eat fish")
    made.wait(120)
    assert made._form.scores == {"before": f"{before:.2f}"}


def test_the_query_can_be_the_one_to_change(toy_encoder):
    made = turn(toy_encoder, edit="query")
    made._form._handle_custom_msg({"event": "explain", "text": "fish"}, [])
    made.wait(120)
    assert made.explanation.query.text == "fish"
    assert made.explanation.document.text == "dogs eat fish"
    assert made._form.scores["after"] == "1.00"
    assert made._form.scores["words"] == ""  # of two queries, other words make up the score
    assert made._form.scores["difference"].startswith("\N{MINUS SIGN}")


def test_what_cannot_be_explained_is_said_and_the_old_picture_stays(toy_encoder, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_LARGEST_TEXT", "60")
    made = turn(toy_encoder)
    before = made._place.outputs
    for text, problem in (
        ("  ", "Enter a document first."),
        ("cats " * 20, "at most 60 characters in total"),
    ):
        made.start(text)
        made.wait(120)
        assert problem in made._form.problem
        assert not made._form.busy
        assert made._place.outputs == before
    made.start("fish")
    made.wait(120)
    assert made._form.problem == ""


def test_encoding_happens_on_another_thread(toy_encoder):
    threads = set()

    class Listening(ToyEncoder):
        def embed_document(self, text, *, progress=None):
            threads.add(threading.current_thread())
            return super().embed_document(text, progress=progress)

    turn(Listening())
    assert threads
    assert threading.main_thread() not in threads


def test_a_saved_notebook_keeps_texts_scores_and_the_heatmap(toy_encoder):
    made = turn(toy_encoder)
    made.start("cats <eat> fish")
    made.wait(120)
    assert "Document: cats <eat> fish" in made.saved_text()
    assert " → " in made.saved_text()
    assert "cats &lt;eat&gt; fish" in made.saved_html()
    assert "<table" in made.saved_html()
    assert repr(made) == "YourTurn(document: 'dogs eat fish')"


@pytest.mark.parametrize(
    ("texts", "options", "problem"),
    [
        ((" ", "a"), {}, "query must contain text"),
        (("a", ""), {}, "document must contain text"),
        (("a", "b"), {"edit": "both"}, "edit must be one of document, query"),
    ],
)
def test_texts_that_are_blank_and_unknown_sides_are_refused(texts, options, problem):
    with pytest.raises(ValueError, match=problem):
        YourTurn(*texts, **options)
