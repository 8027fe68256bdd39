import pytest

from colbert_explain.evaluation import Run, evaluate, first_stage_recall
from colbert_explain.search import Collection
from colbert_explain.views import mimebundle

MINUS = "\N{MINUS SIGN}"
QRELS = {"q1": {"a": 1}, "q2": {"b": 1}}


@pytest.fixture
def run():
    return Run({"q1": {"a": 2.0, "b": 1.0}, "q2": {"a": 2.0, "b": 1.0}, "q3": {}}, "<mine>")


def forms(result):
    bundle = mimebundle(result)
    assert set(bundle) == {"text/html", "text/plain"}
    assert "<mine>" not in bundle["text/html"]
    return bundle["text/html"], bundle["text/plain"]


def test_a_run_shows_what_it_found_first(run):
    html, text = forms(run)
    assert "&lt;mine&gt;: 3 queries" in html
    assert text.splitlines()[0] == "<mine>: 3 queries"
    assert [line.split() for line in text.splitlines()[3:]] == [
        ["q1", "2", "a", "2.0000"],
        ["q2", "2", "a", "2.0000"],
        ["q3", "0", "nothing", "found", "\N{EN DASH}"],
    ]


def test_an_evaluation_shows_its_measures_and_notes(run):
    html, text = forms(evaluate(run, None, QRELS, "RR@10 R@1"))
    lines = text.splitlines()
    assert lines[0] == "<mine>: 2 queries"
    assert "1 of the run's queries has no judgment and is not evaluated: q3." in lines
    assert [line.split() for line in lines[-2:]] == [
        ["RR@10", "0.7500", "0.2500"],
        ["R@1", "0.5000", "0.5000"],
    ]
    assert "0.7500" in html


def test_a_comparison_shows_differences_and_how_sure_they_are(run):
    first = evaluate(run, None, QRELS, "RR@10")
    second = evaluate(Run({"q1": {"a": 1.0}, "q2": {"b": 1.0}}, "other"), None, QRELS, "RR@10")
    html, text = forms(first.compare(second))
    assert text.splitlines()[0] == "<mine> minus other: 2 queries"
    row = text.splitlines()[-1]
    for shown in ("0.7500", "1.0000", f"{MINUS}0.2500", f"{MINUS}0.7400 to +0.2400"):
        assert shown in row
        assert shown in html
    assert row.split()[-3:] == ["0", "1", "1"]
    assert "<strong><bdi>1.0000</bdi></strong>" in html


def test_a_first_stages_recall_shows_what_it_dropped(toy_encoder):
    collection = Collection.build({"a": "cats eat fish", "b": "dogs bark"}, toy_encoder)
    found = first_stage_recall(collection, {"q": "fish <mine>"}, 2)
    _, text = forms(found)
    assert text.splitlines()[0] == "First stage bm25 keeps 50.0% of the best 2 documents"
    assert [line.split() for line in text.splitlines()[-2:]] == [
        ["q", "2", "1", "50%", "b", "fish", "<mine>"],
        ["all", "2", "1", "50%"],
    ]
