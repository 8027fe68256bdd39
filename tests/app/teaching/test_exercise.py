import json
import subprocess
import sys

import plotly.graph_objects as go
import pytest
from IPython.display import Markdown

from colbert_explain.app import Exercise
from colbert_explain.app.teaching.answer_key import AnswerKey

ASKED = {
    "right": "of",
    "options": ["of", "Every", "day"],
    "because": "Both are small words.",
    "hint": "Look at the row *per*.",
}


def ask(**changes):
    return Exercise("Which word does *per* choose?", **{**ASKED, **changes})


def in_the_page(exercise):
    """Everything that the page, or a saved notebook, gets to know."""
    return json.dumps(exercise._form.get_state(), default=str, ensure_ascii=False)


def test_an_open_question_passes_and_says_how_to_answer():
    exercise = ask(answer=...)
    assert not exercise.solved
    assert exercise.right == "of"
    assert exercise.kind == "choice"
    assert str(exercise) == (
        "Exercise: Which word does *per* choose?\n- of\n- Every\n- day\n"
        "To answer in the cell, set answer = your answer."
    )


def test_a_right_answer_passes_and_is_shown_with_its_reason():
    exercise = ask(answer="of")
    assert exercise.solved
    assert exercise._form.outcome["given"] == "of"
    assert str(exercise).endswith("Right: of\nBoth are small words.")
    assert exercise._form.answer == "of"


def test_a_wrong_answer_makes_the_cell_fail_without_giving_the_right_one_away():
    with pytest.raises(ValueError, match=r"answer is not right, got 'day'\. Look at the row") as e:
        ask(answer="day")
    assert "'of'" not in str(e.value)
    assert "Both are" not in str(e.value)


def test_what_is_no_answer_makes_the_cell_fail_and_says_what_can_be_chosen():
    with pytest.raises(ValueError, match="must be one of of, Every, day, got 'cat'"):
        ask(answer="cat")
    with pytest.raises(ValueError, match="must be one of"):
        ask(answer=None)
    with pytest.raises(ValueError, match="answer must be a number, got 'four'"):
        Exercise("How many?", right=4, answer="four")


def test_the_page_does_not_know_the_right_answer_before_the_reader_does():
    exercise = Exercise("Who?", right="Seine", because="It flows there.", hint="A name.")
    assert "Seine" not in in_the_page(exercise)
    exercise.give("Thames")
    assert "A name." in in_the_page(exercise)
    assert "Seine" not in in_the_page(exercise)
    assert "flows" not in in_the_page(exercise)
    exercise.give("seine.")
    assert "It flows there." in in_the_page(exercise)


def test_an_answer_from_the_page_is_judged():
    exercise = ask()
    for given, verdict, said in (
        ("day", "wrong", "Look at the row *per*."),
        ("day", "wrong", "Look at the row *per*."),
        ("nothing like it", "unclear", "Answer must be one of of, Every, day, got"),
        ("of", "right", "Both are small words."),
    ):
        before = exercise._form.outcome
        exercise._form._handle_custom_msg({"event": "answer", "given": given}, [])
        assert exercise._form.outcome["verdict"] == verdict
        assert exercise._form.outcome["said"].startswith(said)
        assert exercise._form.outcome != before  # else the page would hear nothing
    assert exercise.solved
    exercise.give("day")
    assert not exercise.solved


def test_answers_that_are_typed():
    for right, tolerance, given, accepted in (
        (3.396, 0.005, 3.4, True),
        (3.396, 0.005, "3,4", True),
        (3.396, 0.005, " 3.39 ", False),
        (4, 0, "4", True),
        (4, 0, 4.0, True),
        (4, 0, 5, False),
        (6.25, 0.5, 6.75, True),
        (6.25, 0.5, 6.76, False),
        (-0.2, 0.05, "-0.22", True),
        ("of", 0, ' "Of", ', True),
        ("of", 0, "off", False),
    ):
        assert AnswerKey.of(right, (), tolerance).accepts(given) is accepted, (right, given)


def test_numbers_of_numpy_are_numbers():
    numpy = pytest.importorskip("numpy")
    assert Exercise("How many?", right=numpy.int64(3), answer=3).solved
    assert Exercise("How much?", right=numpy.float32(0.25), answer=0.25).kind == "number"


@pytest.mark.parametrize("given", ["", "nan", "inf", "1e999", "two", "1,2,3", True, None, [1]])
def test_what_is_not_a_number_is_no_answer(given):
    with pytest.raises(ValueError, match="answer must be a number, got"):
        AnswerKey.of(1, (), 0.5).accepts(given)


def test_case_matters_only_between_options_that_differ_in_nothing_else():
    assert ask(answer="EVERY", right="Every")._form.outcome["given"] == "Every"
    key = AnswerKey.of("The", ("The", "the"), 0)
    assert key.accepts("The")
    assert not key.accepts("the")


def test_a_question_that_cannot_be_answered_is_refused():
    for changes, problem in (
        ({"right": "per"}, "right must be one of of, Every, day, got 'per'"),
        ({"right": 3}, "right must be one of the options"),
        ({"right": " ", "options": ()}, "right must be a number or a string"),
        ({"right": float("nan"), "options": ()}, "right must be a finite number, got nan"),
        ({"right": True, "options": ()}, "right must be a number or a string, got True"),
        ({"options": ["of"]}, "options must be at least two texts, all different"),
        ({"options": ["of", "of"]}, "options must be at least two texts, all different"),
        ({"tolerance": 0.5}, "tolerance must be 0 where right is a string, got 0.5"),
        ({"right": 2, "options": (), "tolerance": -1}, "tolerance must be at least 0, got -1"),
    ):
        with pytest.raises(ValueError, match=problem):
            ask(**changes)


def test_a_question_without_words_is_refused():
    with pytest.raises(ValueError, match="question must contain text"):
        Exercise("  ", right=1)


def test_what_follows_stays_in_python_until_the_answer_is_right_or_asked_for():
    for event in ({"event": "answer", "given": "of"}, {"event": "show"}):
        exercise = ask(after=["The *picture*.", Markdown("And more.")])
        exercise._form._handle_custom_msg({"event": "answer", "given": "day"}, [])
        assert exercise._place.outputs == ()
        assert exercise._form.answer == ""
        exercise._form._handle_custom_msg(event, [])
        exercise._form._handle_custom_msg(event, [])
        assert exercise._form.answer == "of"
        assert exercise._form.outcome["said"] == "Both are small words."
        shown = [output["data"]["text/markdown"] for output in exercise._place.outputs]
        assert shown == ["The *picture*.", "And more."]


def test_wrong_answers_are_counted_and_one_that_is_shown_stays_beside_the_right_one():
    exercise = ask()
    for tries, given in enumerate(("day", "Every"), 1):
        exercise.give(given)
        assert exercise._form.outcome["tries"] == tries
    exercise.give("nothing like it")
    assert exercise._form.outcome["tries"] == 2
    exercise.give("day")
    exercise.show()
    assert exercise._form.outcome | {"number": 0} == {
        "verdict": "shown",
        "said": "Both are small words.",
        "given": "day",
        "tries": 3,
        "number": 0,
    }
    assert not exercise.solved


def test_texts_that_follow_may_be_indented_as_the_code_around_them():
    exercise = ask(
        after="""
        First line.

        - a point
        """,
        answer="of",
    )
    (shown,) = exercise._place.outputs
    assert shown["data"]["text/markdown"] == "First line.\n\n- a point"


def test_a_figure_follows_the_answer_and_appears_nowhere_else(capsys):
    exercise = ask(after=go.Figure(go.Bar(y=[2.5])), answer="of")
    (shown,) = exercise._place.outputs
    assert shown["data"]["application/vnd.plotly.v1+json"]["data"][0]["y"] == [2.5]
    assert capsys.readouterr().out == ""


def test_what_would_give_the_answer_away_is_the_answer_unless_it_is_named():
    assert ask().reveals == ("of",)
    assert ask(reveals=["of wins"]).reveals == ("of wins",)
    assert Exercise("How much?", right=3.2768, tolerance=0.005).reveals == ("3.28",)


@pytest.mark.parametrize(
    ("right", "tolerance", "written"),
    [
        (4, 0, "4"),
        (10.000001, 0.01, "10.00"),
        (0.1234, 0.0001, "0.1234"),
        (-0.25, 0.5, "-0.25"),
        (6.2451, 0.5, "6.25"),
    ],
)
def test_a_number_is_written_with_as_many_digits_as_are_needed(right, tolerance, written):
    key = AnswerKey.of(right, (), tolerance)
    assert key.text == written
    assert key.accepts(written)


def test_a_saved_notebook_keeps_the_answer_folded_until_it_was_given():
    exercise = ask(after="The *picture*.")
    assert "Both are small words." not in exercise.saved_text()
    before, after = exercise.saved_html().split("<details>")
    assert "<li><bdi>Every</bdi></li>" in before
    assert "Both are small words." not in before
    for part in ("<strong><bdi>of</bdi></strong>", "Both are small words.", "<em>picture</em>"):
        assert part in after
    exercise.give("of")
    assert "<details open>" in exercise.saved_html()
    assert exercise.saved_text().endswith("Right: of\nBoth are small words.\n\nThe *picture*.")


def test_a_page_of_the_server_gets_no_saved_answer(monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    bundle = Exercise("Who?", right="Seine", after="It flows.")._repr_mimebundle_()
    assert "Seine" not in json.dumps(bundle)
    assert "flows" not in json.dumps(bundle)


def test_a_host_without_widgets_gets_the_question_whole():
    question = "Which word " + "of all these words " * 10 + "is it?"
    bundle = Exercise(question, right="of")._repr_mimebundle_()
    assert question in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_an_exercise_needs_no_model_and_no_figure():
    code = (
        "import sys, colbert_explain as ce; ce.Exercise('How many?', right=1, answer=1); "
        "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
