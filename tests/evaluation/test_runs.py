import gzip

import numpy as np
import pytest

from colbert_explain.evaluation import Run, run_of
from colbert_explain.search import Collection

TEXTS = {
    "fish": "cats eat fish",
    "bark": "dogs bark",
    "rain": "it rains in spain",
    "copy": "cats eat fish",
    "milk": "cats drink milk",
}


@pytest.fixture
def collection(toy_encoder):
    return Collection.build(TEXTS, toy_encoder)


def test_a_written_run_is_read_back_with_the_same_scores(tmp_path):
    run = Run(
        {"q2": {"b": 0.1 + 0.2, "a": 1e-30, "c": -3}, "q1": {"a": np.float32(0.1)}}, name="mine"
    )
    path = tmp_path / "a.run"
    run.write(path)
    assert path.read_text() == (
        "q2 Q0 b 1 0.30000000000000004 mine\nq2 Q0 a 2 1e-30 mine\nq2 Q0 c 3 -3.0 mine\n"
        "q1 Q0 a 1 0.10000000149011612 mine\n"
    )
    again = Run.read(path)
    assert again.scores == run.scores
    assert (again.name, again.notes) == ("mine", ())
    (tmp_path / "a.run.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert Run.read(tmp_path / "a.run.gz").scores == run.scores


def test_order_is_that_of_trec():
    run = Run({"q": {"a": 1.0, "b": 2.0, "é": 1.0, "Z": 1.0, "c": 1.00000000001}, "r": {"a": 1}})
    assert [id_ for id_, _ in run.ranked("q")] == ["b", "é", "c", "a", "Z"]
    assert run.queries_with_ties() == ["q"]
    with pytest.raises(KeyError):
        run.ranked("none")


def test_a_document_that_is_there_twice_has_its_higher_score_and_a_note(tmp_path):
    path = tmp_path / "a.run"
    path.write_text("q Q0 a 1 2.0 x\nq Q0 b 2 1.5 x\nq Q0 a 3 1.0 x\nq Q0 b 4 3 x\nr Q0 a 1 9 x\n")
    run = Run.read(path)
    assert run.scores == {"q": {"a": 2.0, "b": 3.0}, "r": {"a": 9.0}}
    assert run.notes == (
        "2 lines of a.run named a document again for the same query: its higher score counts.",
    )


def test_runs_that_cannot_be_read_are_refused_by_line(tmp_path):
    path = tmp_path / "a.run"
    for content, message in (
        ("q Q0 a 1 2.0 x\nq Q0 b 2 1.5\n", "a.run, line 2: a run must have 6 fields"),
        ("q Q0 a 1 high x\n", "a.run, line 1: score must be a finite number, got 'high'"),
        ("q Q0 a 1 nan x\n", "a.run, line 1: score must be a finite number, got 'nan'"),
        ("\n", "a.run must hold at least one line, got none"),
    ):
        path.write_text(content)
        with pytest.raises(ValueError, match="must") as refused:
            Run.read(path)
        assert message in str(refused.value), content


def test_values_that_no_run_can_hold_are_refused(tmp_path):
    for scores, message in (
        ([1], "scores must be a mapping .* got list"),
        ({"q": [1]}, r"scores\['q'\] must be a mapping, got list"),
        ({"q": {"a": "1"}}, r"scores\['q'\]\['a'\] must be a number, got '1'"),
        ({"q": {"a": float("inf")}}, r"scores\['q'\]\['a'\] must be finite, got inf"),
    ):
        with pytest.raises(ValueError, match=message):
            Run(scores)
    for run, message in (
        (Run({"q 1": {"a": 1}}), "query id must be one word, as TREC.* got 'q 1'"),
        (Run({"q": {"a b": 1}}), "document id must be one word"),
        (Run({"q": {"": 1}}), "document id must be one word, .* got ''"),
        (Run({"q": {"a": 1}}, name="my run"), "name must be one word"),
    ):
        path = tmp_path / "a.run"
        with pytest.raises(ValueError, match=message):
            run.write(path)
        assert not path.exists(), run


def test_a_run_is_a_copy_of_what_it_was_made_of():
    scores = {"q": {"a": 1.0}}
    run = Run(scores)
    scores["q"]["a"] = 2.0
    assert run.scores == {"q": {"a": 1.0}}


def test_responses_of_rerankers_go_both_ways():
    run = Run({"q": {"b": 0.9, "a": 0.2}, "r": {}})
    responses = run.to_response(["a", "b"], {"a": "text a", "b": "text b"})
    assert responses == {
        "q": {
            "results": [
                {"index": 1, "relevance_score": 0.9, "document": {"text": "text b"}},
                {"index": 0, "relevance_score": 0.2, "document": {"text": "text a"}},
            ]
        },
        "r": {"results": []},
    }
    assert Run.from_response(responses, ["a", "b"]).scores == run.scores
    of_each = {"q": ["b", "a"], "r": []}
    assert run.to_response(of_each)["q"]["results"][0] == {"index": 0, "relevance_score": 0.9}
    assert Run.from_response(run.to_response(of_each), of_each).scores == run.scores


def test_responses_of_other_shapes_are_refused():
    good = {"index": 0, "relevance_score": 1}
    for responses, ids, message in (
        ([], ["a"], "responses must be a mapping, got list"),
        ({"q": []}, ["a"], r"responses\['q'\] must have a list of results, got None"),
        ({"q": {"results": "no"}}, ["a"], "must have a list of results, got 'no'"),
        ({"q": {"results": [{"index": 0}]}}, ["a"], r"\['results'\]\[0\] must have index and"),
        ({"q": {"results": [good, good | {"index": 1}]}}, ["a"], r"\[1\]\['index'\] must be from"),
        ({"q": {"results": [good | {"index": -1}]}}, ["a"], "must be from 0 to 0, got -1"),
        (
            {"q": {"results": [good]}},
            {},
            "ids must hold the document ids of every query, but those of 'q' are missing",
        ),
        ({"q": {"results": [good | {"relevance_score": None}]}}, ["a"], "must be a number"),
    ):
        with pytest.raises(ValueError, match=message):
            Run.from_response(responses, ids)
    with pytest.raises(ValueError, match="ids must name all documents, but 'a' is missing"):
        Run({"q": {"a": 1}}).to_response(["b"])
    with pytest.raises(ValueError, match="texts must hold all documents, but 'a' is missing"):
        Run({"q": {"a": 1}}).to_response(["a"], {})


def test_a_run_of_a_collection_is_its_search(collection):
    queries = {"q1": "what do cats eat", "q2": "dogs"}
    run = run_of(collection, queries, 3)
    assert run.name == "maxsim"
    assert list(run.scores) == ["q1", "q2"]
    for query, text in queries.items():
        hits = collection.search(text, 3)
        ranked = run.ranked(query)
        assert [id_ for id_, _ in ranked] == list(hits.names), query
        np.testing.assert_allclose([score for _, score in ranked], hits.scores, atol=1e-5)


def test_documents_with_equal_scores_keep_the_order_of_the_collection(collection):
    run = run_of(collection, {"q": "cats eat fish"}, 2)
    assert [id_ for id_, _ in run.ranked("q")] == ["fish", "copy"]
    assert run.queries_with_ties() == []
    for way in ("bm25", "pooled"):
        alone = run_of(collection, {"q": "cats eat fish"}, 2, first_stage=way, rescore=False)
        assert [id_ for id_, _ in alone.ranked("q")] == ["fish", "copy"], way


def test_a_first_stage_alone_gives_its_own_scores(collection):
    queries = {"q": "cats drink"}
    alone = run_of(collection, queries, first_stage="bm25", rescore=False)
    assert alone.name == "bm25"
    assert set(alone.scores["q"]) == {"milk", "fish", "copy"}
    both = run_of(collection, queries, first_stage="bm25")
    assert both.name == "bm25+maxsim"
    assert set(both.scores["q"]) == {"milk", "fish", "copy"}
    exact = run_of(collection, queries).scores["q"]
    for id_, score in both.scores["q"].items():
        assert score == pytest.approx(exact[id_], abs=1e-5), id_
        assert score != pytest.approx(alone.scores["q"][id_], abs=1e-3), id_
    assert run_of(collection, queries, rescore=False, name="mine").name == "mine"


def test_queries_that_find_nothing_or_cannot_be_read_are_there_without_documents(collection):
    queries = {"none": "tractors", "blank": " ", "sign": "?", "dogs": "dogs"}
    run = run_of(collection, queries, first_stage="bm25")
    assert {query: len(found) for query, found in run.scores.items()} == {
        "none": 0,
        "blank": 0,
        "sign": 0,
        "dogs": 1,
    }
    blank, sign = run.notes
    assert blank.startswith("Query blank could not be read: query must contain text")
    assert sign.startswith("Query sign could not be read: query must")


def test_progress_counts_queries(collection):
    seen = []
    run_of(collection, {"a": "cats", "b": "dogs"}, progress=lambda *step: seen.append(step))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_a_run_of_ranked_documents_keeps_their_order():
    ranked = {"q": [("b", 2.0), ("c", 2.0), ("a", 2.000001), ("d", 1.0)], "r": []}
    run = Run.from_ranked(ranked, name="mine", notes=("A note.",))
    assert [id_ for id_, _ in run.ranked("q")] == ["b", "c", "a", "d"]
    assert run.queries_with_ties() == []
    assert run.scores["q"]["d"] == 1
    assert list(run.scores["q"].values()) == pytest.approx([2, 2, 2, 1], abs=1e-6)
    assert (run.scores["r"], run.name, run.notes) == ({}, "mine", ("A note.",))
