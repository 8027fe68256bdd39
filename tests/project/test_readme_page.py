"""README's tour of collections runs as it is printed, and its command lines are real."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer

import colbert_explain as ce
from colbert_explain.cli import application

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("[!a]*.md"))]


@pytest.fixture(scope="module")
def tour():
    """The two blocks about collections; a reader has a folder with articles of their own."""
    return [code for code in CODE if "ce.Collection" in code]


def test_search_and_audit_take_six_lines_each(tour):
    assert [len(code.strip().split("\n")) for code in tour] == [6, 6]


def test_the_tour_of_collections_runs(tour, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    articles = tmp_path / "articles"
    articles.mkdir()
    lines = (ce.sample_collection_folder() / "corpus.jsonl").read_text("utf-8").splitlines()
    for entry in map(json.loads, lines[:12]):
        (articles / f"{entry['_id']}.txt").write_text(entry["text"], encoding="utf-8")
    names = {"ce": ce}
    exec(tour[0], names)
    said = capsys.readouterr().out
    assert repr(names["hits"]).startswith("Hits(10 of 12 documents for")
    first, seventh = (names["hits"].names[i] for i in (0, 6))
    assert f"{first} outscores {seventh} by" in said
    with ce.open_collection("my-collection") as opened:
        assert len(opened) == 12
    exec(tour[1], names)
    counts = [len(opened) for opened in (names["collection"], names["audit"])]
    assert counts == [161, 40]
    text = " ".join(README.split())
    assert "161 texts, 40 queries, 50 judgments" in text
    assert sum(map(len, ce.read_qrels(names["folder"]).values())) == 50


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_command_line_in_the_documentation_is_accepted(page):
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(colbert-explain [^`]+)`", text.replace("\n", " "))
    group = typer.main.get_command(application)
    for line in lines:
        if not line.startswith("colbert-explain "):
            continue
        _, name, *arguments = shlex.split(line, comments=True)
        command = group.get_command(None, name)
        assert command is not None, line
        if arguments:  # the name alone stands for the command
            command.make_context(name, arguments)
