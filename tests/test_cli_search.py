import csv
import io
import json

import pandas as pd
import pytest

import colbert_explain as ce

PETS = [
    {"_id": "cats", "text": "Cats eat fish and mice.", "metadata": {"year": 2020}},
    {"_id": "dogs", "text": "Dogs chase balls in the park.", "metadata": {"year": 2021}},
    {"_id": "elephants", "text": "Elephants eat leaves.", "metadata": {"year": 2022}},
    {"_id": "rain", "text": "Rain falls in Spain.", "metadata": {"year": 2023}},
    {"_id": "empty", "text": "", "metadata": {}},
    {"_id": "horses", "text": "A horse sleeps standing up.", "metadata": {"year": 2024}},
]
QUERIES = [
    {"_id": "q1", "text": "what do cats eat"},
    {"_id": "q2", "text": "food of a big grey animal"},
]


@pytest.fixture(scope="module")
def beir(tmp_path_factory):
    """A BEIR folder; the right document of the second query shares no word with it."""
    folder = tmp_path_factory.mktemp("beir")
    for name, entries in (("corpus", PETS), ("queries", QUERIES)):
        lines = "".join(json.dumps(entry) + "\n" for entry in entries)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tcats\t1\nq2\train\t1\n", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def collection(beir, encoder):
    path = beir.parent / "collection"
    ce.Collection.build(beir, encoder, path)
    return path


def test_index_says_what_was_left_out_and_where_the_documents_are(run, beir, tmp_path):
    status, out, err = run("index", beir, tmp_path / "new", "--compression", "map+int8")
    assert (status, out) == (0, f"5 documents in {tmp_path / 'new'}\n")
    assert "Left out 1 of 6 documents: empty (document must contain text, got nothing)." in err
    with ce.open_collection(tmp_path / "new") as opened:
        assert [document.id for document in opened][:2] == ["cats", "dogs"]
        assert not opened.engine.is_exact


def test_index_writes_what_was_left_out(run, beir, tmp_path):
    files = tmp_path / "made.json", tmp_path / "left_out.csv"
    options = ("--json", files[0], "--csv", files[1])
    assert run("index", beir, tmp_path / "new", *options)[0] == 0
    found = json.loads(files[0].read_text(encoding="utf-8"))
    assert (found["documents"], found["where"]) == (5, str(tmp_path / "new"))
    rows = list(csv.DictReader(io.StringIO(files[1].read_text(encoding="utf-8"))))
    for [one] in (found["left_out"], rows):
        assert (str(one["position"]), one["name"]) == ("4", "empty")
        assert one["reason"] == "document must contain text, got nothing"


def test_rebuild_encodes_with_another_setting(run, beir, tmp_path):
    path = tmp_path / "collection"
    assert run("index", beir, path)[0] == 0
    status, out, _ = run("rebuild", path, "--document-length", "5")
    assert (status, out) == (0, f"5 documents in {path}\n")
    with ce.open_collection(path, ce.load_encoder(document_length=5)) as opened:
        assert len(opened.embeddings("cats").embeddings.tokens) == 5


def test_a_document_that_a_rebuild_leaves_out_is_named(run, toy_encoder, tmp_path):
    path = tmp_path / "collection"
    ce.Collection.build({"cats": "Cats eat.", "cat": "猫"}, toy_encoder, path).close()
    status, out, err = run("rebuild", path)
    assert (status, out) == (0, f"1 document in {path}\n")
    assert err.startswith("Left out 1 of 2 documents: cat (document must hold a word that")


def test_search_prints_each_hit_and_writes_json_csv_and_a_page(run, collection, tmp_path):
    files = {kind: tmp_path / f"hits.{kind}" for kind in ("json", "csv", "html")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", path)]
    status, out, _ = run("search", collection, "what do cats eat", "-k", 3, *options)
    assert status == 0
    assert out.startswith("3 hits for “what do cats eat”\nAll 5 documents are scored.\n")
    found = json.loads(files["json"].read_text(encoding="utf-8"))["results"]
    assert [one["rank"] for one in found] == [1, 2, 3]
    assert found[0]["document"]["id"] == "cats"
    for one in found:
        added = sum(word["adds"] for word in one["words"])
        assert one["relevance_score"] == pytest.approx(added, abs=1e-5)
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8"))))
    assert [row["document"] for row in rows] == [one["document"]["id"] for one in found]
    assert "Why the first outranks the second" in files["html"].read_text(encoding="utf-8")


def test_two_hits_are_contrasted_by_their_places(run, collection):
    status, out, _ = run("search", collection, "what do cats eat", "--contrast", "1,3")
    assert status == 0
    assert "cats outscores " in out.split("\n\n")[1]
    assert "match in cats" in out.split("\n\n")[1]
    for wrong in ("7", "1,1", "1,99", "0,1", "a,b"):
        status, _, err = run("search", collection, "cats", "--contrast", wrong)
        assert (status, err.count("\n")) == (2, 1), wrong
        assert err.startswith("Error: --contrast must be two"), err


def test_an_audit_prints_what_decides_of_each_lost_query(run, beir, collection):
    status, out, _ = run("audit", collection, "--qrels", beir, "-k", 1)
    assert status == 0
    assert "q2: Lost, " in out
    assert "outscores rain" in out.split("q2: Lost, ")[1]
    status, out, _ = run("audit", collection, "--qrels", beir, "-k", 5)
    assert (status, out.startswith("No query is lost: 2 of 2 judged queries")) == (0, True)


def test_where_takes_a_value_several_values_and_a_range(run, collection, tmp_path):
    saved = tmp_path / "hits.json"
    for conditions, expected in (
        (["year=2021"], {"dogs"}),
        (["year=2020", "year=2023"], {"cats", "rain"}),
        (["year=2021..2022"], {"dogs", "elephants"}),
        (["year=2023.."], {"rain", "horses"}),
        (["year=..2020"], {"cats"}),
    ):
        options = [part for condition in conditions for part in ("--where", condition)]
        status, _, err = run("search", collection, "animals", *options, "--json", saved)
        found = json.loads(saved.read_text(encoding="utf-8"))["results"]
        assert (status, {one["document"]["id"] for one in found}) == (0, expected), (
            conditions,
            err,
        )


def test_evaluate_measures_a_collection_and_writes_its_run(run, collection, beir, tmp_path):
    written, saved, table = (tmp_path / name for name in ("exact.run", "e.json", "e.csv"))
    status, out, _ = run(
        *("evaluate", collection, "--qrels", beir, "--measures", "RR@10 R@1"),
        *("--write-run", written, "--json", saved, "--csv", table),
    )
    assert status == 0
    expected = ce.evaluate(ce.Run.read(written), None, beir, "RR@10 R@1")
    content = json.loads(saved.read_text(encoding="utf-8"))
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert content["means"] == pytest.approx(dict(expected.means))
    assert content["model"] == rows[0]["model"] == ce.load_encoder().provenance.sentence()
    assert f"{expected.means['RR@10']:.4f}" in out
    assert [row["query_id"] for row in rows] == ["q1", "q2"]
    assert "against" not in content


def test_evaluate_compares_two_runs(run, beir, tmp_path):
    good, bad, saved = tmp_path / "good.run", tmp_path / "bad.run", tmp_path / "c.json"
    ce.Run({"q1": {"cats": 2.0}, "q2": {"rain": 1.0}}, "good").write(good)
    ce.Run({"q1": {"dogs": 2.0, "cats": 1.0}, "q2": {"rain": 1.0}}, "bad").write(bad)
    page = tmp_path / "c.html"
    status, out, _ = run(
        *("evaluate", "--run", good, "--against", bad, "--qrels", beir / "qrels" / "test.tsv"),
        *("--measures", "RR@10", "--json", saved, "--html", page),
    )
    assert status == 0
    assert "good minus bad: 2 queries" in out
    against = json.loads(saved.read_text(encoding="utf-8"))["against"]
    assert against["run"] == "bad"
    assert against["measures"]["RR@10"]["difference"] == pytest.approx(0.25)
    assert against["measures"]["RR@10"]["won"] == 1
    assert "Two runs compared" in page.read_text(encoding="utf-8")


def test_audit_names_the_cause_of_each_lost_query(run, collection, beir, tmp_path):
    saved, page = tmp_path / "a.csv", tmp_path / "a.html"
    arguments = ("audit", collection, "--qrels", beir, "-k", 1)
    status, out, _ = run(*arguments, "--csv", saved, "--html", page)
    assert status == 0
    assert out.startswith("1 of 2 judged queries is found at rank 1, 1 lost;")
    rows = list(csv.DictReader(io.StringIO(saved.read_text(encoding="utf-8"))))
    assert [(row["query_id"], row["found"]) for row in rows] == [("q1", "True"), ("q2", "False")]
    assert rows[1]["cause"] in out
    assert "Lost queries" in page.read_text(encoding="utf-8")


def test_audit_takes_a_run(run, collection, beir, tmp_path):
    mine = tmp_path / "mine.run"
    ce.Run({"q1": {"dogs": 2.0}, "q2": {"rain": 1.0}}).write(mine)
    options = ("--qrels", beir, "--run", mine, "-k", 1, "--json", tmp_path / "a.json")
    status, *_ = run("audit", collection, *options)
    assert status == 0
    rows = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert {row["query_id"]: row["cause"] for row in rows} == {
        "q1": "dropped by the first stage",
        "q2": None,
    }
    assert all(row["model"] for row in rows)


def test_audit_of_pairs_keeps_their_columns_as_they_are_written(run, tmp_path):
    pairs, saved = tmp_path / "pairs.csv", tmp_path / "audited.csv"
    pairs.write_text(
        'query,document,query_id\nwhat do cats eat,"Cats eat fish.",007\nnull,"",008\n',
        encoding="utf-8",
    )
    status, out, _ = run("audit", pairs, "--csv", saved)
    assert status == 0
    assert "do, cats, eat" in out
    rows = list(csv.DictReader(io.StringIO(saved.read_text(encoding="utf-8"))))
    assert [row["query_id"] for row in rows] == ["007", "008"]
    assert rows[1]["query"] == "null"
    assert rows[1]["error"] == "document must contain text, got nothing"
    table = pd.read_csv(pairs, dtype=str, keep_default_na=False)
    table.to_json(tmp_path / "pairs.jsonl", orient="records", lines=True)
    table.to_parquet(tmp_path / "pairs.parquet")
    for name in ("pairs.jsonl", "pairs.parquet"):
        before = saved.read_text(encoding="utf-8")
        assert run("audit", tmp_path / name, "--csv", saved)[0] == 0, name
        assert saved.read_text(encoding="utf-8") == before, name


def test_errors_are_one_sentence_and_status_2(run, collection, beir, tmp_path):
    dogs, pairs = tmp_path / "a.run", tmp_path / "pairs.csv"
    ce.Run({"q1": {"dogs": 2.0}}).write(dogs)
    pairs.write_text("query,text\na,b\n", encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text('{"query": "a", "document": "b"}\n{', encoding="utf-8")
    for name, content in (
        ("empty.csv", ""),
        ("more.csv", "query,document\na,b\nc,d,e,f\n"),
        ("no.parquet", "x"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for arguments, expected in (
        (("index", tmp_path / "none", tmp_path / "x"), "there is no file or folder"),
        (("index", beir, collection), "holds a complete collection of 5 documents"),
        (("index", beir, "http://localhost:1"), "name must say what the collection is called"),
        (("index", beir, tmp_path / "x", "--revision", "main"), "revision must be left out"),
        (("rebuild", tmp_path), "has no manifest.json"),
        (("search", tmp_path, "cats"), "has no manifest.json"),
        (("search", collection, " "), "query must contain text"),
        (("search", collection, "cats", "--where", "year"), "--where must be FIELD=VALUE"),
        (("search", collection, "cats", "--where", "year=1"), "where must be true of some"),
        (("search", collection, "cats", "--json", "-"), "--json must name a file to write"),
        (("search", collection, "cats", "--revision", "main"), "revision must be left out"),
        (("search", collection, "zebra", "--first-stage", "bm25"), "holds a word of the query"),
        (("evaluate", "--qrels", beir), "either a collection or --run must be given"),
        (("evaluate", collection, "--run", dogs, "--qrels", beir), "either a collection or --run"),
        (("evaluate", collection, "--qrels", dogs), "--queries must be given"),
        (("evaluate", "--run", dogs, "--qrels", tmp_path / "none"), "there is no"),
        (("evaluate", "--run", dogs, "--qrels", beir, "--measures", "P"), "a measure must be"),
        (
            ("evaluate", "--run", dogs, "--qrels", beir, "--first-stage", "bm25"),
            "--first-stage must be left out for a run",
        ),
        (
            ("evaluate", "--run", dogs, "--qrels", beir, "--write-run", "-"),
            "--write-run must name a file to write",
        ),
        (("audit", pairs), "pairs must hold query and document texts"),
        (("audit", tmp_path / "bad.jsonl"), "bad.jsonl, line 2: not JSON"),
        (("audit", tmp_path / "none.csv"), "there is no file or folder"),
        (("audit", tmp_path / "empty.csv"), "empty.csv cannot be read as a table: No columns"),
        (("audit", tmp_path / "more.csv"), "more.csv cannot be read as a table: Error tokenizing"),
        (("audit", tmp_path / "no.parquet"), "no.parquet cannot be read as a table: "),
        (("evaluate", collection, "--qrels", "none"), "--qrels must name a file or folder, but"),
        (
            ("search", collection, "cats", "--json", tmp_path / "no" / "a"),
            "--json must name a file in an existing folder",
        ),
        (
            ("search", collection, "cats", "--json", dogs, "--csv", dogs),
            "--csv must name a different file from --json",
        ),
        (("audit", collection), "for a collection pass --qrels too"),
        (("audit", pairs, "--html", tmp_path / "a.html"), "--html must come with --qrels"),
        (("audit", pairs, "--run", dogs), "--run must be left out for pairs"),
        (("audit", collection, "--qrels", beir, "--workers", 2), "--workers must be left out"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, ""), (arguments, status, err)
        assert err.startswith("Error: "), (arguments, err)
        assert expected in err, (arguments, err)
        assert err.count("\n") == 1, (arguments, err)
