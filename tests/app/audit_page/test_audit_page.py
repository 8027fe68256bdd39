import json
import re

import pytest

import colbert_explain as ce
from colbert_explain.operator_settings import OperatorSettings
from tests.app.audit_page.conftest import DOCUMENTS, JUDGED, QUERIES
from tests.conftest import ToyEncoder

SETTINGS = OperatorSettings()


@pytest.fixture
def page(collection):
    return settled(ce.AuditPage(collection, queries=QUERIES, qrels=JUDGED, k=1, settings=SETTINGS))


def settled(page):
    for _ in range(4):  # what one piece of work starts, and what that starts
        page.wait(120.0)
    return page


def send(page, event, *buffers, **fields):
    """Do what a reader does in the page, and wait for what comes of it."""
    content = json.loads(json.dumps({"event": event, **fields}))  # as a page sends it
    page.page._receive(None, content, list(buffers))
    settled(page)


def ask(page, searched="exact", k=1, second=None):
    send(page, "audit", searched=searched, k=k, second=second)


def drop(page, files):
    send(page, "dropped", *files.values(), names=list(files), first=True, last=True)


def test_it_opens_with_the_sample_its_measures_and_its_causes(toy_encoder):
    page = settled(ce.AuditPage(encoder=toy_encoder, settings=SETTINGS))
    shown = page.page.audit
    assert len(shown["rows"]) == 40
    assert shown["k"] == 1
    assert [one["name"] for one in shown["measures"]] == ["nDCG@10", "RR@10", "R@100"]
    assert sum(one["count"] for one in shown["causes"]) == shown["n_lost"] > 0
    assert page.page.chosen["id"] == shown["rows"][0]["id"]
    assert page.page.auditing["problem"] == page.page.problem == ""


def test_what_it_shows_is_what_the_library_finds(page, collection):
    run = ce.run_of(collection, QUERIES)
    audit = ce.audit(run, QUERIES, JUDGED, collection, k=1)
    evaluation = ce.evaluate(run, QUERIES, JUDGED, "nDCG@10 RR@10 R@100")
    shown = page.page.audit
    assert shown["found"].startswith("1 of 3 queries is found at rank 1; 3 within")
    assert [row["id"] for row in shown["rows"]][2] == "cat"
    assert {row["id"]: row["cause"] for row in shown["rows"]} == {
        each.query_id: each.cause for each in audit
    }
    assert {row["id"]: row["rank"] for row in shown["rows"]} == {
        each.query_id: each.rank for each in audit
    }
    frame = evaluation.to_frame()
    assert [one["mean"] for one in shown["measures"]] == frame["mean"].tolist()
    assert [one["error"] for one in shown["measures"]] == frame["standard_error"].tolist()
    assert {one["name"]: one["count"] for one in shown["causes"]} == audit.counts.to_dict()
    assert page.audit.counts.to_dict() == audit.counts.to_dict()
    traits = ("audit", "chosen", "changes", "result", "judged", "asked", "comparison")
    json.dumps([getattr(page.page, name) for name in traits], allow_nan=False)


def test_a_query_is_shown_with_winner_right_document_and_what_would_change_it(page):
    send(page, "choose_query", id="gold")
    chosen, result = page.page.chosen, page.page.result
    names = [one["name"] for one in chosen["documents"]]
    assert (names[chosen["winner"]], names[chosen["right"]]) == ("Snow", "Leaves")
    assert result["query"] == "golden leaves in winter"
    assert result["name"] == "Snow"
    assert "“Snow” outscores “Leaves” by" in result["contrast"]["sentence"]
    assert chosen[
        "facts"
    ] == "The right document “Leaves” is at rank 2 of 5 documents; nobody has judged" + (
        " the winner, which may also be right."
    )
    kinds = {one["name"]: (one["is_right"], one["is_winner"]) for one in chosen["documents"]}
    assert (kinds["Snow"], kinds["Leaves"]) == ((False, True), (True, False))
    assert kinds["Stones"] == (False, False)
    rows = page.page.changes["rows"]
    assert [row["text"] for row in rows] == ["winner", "right", "query"]
    assert "would be first" in rows[1]["sentence"]
    assert (rows[1]["rank_before"], rows[1]["rank"], rows[1]["is_found"]) == (2, 1, True)


def test_other_documents_can_be_compared(page):
    send(page, "choose_query", id="gold")
    chosen = page.page.chosen
    winner, right = chosen["winner"], chosen["right"]
    send(page, "sides", winner=winner, right=right, shown="right")
    assert page.page.result["name"] == "Leaves"
    assert "“Snow” outscores “Leaves”" in page.page.result["contrast"]["sentence"]
    names = [one["name"] for one in chosen["documents"]]
    send(page, "sides", winner=names.index("Stones"), right=right, shown="right")
    assert "“Leaves” outscores “Stones”" in page.page.result["contrast"]["sentence"]
    assert page.page.changes["note"].startswith(
        "By exact MaxSim, the right document is already above"
    )
    before = page.page.chosen
    for wrong in ({"winner": 99, "right": right}, {"winner": right, "right": right}):
        send(page, "sides", **wrong, shown="winner")
        assert page.page.chosen is before


def test_a_query_is_reworded(page):
    send(page, "choose_query", id="gold")
    send(page, "reword", query="yellow leaves")
    said = page.page.changes["reworded"]
    assert said["sentence"] == "“yellow leaves” puts the right document first."
    assert (said["rank_before"], said["rank"], said["is_found"]) == (2, 1, True)
    assert not page.page.changes["asking"]
    send(page, "reword", query=" ")
    assert page.page.changes["problem"] == "Type a query."
    send(page, "choose_query", id="bark")
    assert page.page.changes["reworded"] is None


def test_how_deep_a_document_may_be_decides_what_is_lost(page):
    found = page._found
    ask(page, k=10)
    shown = page.page.audit
    assert shown["n_lost"] == 0
    assert shown["found"] == "3 of 3 queries are found within the first 10, 1 of them first."
    assert shown["causes"] == []
    assert page._found is found  # it is not searched again
    # Found queries are contrasted with the best document that is not relevant.
    send(page, "choose_query", id="cat")
    chosen = page.page.chosen
    names = [one["name"] for one in chosen["documents"]]
    assert chosen["is_found"]
    assert names[chosen["right"]] == "Cats"
    assert names[chosen["winner"]] != "Cats"
    assert "“Cats” outscores" in page.page.result["contrast"]["sentence"]


def test_a_change_counts_as_found_within_the_depth_only(page):
    send(page, "choose_query", id="gold")
    send(page, "reword", query="stones in snow")
    worse = page.page.changes["reworded"]
    assert worse["rank"] > worse["rank_before"] == 2
    assert not worse["is_found"]
    before = page.page.changes["rows"][0]["rank"]
    assert before > 1
    assert not page.page.changes["rows"][0]["is_found"]
    ask(page, k=3)  # the query on show is found now, and so is its document after the change
    assert page.page.chosen["id"] == "gold"
    assert (page.page.chosen["k"], page.page.chosen["is_found"]) == (3, True)
    assert page.page.changes["rows"][0]["rank"] == before <= 3
    assert page.page.changes["rows"][0]["is_found"]


def test_ranks_are_called_after_what_they_come_from(page, tmp_path):
    ask(page, searched="bm25")
    send(page, "choose_query", id="gold")
    assert " of the results of the search, " in page.page.chosen["facts"]
    assert re.search(
        r"exact MaxSim (also )?puts it at rank \d of 5 documents", page.page.chosen["facts"]
    )
    drop(page, {"mine.run": b"gold Q0 snow 1 1.0 mine\n"})
    send(page, "use_files", uses=["run"])
    send(page, "choose_query", id="gold")
    assert page.page.chosen["facts"].startswith(
        "The right document “Leaves” is not in the run “mine”, but exact MaxSim puts it at rank 2 "
        "of 5 documents"
    )


def test_a_winner_of_a_run_that_scores_less_is_not_said_to_lead(page):
    drop(page, {"mine.run": b"gold Q0 stones 1 2.0 mine\ngold Q0 leaves 2 1.0 mine\n"})
    send(page, "use_files", uses=["run"])
    send(page, "choose_query", id="gold")
    chosen = page.page.chosen
    winner, right = (chosen["documents"][chosen[side]]["score"] for side in ("winner", "right"))
    assert winner < right
    assert chosen["cause"] == "other"
    assert "lead" not in chosen["said"]
    assert "the right document is above the winner" in chosen["said"]


def test_two_searches_are_compared_query_by_query(page, collection):
    ask(page, second="bm25_alone")
    shown = page.page.comparison
    words = ce.run_of(collection, QUERIES, first_stage="bm25", rescore=False)
    exact = ce.evaluate(ce.run_of(collection, QUERIES), QUERIES, JUDGED, "nDCG@10 RR@10 R@100")
    summary = exact.compare(ce.evaluate(words, QUERIES, JUDGED, "nDCG@10 RR@10 R@100")).summary
    assert [row["difference"] for row in shown["measures"]] == summary["difference"].tolist()
    assert [row["standard_error"] for row in shown["measures"]] == (
        summary["standard_error"].tolist()
    )
    assert sum(one["count"] for one in shown["lists"]) == 3
    assert page.comparison is not None
    ask(page)
    assert page.page.comparison == {}


def test_a_given_run_is_audited_and_compared_with_another(page, collection, tmp_path):
    first, second = tmp_path / "first.run", tmp_path / "second.run"
    ce.Run({"cat": {"dogs": 2.0, "cats": 1.0}, "bark": {"cats": 1.0}}, "mine").write(first)
    ce.run_of(collection, QUERIES, name="exact").write(second)
    drop(page, {"first.run": first.read_bytes(), "second.run": second.read_bytes()})
    assert [(one["name"], one["use"]) for one in page.page.judged["files"]] == [
        ("first.run", "run"),
        ("second.run", "second"),
    ]
    send(page, "use_files", uses=["run", "second"])
    assert page.page.asked["searched"] == page.page.asked["second"] == "given"
    rows = {row["id"]: row for row in page.page.audit["rows"]}
    assert {id_: row["rank"] for id_, row in rows.items()} == {"cat": 2, "gold": None, "bark": None}
    assert rows["cat"]["cause"] == "placed below its score"
    assert (page.page.comparison["first"], page.page.comparison["second"]) == ("mine", "exact")
    won, lost, equal = page.page.comparison["lists"]
    assert (won["count"], lost["count"], equal["count"]) == (0, 3, 0)
    why = {row["id"]: row["why"] for row in lost["rows"]}
    assert why["cat"].startswith(
        "mine places “Dogs” first, exact “Cats”. By MaxSim, “Cats” outscores"
    )
    assert why["gold"] == "mine finds nothing."
    send(page, "leave_out", role="run")
    assert page.page.asked["searched"] == "exact"
    assert [one["role"] for one in page.page.judged["given"]] == ["queries", "judged", "second"]


def test_dropped_documents_queries_and_judgments_are_audited(toy_encoder):
    page = settled(ce.AuditPage(encoder=toy_encoder, settings=SETTINGS))
    lines = "".join(json.dumps({"_id": d["id"], **d}) + "\n" for d in DOCUMENTS)
    files = {
        "mine/corpus.jsonl": lines.encode(),
        "mine/queries.tsv": "".join(f"{id_}\t{text}\n" for id_, text in QUERIES.items()).encode(),
        "mine/qrels.txt": "".join(
            f"{id_} 0 {name} {grade}\n"
            for id_, grades in JUDGED.items()
            for name, grade in grades.items()
        ).encode(),
        "mine/readme.bin": b"\0\1",
        "mine/README.md": b"About this collection.",
    }
    drop(page, files)
    waiting = page.page.judged["files"]
    assert {one["name"]: one["use"] for one in waiting} == {
        "mine/corpus.jsonl": "documents",
        "mine/queries.tsv": "queries",
        "mine/qrels.txt": "judged",
        "mine/readme.bin": "nothing",
        "mine/README.md": "nothing",
    }
    assert len(page.page.audit["rows"]) == 40  # the page is usable until they are used
    send(page, "use_files", uses=[one["use"] for one in waiting])
    assert page.page.collection["offer"]["label"] == "corpus.jsonl"
    # Without them, the page says what is wrong instead of showing nothing.
    assert page.page.audit == {}
    send(page, "refuse_index")
    assert "None of the documents judged relevant is in the" in page.page.auditing["problem"]
    drop(page, files)
    send(page, "use_files", uses=[one["use"] for one in page.page.judged["files"]])
    send(page, "index")
    assert page.page.collection["open"]["documents"] == 5
    assert page.page.auditing["problem"] == ""
    assert len(page.page.audit["rows"]) == 3
    assert page.page.audit["k"] == 10
    # Back to the sample, with its own judgments.
    send(page, "open_collection", key="sample")
    assert (len(page.page.audit["rows"]), page.page.audit["k"]) == (40, 1)


def test_another_depth_asks_the_collection_nothing_again(page):
    ask(page, k=1)
    before, lost = page._found, page.page.audit["n_lost"]
    ask(page, k=3)
    assert page._found is before
    assert (page.page.audit["k"], page.page.audit["n_lost"] < lost) == (3, True)
    ask(page, searched="bm25", k=3)
    assert page._found is not before


def test_several_dropped_documents_are_opened_together(page):
    notes = {"one.txt": b"Cats eat fish.", "two.md": b"Dogs bark."}
    drop(page, notes)
    assert [(one["name"], one["use"]) for one in page.page.judged["files"]] == [
        ("one.txt and 1 more", "documents")
    ]
    send(page, "use_files", uses=["documents"])
    send(page, "index")
    assert page.page.collection["open"]["documents"] == 2
    assert page.page.auditing["problem"].startswith("None of the documents judged relevant is in")


def test_files_that_cannot_be_used_are_said(page):
    drop(page, {"a.run": b"", "b.run": b"q Q0 d 1 x name\n"})
    assert [one["use"] for one in page.page.judged["files"]] == ["nothing", "nothing"]
    before = page.page.audit
    send(page, "use_files", uses=["run", "nothing"])
    assert page.page.judged["problem"].startswith("The file a.run can't be used in this way: a.run")
    send(page, "use_files", uses=["run", "run"])
    assert page.page.judged["problem"].startswith("Choose one file for each use")
    send(page, "use_files", uses=["run"])  # of other files
    send(page, "refuse_files")
    assert page.page.judged["files"] == []
    assert page.page.audit is before


def test_judgments_of_another_collection_are_refused_and_the_page_lives_on(page):
    drop(page, {"qrels.txt": b"cat 0 D1 1\ngold 0 D2 1\n"})
    send(page, "use_files", uses=["judged"])
    said = page.page.auditing["problem"]
    lacking = "None of the documents judged relevant is in the collection (looked for: “D1”, “D2”)"
    assert said.startswith(lacking)
    assert page.page.audit == page.page.result == {}
    drop(page, {"qrels.txt": b"cat 0 cats 1\n"})
    send(page, "use_files", uses=["judged"])
    assert page.page.auditing["problem"] == ""
    assert len(page.page.audit["rows"]) == 1
    assert page.page.audit["measures"][0]["error"] is None  # of a single query


def test_a_collection_without_judgments_says_what_is_missing(collection):
    page = settled(ce.AuditPage(collection, settings=SETTINGS))
    assert page.page.audit == {}
    assert "give queries and judgments for this collection" in page.page.judged["missing"]


def test_queries_whose_right_documents_are_missing_are_shown(collection):
    judged = {**JUDGED, "gold": {"nowhere": 1}}
    page = settled(ce.AuditPage(collection, queries=QUERIES, qrels=judged, k=1, settings=SETTINGS))
    send(page, "choose_query", id="gold")
    chosen = page.page.chosen
    assert chosen["cause"] == "judged document missing"
    assert chosen["right"] is None
    assert chosen["facts"] == "No right document of this query is in the collection."
    assert not page.page.changes["has_pair"]
    assert page.page.result["name"] == "Snow"


def test_only_what_the_operator_allows_is_read(page, tmp_path):
    (tmp_path / "qrels.txt").write_text("cat 0 cats 1\n")
    send(page, "name_files", name=str(tmp_path / "qrels.txt"))
    assert "may not be opened here" in page.page.judged["problem"]
    page.settings = OperatorSettings(collections=(str(tmp_path),))
    send(page, "name_files", name=str(tmp_path / "qrels.txt"))
    assert [one["use"] for one in page.page.judged["files"]] == ["judged"]
    send(page, "use_files", uses=["judged"])
    assert len(page.page.audit["rows"]) == 1
    send(page, "name_files", name=str(tmp_path / "gone"))
    assert page.page.judged["problem"].startswith("There is no file or folder")


def test_a_collection_of_another_encoder_is_refused_by_name(collection):
    class Other(ToyEncoder):
        provenance = ce.Provenance("other", kind="another", dim=32)

    page = settled(
        ce.AuditPage(collection, Other(), queries=QUERIES, qrels=JUDGED, settings=SETTINGS)
    )
    assert page.page.collection["problem"].startswith("This collection was made with toy")
    assert page.audit is None


def test_an_audit_is_cancelled_and_begun_again(collection):
    class Slow(ToyEncoder):
        def embed_query(self, text, *, progress=None):
            asked.append(text)
            if len(asked) == 2:
                page.page._receive(None, {"event": "cancel"}, [])
            return super().embed_query(text)

    asked = []
    page = ce.AuditPage(collection, Slow(), settings=SETTINGS)
    settled(page)
    page._judged = page._judged.over(
        ce.AuditPage(collection, queries=QUERIES, qrels=JUDGED, settings=SETTINGS)._judged
    )
    ask(page)
    assert len(asked) == 2
    assert page.page.auditing["status"] == "Cancelled."
    assert page.page.audit == {}
    ask(page)
    assert page.page.audit["has_causes"]


def test_a_run_of_many_documents_is_paged_and_audited_for_its_lost_queries(toy_encoder):
    many = [{"id": f"d{i}", "text": f"word{i} other"} for i in range(1000)]
    collection = ce.Collection.build(many, toy_encoder)
    queries = {f"q{i}": f"word{i}" for i in range(200)}
    judged = {f"q{i}": {f"d{i}": 1} for i in range(200)}
    found = [f"d{i}" for i in range(1000)]
    run = ce.Run.from_ranked(
        {id_: [(d, 1000.0 - k) for k, d in enumerate(found)] for id_ in queries}, name="long"
    )
    page = settled(
        ce.AuditPage(collection, queries=queries, qrels=judged, run=run, settings=SETTINGS)
    )
    assert len(page.page.audit["rows"]) == 200
    assert page.page.audit["n_lost"] == 190
    assert sum(one["count"] for one in page.page.audit["causes"]) == 190
    assert len(page.page.chosen["documents"]) <= 22


@pytest.mark.parametrize(
    ("kind", "begins", "holds"),
    [
        ("audit_csv", b"query_id,query,", b"golden leaves"),
        ("audit_json", b"{", b'"causes"'),
        ("audit_run", b"cat Q0 cats 1 ", b" maxsim"),
        ("audit_page", b"<!DOCTYPE html>", b"golden leaves"),
        ("comparison_csv", b"query_id,nDCG@10", b"gold"),
    ],
)
def test_the_audit_is_saved(page, kind, begins, holds):
    ask(page, second="pooled_alone")
    sent = []
    page.page.send = lambda message, buffers: sent.append((message, buffers))
    send(page, "save_audit", kind=kind)
    [(message, [content])] = sent
    assert message["name"].startswith("maxsim")
    assert bytes(content).lstrip(b"\xef\xbb\xbf").startswith(begins)
    assert holds in bytes(content)


def test_without_a_comparison_none_is_saved(page):
    send(page, "save_audit", kind="comparison_csv")
    assert page.page.problem.startswith("No second run is compared")


def test_it_shows_itself_in_a_saved_notebook(page):
    assert "1 of 3 judged queries is found at rank 1" in page.saved_text()
    assert "<table" in page.saved_html()


def test_wrong_arguments_are_refused():
    for given, said in (
        ({"k": 7}, "k must be one of 1, 3, 5"),
        ({"run": 5}, "run must be a Run"),
        ({"queries": 5}, "queries must be a mapping"),
        ({"qrels": "no such file"}, "qrels must name a file"),
    ):
        with pytest.raises(ValueError, match=said):
            ce.AuditPage(**given, settings=SETTINGS)
