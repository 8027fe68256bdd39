import pytest

from colbert_explain.app import input_form
from colbert_explain.app.input_form import InputForm
from colbert_explain.operator_settings import OperatorSettings
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


def test_the_page_gets_the_samples_with_their_groups(form):
    assert form.samples[0]["group"] == "Identical"
    assert all(set(s) == {"group", "title", "query", "document", "note"} for s in form.samples)


def test_the_largest_message_stays_below_what_the_server_drops():
    assert input_form.LARGEST_MESSAGE < 10 * 1024 * 1024


def test_documents_come_by_name_and_in_order(form, calls):
    form._receive(
        None, {"event": "explain", "query": "q", "documents": [["b", "1"], ["a", "2"]]}, []
    )
    assert calls == [("q", {"b": "1", "a": "2"})]
    assert list(calls[0][1]) == ["b", "a"]


def test_what_is_put_into_the_form_is_one_text_or_several_by_name(form):
    form.document = "a text"
    assert form.documents == [{"name": "Document 1", "text": "a text"}]
    assert form.document == "a text"
    form.document = {"x": "1", "y": "2"}
    assert form.document == {"x": "1", "y": "2"}


def test_what_is_too_much_is_refused_here_too_and_said_again_if_sent_again(calls):
    settings = OperatorSettings(largest_text=5, most_documents=1)
    form = InputForm([], lambda *texts: calls.append(texts), lambda: None, settings)
    said = []
    form.observe(lambda change: said.append(change["new"]), names="problem")
    message = {"event": "explain", "query": "123", "document": "456"}
    form._receive(None, message, [])
    form._receive(None, message, [])
    assert calls == []
    form._receive(None, {"event": "explain", "query": "123", "documents": [["a", "45"]]}, [])
    assert calls == [("123", {"a": "45"})]
    sentence = "Query and documents must have at most 5 characters together, got 6."
    assert said == [sentence, "", sentence]
    form._receive(None, {"event": "explain", "query": "", "documents": [["a", ""], ["b", ""]]}, [])
    assert said[-1] == "The number of documents must be at most 1, got 2."


@pytest.fixture
def answers(form, monkeypatch):
    sent = []
    monkeypatch.setattr(form, "send", sent.append)
    return sent


def test_an_opened_text_comes_back_to_the_view_that_sent_it(form, answers):
    form._receive(
        None, {"event": "file", "to": "v2", "name": "a.txt"}, [memoryview(b"caf\xc3\xa9")]
    )
    assert answers == [{"event": "text", "name": "a.txt", "text": "café", "to": "v2"}]


def test_a_table_is_held_until_its_rows_are_chosen(form, answers):
    form._receive(
        None, {"event": "file", "to": "v", "name": "a.csv"}, [b"id,text\n1,cats\n2,dogs\n"]
    )
    table = answers.pop()
    assert (table["event"], table["rows"], table["likely"]) == ("table", 3, 1)
    wishes = {
        "event": "rows",
        "to": "v",
        "mode": "add",
        "text_column": 1,
        "name_column": 0,
        "has_header": False,
        "most_documents": 2,
        "most_characters": 100,
    }
    form._receive(None, wishes, [])
    chosen = answers.pop()
    assert chosen["documents"] == [["id", "text"], ["1", "cats"]]
    assert chosen["left_out"].startswith("Left out: 1 row past the limit of 2 documents")
    form._receive(None, {**wishes, "text_column": 9}, [])
    assert "must be one of 1 to 2, got 10" in answers.pop()["sentence"]
    form._receive(None, {**wishes, "text_column": None}, [])
    assert answers.pop()["event"] == "refused"
    form._receive(None, {"event": "close_file"}, [])
    form._receive(None, wishes, [])
    assert "must be opened again" in answers.pop()["sentence"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"\x00\x01", "'a.txt' must be a text file, but is binary"),
        ("a.pdf", b"x", "Can't open a.pdf. Use .txt, .md, .csv, .tsv or .jsonl."),
        ("a.csv", b"a,b\nc,d\n1\n", "The rows of 'a.csv' must all have as many fields"),
        ("a.txt", b"x" * (5 * 1024 * 1024 + 1), "A file must have at most 5,242,880 bytes"),
    ],
)
def test_a_file_that_is_refused_is_answered_with_a_sentence(form, answers, name, data, sentence):
    form._receive(None, {"event": "file", "to": "v", "name": name}, [data])
    (answer,) = answers
    assert answer["event"] == "refused"
    assert answer["sentence"].startswith(sentence)


def test_no_file_is_larger_than_a_message_may_be(calls):
    form = InputForm([], print, print, OperatorSettings(largest_file=10**9))
    assert form.largest_file == input_form.LARGEST_MESSAGE
