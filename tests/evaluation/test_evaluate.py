import ir_measures
import numpy as np
import pandas as pd
import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.evaluation import Run, evaluate, first_stage_recall, read_qrels, run_of
from colbert_explain.search import Collection

TEXTS = {
    "fish": "cats eat fish",
    "bark": "dogs bark at night",
    "rain": "it rains in spain",
    "milk": "cats drink milk",
    "hunt": "dogs hunt cats at night",
}
QUERIES = {"q1": "what do cats eat", "q2": "night dogs", "q3": "spain"}
QRELS = {"q1": {"fish": 2, "milk": 1}, "q2": {"hunt": 1, "rain": 0}, "q3": {"bark": 1}}


@pytest.fixture
def collection(toy_encoder):
    return Collection.build(TEXTS, toy_encoder)


def test_measures_equal_those_of_ir_measures_on_the_files(tmp_path, collection):
    names = "nDCG@10 RR@10 R@100 P@2 AP RR Judged@3 Success@1 RR(rel=2)@2 NumRet NumRel Rprec"
    numbers = np.random.default_rng(7)
    documents = [f"d{number}" for number in range(30)]
    random = Run(
        {
            f"q{query}": dict(
                zip(documents, numbers.normal(size=30).round(3) + np.arange(30) / 1e5, strict=True)
            )
            for query in range(12)
        }
    )
    grades = {
        f"q{query}": {id_: int(numbers.integers(-1, 3)) for id_ in documents[::3]}
        for query in range(2, 14)
    }
    searched = run_of(collection, QUERIES, 4)
    for run, judged in ((random, grades), (searched, QRELS)):
        run.write(tmp_path / "a.run")
        lines = [
            f"{q} 0 {d} {grade}\n" for q, found in judged.items() for d, grade in found.items()
        ]
        (tmp_path / "a.qrels").write_text("".join(lines))
        qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "a.qrels")))
        ran = list(ir_measures.read_trec_run(str(tmp_path / "a.run")))
        measures = [ir_measures.parse_measure(name) for name in names.split()]
        expected = ir_measures.calc(measures, qrels, ran)
        for given in (run, Run.read(tmp_path / "a.run")):
            found = evaluate(given, None, read_qrels(tmp_path / "a.qrels"), names)
            assert list(found.means.index) == list(map(str, measures))
            for measure, value in expected.aggregated.items():
                assert found.means[str(measure)] == pytest.approx(value, abs=1e-12), measure
            for one in expected.per_query:
                mine = found.per_query.at[one.query_id, str(one.measure)]
                assert mine == pytest.approx(one.value, abs=1e-12), one


def test_a_collection_is_searched_for_the_judged_queries_only(collection):
    asked = []
    found = evaluate(
        collection,
        {**QUERIES, "extra": "milk"},
        QRELS,
        k=3,
        progress=lambda done, total: asked.append((done, total)),
    )
    assert asked[-1] == (3, 3)
    assert list(found.per_query.index) == ["q1", "q2", "q3"]
    assert list(found.per_query.columns) == ["nDCG@10", "RR@10", "R@100"]
    assert (found.per_query.dtypes == np.float64).all()
    assert found.per_query.index.name == "query_id"
    assert list(found.run.scores) == ["q1", "q2", "q3"]
    assert found.per_query.at["q1", "RR@10"] == 1
    assert found.per_query.at["q2", "RR@10"] in (1, 0.5)
    assert found.notes == ("1 of the queries has no judgment and is not evaluated: extra.",)
    first = evaluate(collection, QUERIES, QRELS, first_stage="bm25")
    assert first.run.name == "bm25+maxsim"
    assert first.per_query.at["q3", "R@100"] == 0


def test_tables_name_what_encoded_the_collection(collection):
    evaluation = evaluate(collection, QUERIES, QRELS)
    recall = first_stage_recall(collection, QUERIES)
    for frame in (evaluation.per_query, evaluation.to_frame(), recall.per_query):
        assert frame.attrs["provenance"]["model"] == "toy"


def test_queries_and_judgments_may_be_files(tmp_path, collection):
    (tmp_path / "q.tsv").write_text("".join(f"{id_}\t{text}\n" for id_, text in QUERIES.items()))
    (tmp_path / "r.txt").write_text("q1 0 fish 1\n")
    found = evaluate(collection, tmp_path / "q.tsv", str(tmp_path / "r.txt"), ["RR@10"])
    assert found.means.to_dict() == {"RR@10": 1.0}


def test_what_was_not_evaluated_is_noted(collection):
    run = Run({"q1": {"fish": 1.0, "bark": 1.0}, "q3": {}, "other": {"fish": 1.0}}, notes=("Own.",))
    queries = {"q1": "a", "q2": "b", "q3": "c", "mine": "d"}
    qrels = {"q1": {"fish": 1}, "q2": {"fish": 1}, "q3": {"fish": 0}, "theirs": {"a": 1}}
    found = evaluate(run, queries, qrels, "RR@10 P@1")
    assert found.notes == (
        "1 of the queries has no judgment and is not evaluated: mine.",
        "1 of the judged queries has no text and is not evaluated: theirs.",
        "1 of the run's queries has no judgment and is not evaluated: other.",
        "Own.",
        "Nothing was found for q2, q3: counted as 0.",
        "Documents have equal scores for q1: most measures put the id that comes later in the "
        "alphabet first, RR with a limit puts it last.",
        "No document is relevant for q3: counted as 0.",
    )
    # As the note says: "fish" comes after "bark".
    assert found.per_query["P@1"].to_dict() == {"q1": 1, "q2": 0, "q3": 0}
    assert found.per_query["RR@10"].to_dict() == {"q1": 0.5, "q2": 0, "q3": 0}
    unknown = {"q1": {f"x{number}": 1 for number in range(7)} | {"fish": 1, "y": 0}}
    [note] = evaluate(collection, {"q1": "fish"}, unknown).notes
    assert note == (
        "Relevant documents are not in the collection and cannot be found: x0, x1, x2, x3, x4, and "
        "2 more."
    )


def test_nothing_to_evaluate_is_refused(collection):
    for searched, queries, qrels, measures, message in (
        (collection, {"a": "x"}, {"b": {"fish": 1}}, "AP",
         "must have at least one query id in common, but queries has a, qrels b"),
        (collection, {}, QRELS, "AP", "in common, but queries has none, qrels q1"),
        (Run({"q": {"a": 1}}), None, {}, "AP", "at least one query id in common"),
        (Run({"q": {"a": 1}}), None, {"q": {}}, "AP", "at least one query id in common"),
        (collection, None, QRELS, "AP", "queries must be a mapping from ids to texts, or a path"),
        (collection, ["a"], QRELS, "AP", "queries must be a mapping .* got list"),
        (collection, QUERIES, [1], "AP", "qrels must be a mapping .* got list"),
        (collection, QUERIES, {"q1": ["fish"]}, "AP", r"qrels\['q1'\] must be a mapping, got list"),
        (collection, QUERIES, {"q1": {"fish": 0.5}}, "AP", r"\['fish'\] must be a whole number"),
        ("x", QUERIES, QRELS, "AP", r"searched must be a Run \(or a Collection\), got 'x'"),
        (collection, QUERIES, QRELS, " ", "measures must name at least one, such as nDCG@10"),
        (collection, QUERIES, QRELS, 5, "measures must be a list, got 5"),
        (collection, QUERIES, QRELS, [5], "a measure must be one that ir-measures knows, .* got 5"),
        (collection, QUERIES, QRELS, "foo@3", "such as nDCG@10, .* got 'foo@3'"),
        (collection, QUERIES, QRELS, "nDCG@ten", "got 'nDCG@ten'"),
        (collection, QUERIES, QRELS, "P", "got 'P': it needs a number of documents, as in P@5"),
        (collection, QUERIES, QRELS, "RR@0", "number of documents must be at least 1"),
        (collection, QUERIES, QRELS, "nDCG(foo=1)@3", r"got 'nDCG\(foo=1\)@3': unsupported params"),
        (collection, QUERIES, QRELS, "alpha_nDCG@3", "a package that is not installed"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            evaluate(searched, queries, qrels, measures)


def test_a_summary_holds_means_with_their_standard_errors():
    run = Run({"a": {"x": 1.0}, "b": {"x": 1.0}, "c": {"x": 1.0}})
    qrels = {"a": {"x": 1}, "b": {"x": 1}, "c": {"y": 1}}
    frame = evaluate(run, None, qrels, "AP P@1").to_frame()
    assert list(frame.index) == ["AP", "P@1"]
    assert frame.index.name == "measure"
    assert frame.at["AP", "mean"] == pytest.approx(2 / 3)
    assert frame.at["AP", "standard_error"] == pytest.approx(np.std([1, 1, 0], ddof=1) / 3**0.5)
    assert frame.at["AP", "n_queries"] == 3
    alone = evaluate(run, None, {"a": {"x": 1}}, "AP").to_frame()
    assert np.isnan(alone.at["AP", "standard_error"])


def test_two_evaluations_are_compared_query_by_query():
    qrels = {query: {"x": 1} for query in "abcd"}
    best = Run({query: {"x": 2.0, "y": 1.0} for query in "abcd"}, name="best")
    mixed = Run(
        {"a": {"x": 1.0}, "b": {"y": 2.0, "x": 1.0}, "c": {}, "d": {"x": 3.0}}, name="mixed"
    )
    one = evaluate(best, None, qrels, "RR@10 P@1 AP")
    other = evaluate(mixed, None, qrels, "P@1 RR@10")
    comparison = one.compare(other)
    assert comparison.names == ("best", "mixed")
    assert comparison.per_query["RR@10"].to_dict() == {"a": 0, "b": 0.5, "c": 1, "d": 0}
    summary = comparison.summary
    assert list(summary.index) == ["RR@10", "P@1"]
    row = summary.loc["RR@10"]
    error = np.std([0, 0.5, 1, 0], ddof=1) / 2
    assert row.to_dict() == pytest.approx(
        {
            "first": 1.0,
            "second": 0.625,
            "difference": 0.375,
            "standard_error": error,
            "low": 0.375 - 1.96 * error,
            "high": 0.375 + 1.96 * error,
            "won": 2,
            "lost": 0,
            "equal": 2,
        },
        abs=1e-4,
    )
    assert other.compare(one).summary.at["RR@10", "lost"] == 2
    pd.testing.assert_frame_equal(comparison.to_frame(), summary)


def test_only_queries_and_measures_of_both_are_compared():
    run = Run({"a": {"x": 1.0}, "b": {"x": 1.0}}, name="run")
    all_ = evaluate(run, None, {"a": {"x": 1}, "b": {"x": 1}}, "AP")
    some = evaluate(run, None, {"b": {"x": 1}, "c": {"x": 1}, "d": {"x": 1}}, "AP")
    comparison = all_.compare(some)
    assert list(comparison.per_query.index) == ["b"]
    assert comparison.notes == (
        "Not compared: 1 query that only run, 1 has.",
        "Not compared: 2 queries that only run, 2 has.",
    )
    assert np.isnan(comparison.summary.at["AP", "low"])
    other = evaluate(run, None, {"a": {"x": 1}}, "RR")
    with pytest.raises(
        ValueError, match="a measure in common, but the first has AP, the second RR"
    ):
        all_.compare(other)
    with pytest.raises(ValueError, match="a query in common, but the first has a, the second b"):
        evaluate(run, None, {"a": {"x": 1}}, "AP").compare(
            evaluate(run, None, {"b": {"x": 1}}, "AP")
        )
    with pytest.raises(ValueError, match="other must be an Evaluation, got Run"):
        all_.compare(run)


def test_runs_of_the_same_name_are_told_apart_by_their_models():
    queries, qrels, texts = {"q": "cats"}, {"q": {"a": 1}}, {"a": "Cats.", "b": "Rain."}
    found = []
    for encoder in (load_encoder(), load_encoder(layers=(6,))):
        with Collection.build(texts, encoder) as searched:
            found.append(evaluate(searched, queries, qrels, "RR"))
    assert found[0].compare(found[1]).names == (
        "maxsim (layers 3 + 6)",
        "maxsim (layers 6)",
    )


def test_what_a_first_stage_drops_is_named(collection):
    found = first_stage_recall(collection, QUERIES, 2, first_stage="bm25", candidates=2)
    frame = found.per_query
    assert list(frame.index) == list(QUERIES)
    assert list(frame["query"]) == list(QUERIES.values())
    assert (frame["n_best"] == 2).all()
    for query, text in QUERIES.items():
        best = list(collection.search(text, 2).names)
        kept = [id_ for id_, _ in collection.candidates(text, 2, first_stage="bm25")]
        dropped = tuple(id_ for id_ in best if id_ not in kept)
        assert frame.at[query, "dropped"] == dropped, query
        assert frame.at[query, "n_kept"] == 2 - len(dropped), query
        assert frame.at[query, "recall"] == 1 - len(dropped) / 2, query
    assert frame.at["q3", "n_kept"] == 1  # no other document has a word of it
    assert found.mean == pytest.approx(frame["recall"].mean())
    everything = first_stage_recall(collection, QUERIES, 2, first_stage="pooled", candidates=5)
    assert everything.mean == 1
    assert first_stage_recall(collection, QUERIES, 2, first_stage=None, candidates=2).mean == 1


def test_arguments_of_a_first_stages_recall_are_checked(collection):
    for arguments, message in (
        ({"queries": {}}, "queries must hold at least one query, got none"),
        ({"queries": ["a"]}, "queries must be a mapping from ids to texts, or a path, got list"),
        ({"k": 5, "candidates": 4}, "candidates must be at least k, 5, got 4"),
        ({"k": 0}, "k must be at least 1, got 0"),
        ({"first_stage": "dense"}, "first_stage must be one of bm25, pooled, got 'dense'"),
        ({"collection": "x"}, "collection must be a Collection, got 'x'"),
        ({"progress": 5}, "progress must be a function"),
    ):
        with pytest.raises(ValueError, match=message):
            first_stage_recall(**{"collection": collection, "queries": QUERIES} | arguments)
