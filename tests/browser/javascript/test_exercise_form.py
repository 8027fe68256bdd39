"""The card of an exercise, with a model that a test answers for: what the browser keeps of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.javascript.modules import SITE, blank_page

FORM = """async ([question, options, kind = "choice"]) => {
  document.body.dataset.voila = "";
  history.replaceState(null, "", "/voila/render/lessons/02_test.ipynb");
  const values = { question, kind, options, answer: "", outcome: {} };
  const acts = {};
  window.sent = [];
  const model = {
    get: (name) => values[name],
    on: (event, act) => (acts[event] ??= []).push(act),
    off() {},
    send: (message) => sent.push(message),
  };
  window.tell = (outcome, answer = "") => {
    Object.assign(values, { outcome, answer });
    for (const act of acts["change:outcome"]) act();
  };
  const el = document.body.appendChild(document.createElement("div"));
  (await import("/teaching/exercise_form.js")).default.render({ model, el });
}"""
QUESTION = "Which word does *per* match?"


@pytest.fixture
def page(browser):
    with blank_page(browser) as page:
        page.evaluate(FORM, [QUESTION, ["of", "food"]])
        yield page


def reload(page, question=QUESTION):
    page.goto(f"{SITE}/")
    page.evaluate(FORM, [question, ["of", "food"]])
    return page.evaluate("sent")


def tell(page, verdict, given, answer=""):
    outcome = {"verdict": verdict, "said": "", "given": given, "tries": 0, "number": 1}
    page.evaluate("([outcome, answer]) => tell(outcome, answer)", [outcome, answer])


def test_a_reload_brings_choice_and_verdict_back(page):
    assert page.evaluate("sent") == []
    page.get_by_label("of").check()
    page.get_by_role("button", name="Check").click()
    tell(page, "right", "of", "of")
    assert reload(page) == [{"event": "answer", "given": "of"}]
    tell(page, "right", "of", "of")
    expect(page.get_by_label("of")).to_be_checked()
    expect(page.locator(".ce-exercise-mark").first).to_have_text("✓ the answer")


@pytest.mark.parametrize(
    ("verdict", "given", "mark"),
    [
        ("right", "2,42", "✓"),
        ("right", "2.43", "✓ the answer: 2.42"),
        ("shown", "2.42", "✓ the answer: 2.42"),
    ],
)
def test_a_number_that_the_reader_has_given_is_not_said_again(browser, verdict, given, mark):
    with blank_page(browser) as page:
        page.evaluate(FORM, ["What is the sum?", [], "number"])
        tell(page, verdict, given, "2.42")
        expect(page.locator(".ce-exercise-mark")).to_have_text(mark)


def test_a_wrong_answer_and_one_that_was_shown_come_back(page):
    tell(page, "wrong", "food")
    assert reload(page) == [{"event": "answer", "given": "food"}]
    tell(page, "wrong", "food")
    tell(page, "shown", "food", "of")
    assert reload(page) == [{"event": "answer", "given": "food"}, {"event": "show"}]


def test_an_answer_belongs_to_its_question_and_its_lesson(page):
    tell(page, "right", "of", "of")
    assert reload(page, "Which word comes first?") == []
    assert reload(page, "constructor") == []


@pytest.mark.parametrize("kept", ["not JSON", "[]", "null", "{}", '{"02_test": 1}'])
@pytest.mark.parametrize("given", ["7", "{}", '{"given": 7, "shown": "yes"}', "null"])
def test_what_lies_in_the_storage_is_not_trusted(page, kept, given):
    for text in (kept, f'{{"02_test": {{"{QUESTION}": {given}}}}}'):
        page.evaluate("(text) => localStorage.setItem('colbert_explain.answers', text)", text)
        assert reload(page) == []
