"""A text that a reader changes in a lesson: the browser keeps it."""

import pytest
from playwright.sync_api import expect

from tests.browser.javascript.modules import SITE, blank_page

FORM = """async (query) => {
  document.body.dataset.voila = "";
  history.replaceState(null, "", "/voila/render/lessons/02_test.ipynb");
  const values = { query, document: "Cats sleep.", edited: "document", scores: {}, busy: false };
  window.sent = [];
  const model = {
    get: (name) => values[name] ?? "",
    on() {},
    off() {},
    send: (message) => sent.push(message),
  };
  const el = document.body.appendChild(document.createElement("div"));
  (await import("/teaching/your_turn.js")).default.render({ model, el });
}"""


@pytest.fixture
def page(browser):
    with blank_page(browser) as page:
        page.evaluate(FORM, "Do cats eat?")
        yield page


def reload(page):
    page.goto(f"{SITE}/")
    page.evaluate(FORM, "Do cats eat?")
    return page.evaluate("sent")


def field(page):
    return page.get_by_role("textbox", name="Document")


def test_what_was_typed_is_there_and_explained_when_the_lesson_is_opened_again(page):
    assert page.evaluate("sent") == []
    field(page).fill("Cats eat fish.")
    assert reload(page) == [{"event": "explain", "text": "Cats eat fish."}]
    expect(field(page)).to_have_value("Cats eat fish.")


def test_a_text_that_is_reset_is_kept_no_longer(page):
    field(page).fill("Cats eat fish.")
    page.get_by_role("button", name="Reset").click()
    expect(field(page)).to_have_value("Cats sleep.")
    assert reload(page) == []
    field(page).fill("Cats eat.")
    field(page).fill("Cats sleep.")  # as it was
    assert reload(page) == []


@pytest.mark.parametrize("kept", ["7", "null", '{"given": 7}', '{"given": null}'])
def test_what_lies_in_the_storage_is_not_trusted(page, kept):
    text = f'{{"02_test": {{"your turn, document: Cats sleep. | Do cats eat?": {kept}}}}}'
    page.evaluate("(text) => localStorage.setItem('colbert_explain.answers', text)", text)
    assert reload(page) == []
