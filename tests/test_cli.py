import pytest
from typer.testing import CliRunner

import colbert_explain as ce
from colbert_explain import cli, load_explanation
from tests.tiny_checkpoints import make_checkpoint

RUNNER = CliRunner()


def run(monkeypatch, capsys, *arguments):
    """Run the command as a shell does; return exit status, output and error output."""
    monkeypatch.setattr("sys.argv", ["colbert-explain", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    shown = capsys.readouterr()
    return stopped.value.code or 0, shown.out, shown.err


def test_explain_prints_score_matches_and_model(monkeypatch, capsys):
    status, out, _ = run(monkeypatch, capsys, "explain", "cats eat", "dogs eat fish")
    assert status == 0
    assert out.startswith("MaxSim score ")
    assert "-> eat (token 2)" in out
    assert "all-MiniLM-L6-v2" in out


def test_a_file_is_read_and_the_explanation_saved(monkeypatch, capsys, tmp_path):
    text, saved = tmp_path / "article.txt", tmp_path / "x.json"
    text.write_text("Dogs eat fish.", encoding="utf-8")
    status, _, _ = run(monkeypatch, capsys, "explain", "cats", str(text), "--json", str(saved))
    assert status == 0
    assert load_explanation(saved).document.text == "Dogs eat fish."


def test_rank_prints_the_order_and_why_the_first_is_first(monkeypatch, capsys, tmp_path):
    text = tmp_path / "cats.txt"
    text.write_text("Cats eat fish.", encoding="utf-8")
    status, out, _ = run(
        monkeypatch, capsys, "rank", "what do cats eat", "Rain.", "Rain.", str(text)
    )
    assert status == 0
    table, sentence = out.split("\n\n")
    heading, *rows = table.splitlines()
    assert heading.split() == ["rank", "document", "score", "mean_contribution", "pooled_cosine"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]
    assert "cats.txt" in rows[0]
    assert "Rain. (2)" in rows[2]
    assert "wins over Rain. by" in sentence
    assert "all-MiniLM-L6-v2" in sentence


def test_rank_takes_another_checkpoint(monkeypatch, capsys, tmp_path):
    folder = make_checkpoint(tmp_path / "tiny", "stanford", "wordpiece")
    arguments = ("rank", "cats eat", "Cats.", "Rain.", "--model", str(folder))
    status, out, _ = run(monkeypatch, capsys, *arguments)
    assert status == 0
    ranking = ce.rank("cats eat", ["Cats.", "Rain."], ce.load_encoder(folder))
    for score in ranking.scores:
        assert f" {score:.3f} " in out
    assert out.rstrip().endswith(ranking.query_embeddings.provenance.sentence())


def test_a_file_that_is_not_there_is_told_apart_from_a_text(monkeypatch, capsys):
    status, out, err = run(monkeypatch, capsys, "explain", "cats", "no/such/cats.txt")
    assert (status, err) == (0, "There is no file no/such/cats.txt: read as the text itself.\n")
    assert out.startswith("MaxSim score ")
    assert run(monkeypatch, capsys, "explain", "cats", "Cats eat.")[2] == ""


def test_rank_names_the_document_that_cannot_be_read(monkeypatch, capsys):
    status, _, err = run(monkeypatch, capsys, "rank", "cats", "Cats.", "?!")
    assert status == 1
    assert err.startswith("Error: documents['?!']: document must hold a token that is scored")


def test_the_explanation_is_written_as_a_page(monkeypatch, capsys, tmp_path):
    page = tmp_path / "x.html"
    status, out, _ = run(monkeypatch, capsys, "explain", "cats", "Dogs eat.", "--html", str(page))
    assert status == 0
    assert out.startswith("MaxSim score ")
    assert "Why a document scored" in page.read_text(encoding="utf-8")
    status, _, err = run(
        monkeypatch, capsys, "explain", "cats", "Dogs.", "--html", str(tmp_path / "no" / "x.html")
    )
    assert (status, err.split(",")[0]) == (1, "Error: path must name a file in an existing folder")


def test_a_long_document_on_the_command_line_is_no_path(monkeypatch, capsys):
    status, out, _ = run(monkeypatch, capsys, "explain", "fish", "cats eat fish. " * 400)
    assert status == 0
    assert "fish" in out


def test_what_cannot_be_explained_is_said_with_status_1(monkeypatch, capsys, tmp_path):
    status, _, err = run(monkeypatch, capsys, "explain", " ", "cats")
    assert (status, err) == (1, "Error: query must contain text, got blank space\n")
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    status, _, err = run(monkeypatch, capsys, "explain", "cats", str(binary))
    assert status == 1
    assert "must be a text file in UTF-8" in err


def test_wrong_usage_has_status_2(monkeypatch, capsys):
    assert run(monkeypatch, capsys, "explain", "cats")[0] == 2
    assert run(monkeypatch, capsys, "nothing")[0] == 2


def test_help_shows_examples_and_the_version():
    for command in ("explain", "rank", "dashboard"):
        shown = RUNNER.invoke(cli.app, [command, "--help"])
        assert shown.exit_code == 0
        assert "Examples:" in shown.output
    assert RUNNER.invoke(cli.app, ["--version"]).output == "colbert-explain 0.1.0\n"
