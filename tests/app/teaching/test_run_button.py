import threading

import pytest

from colbert_explain.app import RunButton


def pressed(button, chosen):
    button._form._handle_custom_msg({"event": "run", "chosen": chosen}, [])
    button.wait(120)
    return [output["data"] for output in button._place.outputs]


def test_it_runs_on_another_thread_what_was_chosen_and_shows_the_result():
    def count(name, progress):
        asked.append((name, threading.current_thread()))
        return f"{name}!"

    asked = []
    button = RunButton("Count", count, options=["one", "two"], after="*Done*, it is.")
    assert button._place.outputs == ()
    shown, following = pressed(button, "two")
    assert shown["text/plain"] == "'two!'"
    assert following["text/markdown"] == "*Done*, it is."
    ((name, thread),) = asked
    assert (name, button.result) == ("two", "two!")
    assert thread is not threading.main_thread()
    assert not button._form.busy


def test_progress_is_reported_as_a_share():
    told = []

    def work(_, progress):
        for done in (1, 2):
            progress(done, 4)
        progress(0, 0)

    button = RunButton("Work", work)
    button._form.observe(
        lambda _: told.append((button._form.status, button._form.progress)), names="progress"
    )
    pressed(button, "")
    assert told == [("25%", 0.25), ("50%", 0.5), ("", None)]


def test_a_failure_is_said_and_the_next_try_can_succeed():
    def work(text, _):
        if text == "no":
            raise ValueError("no is not possible")
        return 4

    button = RunButton("Try", work, text="no", of="Word")
    assert pressed(button, "no") == []
    assert button._form.problem == "No is not possible."
    assert button.saved_text() == "[Try]"
    (shown,) = pressed(button, "yes")
    assert shown["text/plain"] == "4"
    assert button._form.problem == ""
    assert button.saved_text() == "4"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((" ", print), "label must contain text"),
        (("Run", None), "work must be a function"),
    ],
)
def test_a_button_without_a_label_or_work_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        RunButton(*arguments)


def test_a_list_and_a_field_do_not_go_together():
    with pytest.raises(ValueError, match="must not be given together"):
        RunButton("Run", print, options=["a"], text="b")
