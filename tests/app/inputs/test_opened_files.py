import pytest

import colbert_explain as ce
from colbert_explain.app.inputs.opened_files import OpenedFiles
from colbert_explain.operator_settings import OperatorSettings

PETS = b"id,text\n1,cats\n2,dogs\n"
WISHES = {
    "mode": "add",
    "text_column": 1,
    "name_column": 0,
    "has_header": False,
    "most_documents": 2,
    "most_characters": 100,
}


@pytest.fixture
def files():
    return OpenedFiles(OperatorSettings())


@pytest.fixture
def saved(toy_encoder, tmp_path):
    x = ce.explain("cats eat", "a cat eats fish", toy_encoder)
    x.save(tmp_path / "x.json")
    return x, (tmp_path / "x.json").read_bytes()


def test_a_text_comes_back_decoded(files):
    assert files.open("folder/a.txt", b"caf\xc3\xa9\r\n") == {
        "event": "text",
        "name": "a.txt",
        "text": "café\n",
    }


def test_a_table_is_held_until_its_rows_are_chosen(files):
    table = files.open("a.csv", PETS)
    assert (table["event"], table["rows"], table["likely"]) == ("table", 3, 1)
    chosen = files.choose(WISHES)
    assert (chosen["event"], chosen["mode"]) == ("documents", "add")
    assert chosen["documents"] == [["id", "text"], ["1", "cats"]]
    assert chosen["left_out"].startswith("Left out: 1 row past the limit of 2 documents")
    assert (
        "must be a number from 1 to 2, got 10"
        in files.choose({**WISHES, "text_column": 9})["sentence"]
    )
    files.close()
    assert files.choose(WISHES) == {
        "event": "refused",
        "sentence": "The file is no longer in memory: open it again.",
    }


def test_the_page_cannot_ask_for_more_than_the_operator_allows():
    files = OpenedFiles(OperatorSettings(most_documents=1, largest_text=4))
    files.open("a.csv", PETS)
    wishes = {**WISHES, "has_header": True, "most_documents": 99, "most_characters": 10**9}
    assert files.choose(wishes)["documents"] == [["1", "cats"]]


def test_a_saved_explanation_is_opened_without_a_model(files, saved):
    x, data = saved
    answer = files.open("x.json", data)
    assert answer == {
        "event": "explanation",
        "name": "x.json",
        "query": "cats eat",
        "document": "a cat eats fish",
    }
    assert files.explanation.score == x.score
    files.open("a.txt", b"text")
    assert files.explanation is None


def test_a_damaged_explanation_is_refused(files, saved):
    _, data = saved
    for name, damaged, part in [
        ("x.json", data.replace(b"cats", b"cows"), "'x.json' is damaged"),
        ("x.json", data[:-9], "'x.json' must hold a saved explanation"),
        ("x.json", b"[1]", "'x.json' must hold a saved explanation"),
        ("x.json", b"\xff", "'x.json' must hold a saved explanation"),
    ]:
        answer = files.open(name, damaged)
        assert answer["event"] == "refused"
        assert part in answer["sentence"]
        assert files.explanation is None


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"\x00\x01", "'a.txt' isn't a text file: it contains binary data"),
        ("a.pdf", b"x", "Can't open a.pdf. Use .txt, .md, .csv, .tsv or .jsonl."),
        ("a.csv", b"a,b\nc,d\n1\n", "The rows of 'a.csv' must all have as many fields"),
        ("a.txt", b"x" * (5 * 1024**2 + 1), "Can't open a.txt: it has 5,242,881 bytes"),
    ],
)
def test_a_file_that_is_refused_is_answered_with_a_sentence(files, name, data, sentence):
    answer = files.open(name, data)
    assert answer["event"] == "refused"
    assert answer["sentence"].startswith(sentence)
