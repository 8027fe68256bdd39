import numpy as np
import pandas as pd
import pytest

import colbert_explain as ce
from colbert_explain.evaluation.audit import audit
from colbert_explain.search import Collection
from tests.each_case import check_each

TEXTS = {
    "fish": "cats eat fish",
    "milk": "cats drink milk",
    "bark": "dogs bark at night",
    "rain": "it rains in spain",
}
QUERIES = {"a": "what do cats eat", "b": "dogs at night", "c": "rains in spain", "d": "milk"}
QRELS = {
    "a": {"milk": 1},
    "b": {"bark": 2, "fish": 0},
    "c": {"nowhere": 1},
    "d": {"fish": 0},
    "e": {"fish": 1},
}


@pytest.fixture
def collection(toy_encoder):
    return Collection.build(TEXTS, toy_encoder)


@pytest.fixture
def run(collection):
    found = {}
    for query_id, query in QUERIES.items():
        hits = collection.search(query, 4)
        found[query_id] = dict(zip(hits.names, map(float, hits.scores), strict=True))
    return found


@pytest.fixture
def result(run, collection):
    return audit(run, QUERIES, QRELS, collection, k=1)


def test_found_and_lost_queries_add_up_and_causes_to_the_lost(result):
    assert [query.query_id for query in result] == ["a", "b", "c"]
    assert [query.query_id for query in result.lost] == ["a", "c"]
    assert len(result) == 3
    assert int(result.counts.sum()) == len(result.lost)
    assert int(result.to_frame()["found"].sum()) + len(result.lost) == len(result)
    assert result.counts.index.tolist()[0] == result.lost[1].cause == "judged document missing"


def test_the_summary_agrees_in_number(run, collection):
    for qrels, said in (
        ({"a": {"milk": 1}}, "0 of 1 judged query is found at rank 1, 1 lost"),
        (QRELS, "1 of 3 judged queries is found at rank 1, 2 lost"),
        ({"a": {"milk": 1}, "c": {"fish": 1}}, "0 of 2 judged queries are found at rank 1"),
    ):
        assert audit(run, QUERIES, qrels, collection, k=1).summary().startswith(said), said


def test_what_cannot_be_audited_is_listed_with_the_reason(result):
    assert result.left_out == {
        "d": "no document is relevant to it in qrels",
        "e": "it has no text in queries",
    }


def test_the_frame_has_a_row_a_query_with_winner_right_document_and_lead(result):
    frame = result.to_frame()
    assert frame.index.name == "query_id"
    assert frame.attrs["provenance"]["model"] == "toy"
    assert frame["cause"].dtype == "string"
    assert frame["rank"].dtype == "Int64"
    row = frame.loc["a"]
    assert (row["winner"], row["right_document"], row["rank"]) == ("fish", "milk", 2)
    assert row["lead"] == pytest.approx(row["winner_score"] - row["right_score"])
    assert row["sentence"].startswith("fish outscores milk by")
    assert not row["winner_judged"]
    assert np.isnan(frame.loc["b", "lead"])
    assert frame.loc["b", "cause"] is pd.NA


def test_a_lost_query_leads_to_the_contrast_of_its_two_documents(result):
    contrast = result.contrast("a")
    assert contrast.names == ("fish", "milk")
    assert contrast.score_difference == pytest.approx(result.to_frame().loc["a", "lead"])
    assert result.sentence("a") == f"Lost, {result.lost[0].cause}: {contrast.sentence()}"
    assert result.sentence("c") == "Lost, judged document missing."
    for query_id, words in {
        "b": "'b' is found",
        "c": "no relevant document for 'c'",
        "z": "audited query, got 'z'",
    }.items():
        with pytest.raises(ValueError, match=words):
            result.contrast(query_id)


def test_the_best_placed_relevant_document_is_the_right_one(run, collection):
    result = audit(run, QUERIES, {"a": {"rain": 1, "milk": 1, "bark": 3}}, collection, k=1)
    assert result.lost[0].right == "milk"
    result = audit({"a": {"fish": 1.0}}, QUERIES, {"a": {"rain": 1, "milk": 1}}, collection, k=1)
    assert result.lost[0].right == "milk"  # by exact MaxSim, where the run has none
    assert result.lost[0].rank is None


def test_equal_scores_of_a_run_have_the_order_of_trec(collection):
    run = {"a": {"fish": 1.0, "milk": 1.0}}
    assert audit(run, QUERIES, {"a": {"fish": 1}}, collection, k=1).queries[0].rank == 2
    assert audit(run, QUERIES, {"a": {"milk": 1}}, collection, k=1).queries[0].rank == 1


def test_a_run_and_files_say_the_same_as_mappings(collection, run, result, tmp_path):
    searched = ce.run_of(collection, QUERIES, 4)
    (tmp_path / "queries.tsv").write_text("".join(f"{i}\t{q}\n" for i, q in QUERIES.items()))
    lines = [f"{q} 0 {d} {grade}\n" for q, found in QRELS.items() for d, grade in found.items()]
    (tmp_path / "judged.qrels").write_text("".join(lines))
    for given in (
        (searched, QUERIES, QRELS),
        (run, tmp_path / "queries.tsv", str(tmp_path / "judged.qrels")),
    ):
        found = audit(*given, collection, k=1)
        pd.testing.assert_frame_equal(found.to_frame(), result.to_frame())


def test_a_run_without_the_query_or_with_unknown_documents_is_compared_by_exact_maxsim(collection):
    for found in ({}, {"a": {}}, {"a": {"elsewhere": 3.0}}):
        [query] = audit(found, QUERIES, {"a": {"milk": 1}}, collection, k=1).queries
        assert (query.winner, query.exact_rank) == ("fish", 2), found


def test_a_calibration_decides_which_words_are_unmatched(run, collection, toy_encoder):
    provenance = toy_encoder.embed_query("cats").provenance

    def cause_with(quantiles):
        calibration = ce.Calibration(np.array([1.0, 9.0]), np.array([quantiles] * 2), provenance)
        lost = audit(
            run, QUERIES, {"a": {"milk": 1}}, collection, k=1, calibration=calibration
        ).lost
        return lost[0].causes

    assert "unmatched query word" not in cause_with([-1.0, -0.9])
    assert "unmatched query word" in cause_with([0.99, 1.0])


def test_progress_is_told_in_queries(run, collection):
    seen = []
    audit(run, QUERIES, QRELS, collection, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 5) for done in range(6)]


def test_wrong_arguments_get_a_sentence(run, collection, toy_encoder):
    good = {"queries": QUERIES, "qrels": QRELS, "collection": collection}
    other = ce.Calibration(
        np.array([1.0, 9.0]), np.array([[0.0, 1.0]] * 2), ce.Provenance("another")
    )

    def refused(case):
        given, changed, words = case
        with pytest.raises(ValueError, match=words):
            audit(given, **{**good, **changed})

    check_each(
        [
            (run, {"k": 0}, "k must be at least 1, got 0"),
            (run, {"candidates": 0}, "candidates must be at least 1"),
            (run, {"first_stage": "bm42"}, "first_stage must be one of bm25, pooled"),
            (run, {"collection": "folder"}, "collection must be a Collection"),
            (run, {"encoder": toy_encoder}, "encoder must be left out for an audit of a run"),
            (run, {"workers": 2}, "workers must be left out for an audit of a run"),
            (run, {"calibration": other}, "calibration must be that of the collection's model"),
            (run, {"qrels": {}}, "qrels must name a relevant document"),
            (run, {"qrels": {"e": {"fish": 1}}}, "it has no text in queries"),
            (run, {"qrels": {"a": ["fish"]}}, r"qrels\['a'\] must be a mapping"),
            (["a"], {}, "run must be a Run, or a mapping from query ids"),
        ],
        refused,
    )


def test_a_notebook_shows_the_lost_queries_with_their_causes(result):
    shown = result._repr_mimebundle_()
    for form in ("text/html", "text/plain"):
        for words in (
            "what do cats eat",
            "fish outscores milk",
            "judged document missing",
            "1 of 3",
        ):
            assert words in shown[form], (form, words)
    assert "Left out 2 queries: d (no document is relevant" in shown["text/plain"]


def test_a_notebook_shows_single_queries_too(result):
    lost = result.lost._repr_mimebundle_()["text/plain"]
    assert "2 audited queries" in lost
    assert result.lost[0].cause in lost
    found, missing = (result.queries[i]._repr_mimebundle_()["text/plain"] for i in (1, 2))
    assert "found" in found
    assert "none" in missing
