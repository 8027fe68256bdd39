from pathlib import Path

import pytest

from colbert_explain.app import input_form
from colbert_explain.app.input_form import InputForm
from colbert_explain.samples import load_samples


@pytest.fixture
def calls():
    return []


@pytest.fixture
def form(calls):
    return InputForm(
        load_samples(),
        lambda query, document: calls.append((query, document)),
        lambda: calls.append("cancel"),
    )


def test_messages_of_the_page_become_calls(form, calls):
    form._receive(None, {"event": "explain", "query": "a", "document": "b"}, [])
    form._receive(None, {"event": "cancel"}, [])
    assert calls == [("a", "b"), "cancel"]


@pytest.mark.parametrize("message", [{}, {"event": "explain"}, {"event": "other"}])
def test_other_messages_are_passed_over(form, calls, message):
    form._receive(None, message, [])
    assert calls == []


def test_the_page_gets_the_samples_with_their_groups(form):
    assert form.samples[0]["group"] == "Identical"
    assert all(set(s) == {"group", "title", "query", "document", "note"} for s in form.samples)


def test_the_script_never_reads_text_as_markup_and_fetches_nothing():
    script = Path(input_form.__file__).with_suffix(".js").read_text(encoding="utf-8")
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "http://", "https://"):
        assert danger not in script


def test_the_largest_message_stays_below_what_the_server_drops():
    assert input_form.LARGEST_MESSAGE < 10 * 1024 * 1024
