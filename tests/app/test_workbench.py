import json
import re

import numpy as np
import pandas as pd
import pytest

from colbert_explain.app import Workbench
from colbert_explain.app.page import result as result_on_page
from colbert_explain.text.printed_sums import printed_difference
from colbert_explain.views.theme import DARK
from tests.app.conftest import GatedEncoder


@pytest.fixture
def bench(toy_encoder):
    made = Workbench(toy_encoder, query="", documents="")
    yield made
    made.wait(120.0)


def send(bench, event, **fields):
    """Do what a reader does on the page, and wait for what comes of it."""
    bench.page._receive(None, {"event": event, **fields}, [])
    bench.wait(120.0)


def explained(bench, query, documents):
    bench.start(query, documents)
    bench.wait(120.0)
    return bench.explanation


TWO = {"A": "it rains", "B": "cats eat fish"}


def test_it_opens_with_a_paraphrase_explained(toy_encoder):
    bench = Workbench(toy_encoder)
    bench.wait(120.0)
    assert bench.page.texts["query"] == "Elephants eat 150 kg of food per day."
    assert bench.explanation.query.text == bench.page.texts["query"]
    assert (bench.page.work["busy"], bench.page.problem) == (False, "")


def test_it_can_open_empty_or_with_texts_of_your_own(toy_encoder, bench):
    assert bench.explanation is None
    assert bench.page.result == {}
    mine = Workbench(toy_encoder, query="cats", documents="dogs")
    mine.wait(120.0)
    assert mine.explanation.document.text == "dogs"


def test_several_texts_are_given_and_named_as_rank_takes_them(toy_encoder, bench):
    texts, numbered = ["it rains", "cats eat fish"], ("document 0", "document 1")
    for given, names in (
        (texts, numbered),
        (iter(texts), numbered),
        (np.array(texts), numbered),
        (pd.Series(texts, index=["A", "B"]), numbered),
        (dict(enumerate(texts)), ("0", "1")),
    ):
        mine = Workbench(toy_encoder, query="cats eat", documents=given)
        mine.wait(120.0)
        assert mine.state.ranking.names == names, type(given)
        assert [one["text"] for one in mine.page.texts["documents"]] == texts, type(given)
    assert explained(bench, "cats", ("it rains", "cats eat")).document.text == "cats eat"
    assert explained(bench, "cats", ["it rains"]).document.text == "it rains"


def test_other_documents_are_refused(toy_encoder, bench, unchecked):
    rule = "documents must be a text, or an iterable or mapping of texts"
    for given, sentence in (
        (7, f"{rule}, got int"),
        (b"cats", f"{rule}, got bytes"),
        ({"cats", "dogs"}, f"{rule} in a definite order, got a set, which has none"),
        (pd.DataFrame({"text": ["cats"]}), f"{rule}, got a table: choose one of its columns"),
        (["cats", None], "documents[1] must be a string, got None"),
        ({"A": "cats", "B": 2.5}, "documents['B'] must be a string, got 2.5"),
        ([], "documents must hold at least one text, got none"),
    ):
        with pytest.raises(ValueError, match=re.escape(sentence)):
            Workbench(toy_encoder, query="cats", documents=given)
        assert explained(bench, "cats", given) is None
        assert bench.page.problem == f"{sentence[0].upper()}{sentence[1:]}."


def test_numbers_and_texts_of_a_result_come_in_one_message(bench):
    seen = []
    bench.page.observe(lambda change: seen.append(change["new"]), names="result")
    x = explained(bench, "cats", "dogs eat fish")
    assert len(seen) == 1
    assert (seen[0]["query"], seen[0]["document"]) == ("cats", "dogs eat fish")
    assert sum(row["value"] for row in seen[0]["grid"]["rows"]) == pytest.approx(x.score)
    json.dumps(seen[0], allow_nan=False)


def test_what_goes_wrong_is_said_in_the_page_and_the_workbench_lives_on(bench):
    before = explained(bench, "cats", "dogs")
    assert explained(bench, " ", "dogs") is before
    assert bench.page.problem.startswith("Query must contain text")
    assert not bench.page.work["busy"]
    assert explained(bench, "cats", "fish") is not before
    assert bench.page.problem == ""


def test_an_unforeseen_error_is_named(bench, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no <b>luck</b>")

    monkeypatch.setattr(result_on_page, "page_result", broken)
    explained(bench, "cats", "dogs")
    assert bench.page.problem == "Something went wrong: RuntimeError: no <b>luck</b>"


def test_an_error_while_showing_is_said_too(bench, monkeypatch):
    monkeypatch.setattr(bench._result, "show", lambda *_: [][0])
    explained(bench, "cats", "dogs")
    assert bench.page.problem.startswith("Something went wrong: IndexError")
    assert not bench.page.work["busy"]


def test_cancel_stops_and_keeps_what_is_on_show():
    encoder = GatedEncoder()
    encoder.go_on.set()
    bench = Workbench(encoder, query="", documents="")
    before = explained(bench, "cats", "dogs")
    for event in (encoder.go_on, encoder.reached):
        event.clear()
    bench.start("cats", "slow " * 50)
    assert encoder.reached.wait(120.0)
    assert bench.page.work["busy"]
    with pytest.raises(TimeoutError, match=r"not finished after 0\.05 s"):
        bench.wait(0.05)
    bench.page._receive(None, {"event": "cancel"}, [])
    assert (bench.page.work["busy"], bench.page.work["status"]) == (False, "Cancelled.")
    encoder.go_on.set()
    bench.wait(120.0)
    assert bench.explanation is before
    assert bench.page.work["status"] == "Cancelled."


def test_what_is_no_text_is_said_in_one_sentence(encoder, unchecked):
    bench = Workbench(encoder, query="", documents="")
    for query, document, side in [(["a"], "b", "Query"), ("a", ["b", 7], "Documents[1]")]:
        bench.start(query, document)
        bench.wait(120.0)
        assert bench.page.problem.startswith(f"{side} must be a string, got ")


def test_texts_beyond_the_limits_are_refused_before_they_are_read(toy_encoder):
    from colbert_explain.operator_settings import OperatorSettings

    settings = OperatorSettings(largest_text=20, most_documents=2)
    bench = Workbench(toy_encoder, query="", documents="", settings=settings)
    fields = {"query": "cats", "live": False, "request": 1}
    send(bench, "explain", documents=[["", "word " * 9]], **fields)
    assert "at most 20 characters" in bench.page.problem
    send(bench, "explain", documents=[["a", "x"], ["b", "y"], ["c", "z"]], **fields)
    assert "at most 2" in bench.page.problem
    assert bench.explanation is None


def test_page_and_figure_follow_the_theme_together(bench):
    explained(bench, "cats", "dogs")
    before = bench.page.result["figure"]
    bench.page.theme = "dark"
    bench.wait(120.0)
    assert "ce-dark" in bench._dom_classes
    assert "ce-light" not in bench._dom_classes
    assert bench.page.result["figure"] != before
    explained(bench, "cats", "fish")
    assert DARK.frame in json.dumps(bench.page.result["figure"])


def test_options_draw_the_explanation_again_and_hold_for_the_next(bench):
    x = explained(bench, "cats 3.5", "dogs 3.5")
    assert bench.page.result["grid"]["unit"] == "word"
    bench.page.options = {"level": "token", "order": "contribution", "unscored": True}
    bench.wait(120.0)
    grid = bench.page.result["grid"]
    assert (grid["unit"], len(grid["rows"])) == ("token", len(x.query))
    assert bench.explanation is x
    explained(bench, "cats 3.5", "fish")
    assert bench.page.result["grid"]["unit"] == "token"


@pytest.mark.parametrize(
    "options",
    [{}, {"level": "word"}, {"level": "x", "order": "text", "unscored": False}, [], 3],
)
def test_a_page_cannot_set_options_that_there_are_not(bench, options):
    before = bench.page.options
    bench.page.set_state({"options": options})
    assert bench.page.options == before


def test_several_documents_are_ranked_and_the_best_is_explained(bench):
    x = explained(bench, "cats eat", TWO)
    assert x.document.text == "cats eat fish"
    result = bench.page.result
    assert [entry["name"] for entry in result["documents"]] == ["B", "A"]
    assert "outscores" in result["contrast"]["sentence"]
    explained(bench, "cats eat", {"alone": "it rains"})
    assert bench.explanation.document.text == "it rains"
    assert bench.page.result["contrast"] is None
    before = bench.explanation
    assert explained(bench, "cats", {}) is before
    assert bench.page.problem == "Documents must hold at least one text, got none."
    assert explained(bench, "cats", {"A": "?", "B": " "}) is before
    assert "must hold at least one text that can be read. Left out 2 of 2" in bench.page.problem
    assert explained(bench, "cats", {"A": "x", "B": " "}).document.text == "x"
    assert bench.page.problem == ""
    [left_out] = bench.page.result["unreadable"]
    assert (left_out["name"], left_out["position"]) == ("B", 1)
    assert left_out["reason"].startswith("document must contain text")


def test_a_document_of_the_ranking_is_shown_when_it_is_chosen(bench):
    explained(bench, "cats eat", TWO)
    entries = bench.page.result["documents"]
    send(bench, "choose", position=0)
    assert bench.explanation.document.text == "it rains"
    assert bench.page.result["position"] == 0
    assert bench.page.result["documents"] == entries
    for position in (-1, 2, 0):
        send(bench, "choose", position=position)
    assert bench.page.result["position"] == 0


def test_the_pinned_pair_is_a_pair_of_tokens_and_stays_when_the_level_changes(bench):
    x = explained(bench, "cats eat fish", "dogs eat fish")
    send(bench, "pin", row=1, column=1)
    i, j = bench.state.pinned
    assert (x.query[i].text, x.document[j].text) == ("eat", "eat")
    bench.page.options = {"level": "token", "order": "text", "unscored": True}
    bench.wait(120.0)
    assert bench.page.result["pinned"] == {"row": i, "column": j}
    send(bench, "pin", row=99, column=0)
    assert bench.state.pinned == (i, j)
    send(bench, "unpin")
    assert bench.state.pinned is None
    send(bench, "pin", row=1, column=1)
    explained(bench, "cats", "dogs")
    assert bench.state.pinned is None
    assert bench.page.result["pinned"] is None


def test_words_are_removed_and_put_back(bench):
    explained(bench, "cats eat", "cats eat fish")
    send(bench, "what_if", first=0, stop=1)
    answer = bench.page.what_if
    assert (answer["text"], answer["first"], answer["stop"]) == ("cats", 0, 1)
    assert answer["masked"] < answer["before"]
    assert answer["reencoded"] is not None  # a short document is encoded again at once
    assert not answer["busy"]
    send(bench, "what_if_undo")
    assert bench.page.what_if == {}
    send(bench, "what_if", first=0, stop=3)
    assert bench.page.what_if["problem"]  # nothing would be left
    send(bench, "what_if", first=5, stop=9)
    explained(bench, "cats", "dogs")
    assert bench.page.what_if == {}


def test_removed_words_are_kept_for_each_document_of_a_ranking(bench):
    explained(bench, "cats eat", TWO)
    send(bench, "what_if", first=0, stop=1)
    first = bench.page.what_if
    assert first["text"] == "cats"
    send(bench, "choose", position=0)
    assert bench.page.what_if == {}
    send(bench, "what_if", first=1, stop=2)
    assert bench.page.what_if["text"] == "rains"
    send(bench, "choose", position=1)
    assert bench.page.what_if == first
    send(bench, "what_if_undo")
    send(bench, "choose", position=0)
    assert bench.page.what_if["text"] == "rains"
    send(bench, "choose", position=1)
    assert bench.page.what_if == {}
    explained(bench, "cats eat", TWO)
    send(bench, "choose", position=0)
    assert bench.page.what_if == {}  # this is another ranking


def test_removed_words_are_not_told_again_once_another_ranking_is_there(bench):
    explained(bench, "cats eat", TWO)
    send(bench, "what_if", first=0, stop=1)
    told = []
    bench.page.observe(lambda change: told.append(change["new"]), names="what_if")
    explained(bench, "it rains and cats eat fish", TWO)
    assert told == [{}]


def test_removed_words_are_shown_again_after_the_result(bench):
    explained(bench, "cats eat", TWO)
    send(bench, "what_if", first=0, stop=1)
    send(bench, "choose", position=0)
    told = []
    bench.page.observe(lambda change: told.append(change["name"]), names=["result", "what_if"])
    send(bench, "choose", position=1)
    assert told[0] == "result"  # the columns are those of its grid
    assert "what_if" in told[1:]


def test_a_score_without_words_has_a_rank_among_several_documents(bench):
    explained(bench, "cats eat", TWO)
    send(bench, "what_if", first=0, stop=1)
    assert set(bench.page.what_if["places"]) == {"masked", "reencoded"}
    explained(bench, "cats eat", "cats eat fish")
    send(bench, "what_if", first=0, stop=1)
    assert bench.page.what_if["places"] == {}


def test_sections_are_computed_when_they_are_asked_for(bench):
    explained(bench, "cats eat", TWO)
    assert bench.page.sections == {}
    for name in ("best_sentences", "compare", "table", "save"):
        send(bench, "section", name=name)
    sections = bench.page.sections
    assert (sections["compare"]["first"], sections["compare"]["second"]) == (1, 0)
    assert sections["table"]["sum"] == bench.explanation.score
    assert "ce.heatmap(x" in sections["save"]["code"]
    send(bench, "compare", first=0, second=1)
    assert bench.page.sections["compare"]["first"] == 0
    send(bench, "choose", position=0)
    assert bench.page.sections == {}


def test_a_kept_explanation_is_compared_with_a_later_one(bench):
    explained(bench, "cats eat", "it rains")
    send(bench, "keep")
    assert bench.page.sections["compare"]["kept"] == "it rains"
    x = explained(bench, "cats eat", "cats eat fish")
    send(bench, "section", name="compare")
    found = bench.page.sections["compare"]
    assert (found["first"], found["second"]) == (0, -1)
    assert found["difference"] == pytest.approx(x.score - bench.state.kept[1].score, abs=0.01)
    assert found["difference"] == printed_difference(x.score, bench.state.kept[1].score)
    explained(bench, "another query", "cats eat fish")
    send(bench, "section", name="compare")
    assert "different queries" in bench.page.sections["compare"]["note"]
    send(bench, "clear_kept")
    assert bench.page.sections["compare"]["kept"] is None


def test_a_file_is_answered_and_a_saved_explanation_is_shown(bench, toy_encoder, tmp_path):
    sent = []
    bench.page.send = lambda content, buffers=None: sent.append((content, buffers))
    bench.page._receive(None, {"event": "file", "to": "a", "name": "x.txt"}, [b"Cats."])
    assert sent[-1][0] == {"event": "text", "name": "x.txt", "text": "Cats.", "to": "a"}
    x = explained(bench, "cats eat", "cats eat fish")
    x.save(tmp_path / "saved.json")
    explained(bench, "cats", "dogs")
    saved = (tmp_path / "saved.json").read_bytes()
    bench.page._receive(None, {"event": "file", "to": "a", "name": "saved.json"}, [saved])
    bench.wait(120.0)
    assert sent[-1][0]["event"] == "explanation"
    assert bench.explanation.score == x.score
    assert bench.page.result["document"] == "cats eat fish"
    bench.page._receive(None, {"event": "save", "kind": "csv"}, [])
    bench.wait(120.0)
    content, buffers = sent[-1]
    assert (content["event"], content["name"]) == ("part", "cats-eat.csv")
    assert b"cats" in buffers[0]
    bench.page._receive(None, {"event": "save", "kind": "exe"}, [])
    bench.wait(120.0)
    assert bench.page.problem.startswith("Kind must be html, json, csv")


def test_a_notebook_keeps_the_explanation_as_text_and_html(bench):
    assert bench.saved_text() == "Nothing has been explained yet."
    explained(bench, "cats eat", TWO)
    assert "B: rank 1 of 2" in bench.saved_text()
    assert "cats" in bench.saved_html()
