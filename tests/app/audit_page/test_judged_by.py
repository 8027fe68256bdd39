import pytest

import colbert_explain as ce
from colbert_explain.app.audit_page.given_files import GivenFile
from colbert_explain.app.audit_page.judged_by import JudgedBy, check_fit, judgments_beside
from colbert_explain.app.collections.sources import Source, sample_source
from tests.app.audit_page.conftest import JUDGED, QUERIES


def test_the_judgments_of_the_sample_lie_beside_it():
    beside = judgments_beside(sample_source())
    assert beside.is_complete
    assert beside.comes_with_collection
    assert [one["said"] for one in beside.facts()] == ["40 queries", "50 judgments"]


def test_a_folder_without_judgments_has_none_beside_it(tmp_path):
    source = Source("a", "a", "", "documents", str(tmp_path))
    assert not judgments_beside(source).is_complete
    (tmp_path / "qrels").mkdir()
    assert not judgments_beside(source).is_complete


def test_it_says_what_is_missing():
    assert "queries and judgments" in JudgedBy().missing()
    assert "give judgments for" in JudgedBy(QUERIES).missing()
    assert JudgedBy(QUERIES, JUDGED).missing() == ""


def test_what_is_given_stands_over_what_lies_beside(tmp_path):
    beside = judgments_beside(sample_source())
    run = ce.Run({"cat": {"cats": 1.0}}, name="mine")
    both = JudgedBy(run=run, names={"run": "mine.run"}).over(beside)
    assert both.is_complete
    assert both.run is run
    assert both.comes_with_collection
    own = JudgedBy(QUERIES, JUDGED).over(beside)
    assert own.queries is QUERIES
    assert not own.comes_with_collection
    file = GivenFile(tmp_path, "q.tsv", "queries", {"a": "b"})
    assert beside.with_file(file, "queries").facts()[0]["name"] == "q.tsv"
    assert both.without("run").run is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (JudgedBy({"x": "cats"}, JUDGED), "the queries and the judgments have no query id in"),
        (
            JudgedBy(QUERIES, {"cat": {"cats": 0}}),
            "no judgment for these queries has a grade",
        ),
        (
            JudgedBy(QUERIES, {"cat": {"D1": 1, "D2": 1}}),
            "none of the documents judged relevant is in the collection (looked for: “D1”, "
            "“D2”); the collection has, for example, “snow”",
        ),
        (
            JudgedBy(QUERIES, JUDGED, ce.Run({"other": {"cats": 1.0}}, name="mine")),
            "the run “mine” and the judgments have no query id in common",
        ),
        (
            JudgedBy(QUERIES, JUDGED, ce.Run({"cat": {"D1": 1.0}}, name="mine")),
            "none of the documents of the run “mine” is in the collection",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused_with_what_was_seen(given, said, collection):
    with pytest.raises(ValueError, match=r".") as refused:
        check_fit(given, collection)
    assert str(refused.value).startswith(said)


def test_what_is_partly_unknown_is_told(collection):
    judged = {**JUDGED, "cat": {"cats": 1, "D1": 1}}
    run = ce.Run({"cat": {"cats": 2.0, "D2": 1.0}}, name="mine")
    assert check_fit(JudgedBy(QUERIES, judged, run), collection) == [
        "1 of 4 documents judged relevant is not in the collection: “D1”.",
        "1 of 2 documents of the run “mine” is not in the collection: “D2”.",
    ]
