import csv
import io
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import colbert_explain as ce
from colbert_explain import cli, load_explanation
from tests.tiny_checkpoints import make_checkpoint

RUNNER = CliRunner()


def test_explain_prints_score_matches_and_model(run):
    status, out, _ = run("explain", "cats eat", "dogs eat fish")
    assert status == 0
    assert out.startswith("MaxSim score ")
    assert "-> eat (token 2)" in out
    assert "all-MiniLM-L6-v2" in out


def test_a_file_is_read_and_the_explanation_saved(run, tmp_path):
    text, saved = tmp_path / "article.txt", tmp_path / "x.json"
    text.write_text("Dogs eat fish.", encoding="utf-8")
    status, _, _ = run("explain", "cats", str(text), "--json", str(saved))
    assert status == 0
    assert load_explanation(saved).document.text == "Dogs eat fish."


def test_rank_prints_the_order_and_why_the_first_is_first(run, tmp_path):
    text = tmp_path / "cats.txt"
    text.write_text("Cats eat fish.", encoding="utf-8")
    status, out, _ = run("rank", "what do cats eat", "Rain.", "Rain.", str(text))
    assert status == 0
    table, sentence = out.split("\n\n")
    heading, *rows = table.splitlines()
    assert heading.split() == ["rank", "document", "score", "mean_contribution", "pooled_cosine"]
    assert [row.split()[0] for row in rows] == ["1", "2", "2"]  # two are equal
    assert "cats.txt" in rows[0]
    assert "Rain. (2)" in rows[2]
    assert "outscores Rain. by" in sentence
    assert "all-MiniLM-L6-v2" in sentence


def test_rank_takes_another_checkpoint(run, tmp_path):
    folder = make_checkpoint(tmp_path / "tiny", "stanford", "wordpiece")
    arguments = ("rank", "cats eat", "Cats.", "Rain.", "--model", str(folder))
    status, out, _ = run(*arguments)
    assert status == 0
    ranking = ce.rank("cats eat", ["Cats.", "Rain."], ce.load_encoder(folder))
    for score in ranking.scores:
        assert f" {score:.3f} " in out
    assert out.rstrip().endswith(ranking.query_embeddings.provenance.sentence())


def test_what_names_a_missing_file_is_an_error_and_never_scored(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my docs").mkdir()
    for argument in [
        *("no/such/cats.txt", "cats.txt", "my docs.csv", "a b/my docs.tsv", "queries.JSONL"),
        *(
            "./cats",
            "../cats and dogs",
            "~/cats",
            "no/such/cats",
            "my docs/cats",
            "my docs/no file",
        ),
        *("paper.tex", "script.py", "photo.png", "IMG_1.JPG", "archive.tar", "data.csv.bz2"),
        *("song.mp3", "thesis.bib", "table.h5", "archive.7z", "weights.safetensors", "notes.org2"),
        *("a.b.yaml", "report-2026.final.docx", "x.bak", "book.ipynb", "my photo.png"),
        *("missing/", "missing folder/", "C:\\docs\\cats", "paper.pdf", "my paper (2).docx"),
    ]:
        for command in (("explain", "cats"), ("rank", "cats", "Cats eat.")):
            status, out, err = run(*command, argument)
            assert (status, out) == (2, ""), argument
            assert err == (
                f"Error: there is no file or folder {argument!r}. To use a text that looks like "
                "a path, pass - and pipe the text in.\n"
            ), argument


def test_texts_with_points_and_strokes_are_texts(run):
    texts = [
        "n/a",
        "<b>cats</b>",
        "120 km/h or 1/2",
        "Cats and/or dogs.",
        "v1.2",
        "See notes.txt.",
        "A.\nb.txt",
        *("example.com", "www.example.org", "a.co.uk", "ann@example.info", "3.14", "e.g.", "U.S."),
        *(
            "i.e",
            "Ph.D",
            "a.k.a.",
            "v1.2.3",
            "10.30pm",
            "1.5kg",
            "Mr.Fox",
            "...and",
            "It ended.Then",
        ),
        *("fish.", "etc.", "U.S.A", "cats...dogs!"),
    ]
    status, out, err = run("rank", "cats", *texts)
    assert (status, err) == (0, "")
    assert all(" ".join(text.split()) in out for text in texts)


def test_rank_leaves_out_what_cannot_be_read_and_says_which(run):
    status, out, err = run("rank", "cats", "Cats.", "?!", " ", "Dogs.")
    assert status == 0
    assert "?!" not in out
    assert err.startswith("Left out 2 of 4 documents: ?! (document must hold a token that is sc")
    assert "document must contain text, got blank space" in err
    status, out, err = run("rank", "cats", "?!", "...")
    assert (status, out) == (2, "")
    assert err.startswith("Error: documents must hold at least one text that can be read. Left")
    assert err.count("\n") == 1


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """A folder with the files that the page reads, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my docs.csv").write_text(
        'sep=;\nid;title;text\n1;Cats;"Cats eat fish; milk."\n2;Dogs;Dogs eat meat.\n3;Cows;\n'
    )
    (tmp_path / "wide.md").write_text("Elephants eat grass.", encoding="utf-16")
    (tmp_path / "collection.tsv").write_text('7\t"Jumbo" ate buns.\n8\tHe slept.\tJumbo\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "corpus.jsonl").write_text('{"_id": "b", "text": "Birds eat seed."}\n')
    (tmp_path / "folder" / "fish.txt").write_text("Fish eat plankton.")
    (tmp_path / "folder" / "x.png").write_bytes(b"\x89PNG")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "old.txt").write_bytes("café".encode("latin-1"))
    return tmp_path


def pipe(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_files_folders_standard_input_and_texts_are_ranked_together(run, monkeypatch, pets):
    pipe(monkeypatch, b"\xef\xbb\xbfMice eat cheese.\r\n")
    arguments = ("my docs.csv", "wide.md", "collection.tsv", "folder", "-", "Bees eat nectar.")
    written = ("--json", "r.json", "--csv", "r.csv", "--html", "r.html")
    status, out, err = run("rank", "what do cats eat", *arguments, *written)
    assert status == 0
    assert "outscores" in out
    assert (
        "my docs.csv: texts from column 3 (text), names from column 2 (title); not used: 1 (id)."
    ) in err
    assert "my docs.csv: left out: 1 row without text." in err
    assert "collection.tsv: texts from column 2, names from column 1; not used: 3." in err
    assert "Files of other types left out of folder: x.png." in err
    texts = {
        **{"Cats": "Cats eat fish; milk.", "Dogs": "Dogs eat meat.", "8": "He slept."},
        **{"wide.md": "Elephants eat grass.", "7": '"Jumbo" ate buns.'},
        **{"corpus.jsonl: b": "Birds eat seed.", "fish.txt": "Fish eat plankton."},
        **{"standard input": "Mice eat cheese.\n", "Bees eat nectar.": "Bees eat nectar."},
    }
    saved = json.loads((pets / "r.json").read_text(encoding="utf-8"))
    assert {one["document"]: one["text"] for one in saved["documents"]} == texts
    assert saved["query"] == "what do cats eat"
    assert saved["provenance"]["model"] == "all-MiniLM-L6-v2"
    assert [one["rank"] for one in saved["documents"]] == list(range(1, len(texts) + 1))
    table = list(csv.DictReader(io.StringIO((pets / "r.csv").read_text(encoding="utf-8"))))
    assert [row["document"] for row in table] == [one["document"] for one in saved["documents"]]
    assert float(table[0]["score"]) == pytest.approx(saved["documents"][0]["score"], abs=1e-5)
    page = (pets / "r.html").read_text(encoding="utf-8")
    assert "9 documents for “what do cats eat”" in page
    assert page.index(">Cats<") < page.index(">corpus.jsonl: b<")


def test_a_ranking_says_in_every_file_what_was_left_out(run, pets):
    written = ("--json", "r.json", "--html", "r.html")
    status, *_ = run("rank", "cats", "Cats.", "<b>?!</b>", "?", *written)
    assert status == 0
    (left_out,) = json.loads((pets / "r.json").read_text())["unreadable"]
    assert (left_out["position"], left_out["name"]) == (2, "?")
    page = (pets / "r.html").read_text(encoding="utf-8")
    assert "Left out 1 of 3 documents: ? (document must hold a token" in page
    assert "<b>?!" not in page


def test_explain_takes_one_document_of_a_file(run, monkeypatch, pets):
    pipe(monkeypatch, b"Mice eat cheese.")
    for arguments, text in [
        (("wide.md",), "Elephants eat grass."),
        (("my docs.csv", "--row", "2"), "Dogs eat meat."),
        (("my docs.csv", "--row", "1", "--text-column", "title"), "Cats"),
        (("folder", "--row", "2"), "Fish eat plankton."),
        (("folder/corpus.jsonl",), "Birds eat seed."),
        (("-",), "Mice eat cheese."),
    ]:
        written = ("--json", "x.json", "--csv", "x.csv")
        status, *_ = run("explain", "cats eat", *arguments, *written)
        assert status == 0, arguments
        x = load_explanation(pets / "x.json")
        assert x.document.text == text, arguments
        rows = list(csv.DictReader(io.StringIO((pets / "x.csv").read_text(encoding="utf-8"))))
        assert [row["token"] for row in rows] == [token.text for token in x.query], arguments


def test_standard_input_may_be_a_table(run, monkeypatch, pets):
    for kind, data, names in [
        ("tsv", b'1\t"Cats" eat.\n2\tDogs eat.\n', ["1", "2"]),
        ("csv", "title,text\nCats,They eat.\n".encode("utf-16"), ["Cats"]),
        ("jsonl", b'{"id": "a", "contents": "Cats eat."}\n', ["a"]),
        ("txt", b"1\tCats eat.\n2\tDogs eat.\n", ["standard input"]),
    ]:
        pipe(monkeypatch, data)
        arguments = ("rank", "cats", "-", "--input", kind, "--csv", "r.csv")
        assert run(*arguments)[0] == 0, kind
        rows = csv.DictReader(io.StringIO((pets / "r.csv").read_text(encoding="utf-8")))
        assert sorted(row["document"] for row in rows) == names, kind


def test_a_table_piped_in_as_a_text_is_said_to_be_one(run, monkeypatch):
    note = "standard input is read as one text. To read its rows, pipe it to - with --input {}.\n"
    for data, kind in [
        (b"id,text\n1,Cats eat.\n2,Dogs eat.\n", "csv"),
        (b"sep=;\nid;text\n1;Cats eat.\n", "csv"),
        ("title;text\nCats;They eat.\n".encode("utf-16"), "csv"),
        (b"1\tCats eat.\n2\tDogs eat.\n", "tsv"),
        (b'{"id": "a", "text": "Cats eat."}\n{"id": "b", "text": "Dogs eat."}\n', "jsonl"),
    ]:
        pipe(monkeypatch, data)
        status, _, err = run("rank", "cats", "-")
        assert (status, err) == (0, note.format(kind)), data
    for data in (
        b"Cats, as ever, eat.\nDogs, too, eat.\n",
        b"Cats eat\nmice, and dogs\neat meat.",
        b"{cats} eat.",
        b"What they eat:\n\n- cats: mice, fish\n- dogs: meat, bones\n",
    ):
        pipe(monkeypatch, data)
        status, _, err = run("rank", "cats", "-")
        assert (status, err) == (0, ""), data
    pipe(monkeypatch, b"id,text\n1,Cats eat.\n")
    status, _, err = run("rank", "cats", "-", "--input", "txt")
    assert (status, err) == (0, "")


def test_columns_can_be_named_and_a_wrong_one_is_refused(run, pets):
    columns = ("--text-column", "2", "--name-column", "id")
    status, out, err = run("rank", "cats", "my docs.csv", *columns)
    assert status == 0
    assert "texts from column 2 (title), names from column 1 (id); not used: 3 (text)." in err
    assert out.splitlines()[1].split()[:2] == ["1", "1"]
    for option in ("--text-column", "--name-column"):
        status, out, err = run("rank", "cats", "my docs.csv", option, "year")
        assert (status, out) == (2, "")
        assert "must be one of id, title, text, or a number from 1 to 3, got 'year'" in err


def test_what_cannot_be_opened_is_refused_in_one_sentence(run, monkeypatch, pets):
    (pets / "empty").mkdir()
    pipe(monkeypatch, b"")
    for arguments, sentence in [
        (("bad.pdf",), "Error: Can't open bad.pdf. Use .txt, .md, .csv, .tsv or .jsonl.\n"),
        (("old.txt",), "byte 4 is neither: save it as UTF-8 and open it again"),
        (("empty",), "'empty' is a folder and must hold .txt, .md, .csv, .tsv or .jsonl files"),
        (("-", "-"), "standard input can be read only once, but - is given twice"),
        (("cats", "--input", "csv"), "--input gives the format of standard input"),
        (("cats", "--csv", "-"), "--csv must name a file to write, got -"),
        (("cats", "--json", "-"), "--json must name a file to write, got -"),
        (("cats", "--html", "-"), "--html must name a file to write, got -"),
        (
            ("cats", "--text-column", "text"),
            "--text-column chooses a column of a table, but no doc",
        ),
        (
            ("wide.md", "--name-column", "1"),
            "--name-column chooses a column of a table, but no doc",
        ),
        (("cats", "--json", "no/such/r.json"), "--json must name a file in an existing folder"),
        (("cats", "--csv", "no/such/r.csv"), "--csv must name a file in an existing folder"),
        (("cats", "--html", "empty"), "--html must name a file in an existing folder"),
        (
            ("cats", "--json", "one", "--html", "./one"),
            "--html must name a different file from --json, got one",
        ),
    ]:
        status, out, err = run("rank", "cats", *arguments)
        assert (status, out) == (2, ""), arguments
        assert sentence in err, arguments
        assert err.startswith("Error: "), arguments
        assert err.count("\n") == 1, arguments
    assert not (pets / "-").exists()
    status, _, err = run("explain", "cats", "Cats.", "--csv", "-")
    assert (status, err) == (2, "Error: --csv must name a file to write, got -\n")
    status, _, err = run("explain", "cats", "my docs.csv")
    assert status == 2
    assert "holds 2 documents, and explain takes one: choose one with --row, or use rank" in err
    status, _, err = run("explain", "cats", "my docs.csv", "--row", "3")
    assert (status, "at most 2, the number of documents in my docs.csv" in err) == (2, True)


def test_no_cell_of_a_table_is_a_formula(run, pets):
    status, *_ = run("rank", "cats", "=1+1 cats", "--csv", "r.csv", "--", "-2 cats")
    assert status == 0
    text = (pets / "r.csv").read_text(encoding="utf-8")
    names = {row["document"] for row in csv.DictReader(io.StringIO(text))}
    assert names == {"'=1+1 cats", "'-2 cats"}


def test_the_explanation_is_written_as_a_page(run, tmp_path):
    page = tmp_path / "x.html"
    status, out, _ = run("explain", "cats", "Dogs eat.", "--html", str(page))
    assert status == 0
    assert out.startswith("MaxSim score ")
    assert "Why a document scored" in page.read_text(encoding="utf-8")


def test_a_long_document_on_the_command_line_is_no_path(run):
    status, out, _ = run("explain", "fish", "cats eat fish. " * 400)
    assert status == 0
    assert "fish" in out


def test_what_cannot_be_explained_is_said_with_status_2(run, tmp_path):
    status, _, err = run("explain", " ", "cats")
    assert (status, err) == (2, "Error: query must contain text, got blank space\n")
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\xff\x00\x80")
    status, _, err = run("explain", "cats", str(binary))
    assert status == 2
    assert "'picture.txt' isn't a text file: it contains binary data" in err
    assert run("doctor", str(tmp_path))[0] == 1


def test_help_shows_examples():
    for command in ("explain", "rank", "dashboard"):
        shown = RUNNER.invoke(cli.application, [command, "--help"])
        assert shown.exit_code == 0
        assert "Examples:" in shown.output


def test_a_pipe_that_lacks_a_sign_gets_another_and_no_error():
    done = subprocess.run(
        [sys.executable, "-m", "colbert_explain.cli", "rank", "q", "Cats eat fish.", "Dogs bark."],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"outscores" in done.stdout
