"""Which pasted texts are taken for several documents, and where they are split."""

import pytest

from tests.browser.javascript.modules import blank_page, call


@pytest.fixture
def split(shared, browser):
    page = shared.get("blank page", lambda: blank_page(browser))
    return lambda text: call(page, "inputs/split_documents.js", "splitDocuments", text)


@pytest.mark.parametrize(
    ("kind", "pasted", "texts"),
    [
        ("rules", "Cats sleep.\nA lot.\n---\nDogs bark.", ["Cats sleep.\nA lot.", "Dogs bark."]),
        ("rules", "---\r\nCats.\r\n\r\n  ----- \r\nDogs.\r\n---\r\n", ["Cats.", "Dogs."]),
        ("rules", "A\n\nB\n---\nC", ["A\n\nB", "C"]),  # the rule counts, not the blank line
        ("list", "1. Cats sleep.\n2. Dogs bark,\n   mostly.\n3. Cows", None),
        ("list", "[0] zero\n[1] one", ["zero", "one"]),
        ("list", "1) one\n\n2) two", ["one", "two"]),
        ("list", "1: one\n2: two", ["one", "two"]),
        ("list", "1. In 2020 it rained.\n3. is no number here\n2. It snowed.", None),
        (
            "blocks",
            "Cats sleep.\n\n \t\nDogs bark.\nAt night.",
            ["Cats sleep.", "Dogs bark.\nAt night."],
        ),
        (
            "lines",
            "Cats sleep.\nDogs bark!\n猫は寝る。",
            ["Cats sleep.", "Dogs bark!", "猫は寝る。"],
        ),
        ("lines", "“Cats sleep.”\r\nDogs bark (at night.)\r\n", None),
    ],
)
def test_several_documents_are_found(split, kind, pasted, texts):
    found = split(pasted)
    assert found["kind"] == kind
    if texts is not None:
        assert [one["text"] for one in found["documents"]] == texts
    assert {one["name"] for one in found["documents"]} == {""}


@pytest.mark.parametrize(
    ("pasted", "documents"),
    [
        ("A. Cats.\n\nB. Dogs.\nC. Cows.", [("A", "Cats."), ("B", "Dogs."), ("C", "Cows.")]),
        ("A: one\nB: two,\n  or more", [("A", "one"), ("B", "two,\n  or more")]),
        ("[a] one\n[b] two", [("a", "one"), ("b", "two")]),
    ],
)
def test_the_letters_of_a_list_are_the_names(split, pasted, documents):
    found = split(pasted)
    assert [(one["name"], one["text"]) for one in found["documents"]] == documents
    assert found["kind"] == "letters"
    assert found["note"] == "The letters are the names."


def test_letters_that_are_no_list_stay_in_the_text(split):
    assert split("Q: Why?\nA: Because it rains.")["kind"] == "lines"
    assert split("B: first\nC: second") is None
    assert split("A: first\nC: third") is None


def test_an_item_of_a_list_keeps_its_further_lines(split):
    found = split("1. Cats sleep.\n2. Dogs bark,\n   mostly.\n3. Cows")
    texts = [one["text"] for one in found["documents"]]
    assert texts == ["Cats sleep.", "Dogs bark,\n   mostly.", "Cows"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Cats sleep.",
        "Cats sleep\nand dogs bark\nat night.",  # a text with line breaks
        "---",
        "1. only one",
        "In 1999\n2. it rained",
        "a\tb",
        "a\tb\nc",  # rows of different lengths
        "\t\n\t",
    ],
)
def test_one_text_stays_one(split, text):
    assert split(text) is None


def test_cells_of_a_sheet_become_documents_with_names(split):
    found = split("id\ttitle\ttext\n1\tCats\tThey sleep all day.\n2\tDogs\tThey bark.\n")
    assert found["kind"] == "table"
    assert found["documents"] == [
        {"name": "Cats", "text": "They sleep all day."},
        {"name": "Dogs", "text": "They bark."},
    ]
    assert found["note"] == "Texts from column 3 (text), names from column 2 (title)."


def test_cells_without_headings_are_told_apart_by_their_length(split):
    found = split("7\tCats sleep all day.\n8\tDogs bark.")
    assert found["documents"] == [
        {"name": "7", "text": "Cats sleep all day."},
        {"name": "8", "text": "Dogs bark."},
    ]
    repeated = split("pets\tCats sleep all day.\npets\tDogs bark.")
    assert [one["name"] for one in repeated["documents"]] == ["", ""]
    assert repeated["note"] == "Texts from column 2."


def test_a_copied_cell_may_hold_line_breaks_and_quotation_marks(split):
    found = split('1\t"Cats\nsleep ""well"" here."\n2\t"Jumbo" was an elephant.\n')
    texts = [one["text"] for one in found["documents"]]
    assert texts == ['Cats\nsleep "well" here.', '"Jumbo" was an elephant.']


def test_two_hundred_documents_and_a_long_word_are_split_at_once(split):
    texts = [f"Passage {i}: {'x' * 10_000 if i == 7 else 'short'}" for i in range(200)]
    found = split("\n\n".join(texts))
    assert [one["text"] for one in found["documents"]] == texts
