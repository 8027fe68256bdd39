import pytest

from colbert_explain import explain
from colbert_explain.views.page_data.documents import document_name, snippet

LONG = "Rivers carry cold water past towns. " * 20


@pytest.mark.parametrize("name", ["", " ", "Document 3", "document 0"])
def test_a_document_without_a_name_is_called_by_its_first_words(name):
    assert document_name(name, LONG) == "Rivers carry cold water past…"
    assert document_name(name, "Short text.") == "Short text."
    assert document_name(name, "大象" * 100) == "大象" * 16 + "…"
    assert document_name(name, "\n\n A\n  heading\n") == "A heading"


@pytest.mark.parametrize("name", ["Document", "Documents 3", "3", "my document 3"])
def test_a_name_of_the_users_stays(name):
    assert document_name(name, LONG) == name


def test_a_snippet_stands_around_the_best_match():
    text = f"{LONG}Only elephants trumpet here. {LONG}"
    found = snippet(explain("Which animals trumpet?", text))
    assert "trumpet" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert 60 < len(found) < 100
    assert found[1:-1] in text


def test_a_snippet_of_a_short_text_is_the_text():
    assert snippet(explain("cats", "Cats eat fish.")) == "Cats eat fish."
    early = snippet(explain("rivers", LONG))
    assert early.startswith("Rivers carry")
    assert early.endswith("…")


def test_a_snippet_of_a_text_without_spaces():
    found = snippet(explain("大象", "草木" * 200 + "大象" + "草木" * 200))
    assert "大象" in found
    assert len(found) < 100
