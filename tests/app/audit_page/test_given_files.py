import gzip

import pytest

import colbert_explain as ce
from colbert_explain.app.audit_page.given_files import files_below, look_at, read_as

CASES = {
    "queries.tsv": (
        "q1\twhat cats eat\nq2\tsnow\n",
        "queries",
        "2 queries, such as “what cats eat”.",
    ),
    "anything.txt": ("q1\twhat cats eat\n", "queries", "1 query: “what cats eat”."),
    "topics.jsonl": ('{"_id": "q1", "text": "cats"}\n', "queries", "1 query: “cats”."),
    "no_name.jsonl": ('{"_id": "q1", "text": "cats"}\n', "queries", "1 query: “cats”."),
    "trec.txt": ("q1 0 cats 1\nq1 0 dogs 0\n", "judgments", "2 judgments for 1 query."),
    "test.tsv": (
        "query-id\tcorpus-id\tscore\nq1\tcats\t1\n",
        "judgments",
        "1 judgment for 1 query.",
    ),
    "bm25": ("q1 Q0 cats 1 2.5 bm25\n", "run", "The run “bm25”: 1 query, 1 line."),
    "corpus.jsonl": ('{"_id": "a", "text": "short"}\n', "documents", "Documents to search."),
    "titled.jsonl": (
        '{"_id": "a", "title": "A", "text": "b"}\n',
        "documents",
        "Documents to search.",
    ),
    "long.jsonl": (
        f'{{"_id": "a", "text": "{"long " * 60}"}}\n',
        "documents",
        "Documents to search.",
    ),
    "note.txt": ("Cats eat fish. They sleep.\n", "documents", "Documents to search."),
    "table.csv": ("id,text\na,cats\n", "documents", "Documents to search."),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_told_by_its_lines_and_its_name(name, tmp_path):
    text, kind, said = CASES[name]
    (tmp_path / name).write_text(text)
    file = look_at(tmp_path / name, name)
    assert (file.kind, file.said) == (kind, said)
    assert file.is_usable


def test_a_compressed_file_is_told_too(tmp_path):
    with gzip.open(tmp_path / "big.run.gz", "wt") as out:
        out.write("q1 Q0 cats 1 2.5 bm25\n" * 2)
    file = look_at(tmp_path / "big.run.gz", "big.run.gz")
    assert file.kind == "run"
    assert file.value.ranked("q1") == [("cats", 2.5)]
    assert "its higher score counts" in file.said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "It is empty."),
        (b"\n \n", "It is empty."),
        (b"a\0b\n", "It is not a text file: it holds binary data."),
        (b"caf\xe9\n", "x.dat, line 1 must be UTF-8, but its byte 4 is not."),
        (b"neither this nor that\n", "It is none of these: queries"),
        (b"{broken\n", "It is none of these: queries"),
    ],
)
def test_what_cannot_be_used_says_why(content, said, tmp_path):
    (tmp_path / "x.dat").write_bytes(content)
    file = look_at(tmp_path / "x.dat", "x.dat")
    assert file.said.startswith(said)
    assert file.kind is None
    assert not file.is_usable


def test_a_file_with_a_bad_line_further_down_names_it(tmp_path):
    (tmp_path / "bad.run").write_text("q1 Q0 cats 1 2.5 bm25\n" * 60 + "q1 Q0 cats\n")
    file = look_at(tmp_path / "bad.run", "bad.run")
    assert file.kind == "run"
    assert not file.is_usable
    assert file.said.startswith("bad.run, line 61: a run must have 6 fields")


def test_a_file_is_read_as_what_the_reader_says(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"_id": "a", "title": "A", "text": "b"}\n')
    as_queries = read_as(look_at(tmp_path / "a.jsonl", "a.jsonl"), "queries")
    assert as_queries.value == {"a": "b"}
    assert not read_as(as_queries, "run").is_usable


def test_files_below_a_folder_stay_below_it(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "open" / "qrels").mkdir(parents=True)
    (tmp_path / "open" / "qrels" / "test.tsv").write_text("x")
    (tmp_path / "open" / ".hidden").write_text("x")
    (tmp_path / "open" / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert [name for _, name in files_below(tmp_path / "open")] == ["qrels/test.tsv"]
    assert [name for _, name in files_below(tmp_path / "secret.txt")] == ["secret.txt"]


def test_the_files_of_the_sample_are_told_apart():
    folder = ce.sample_collection_folder()
    kinds = {name: look_at(path, name).kind for path, name in files_below(folder)}
    assert kinds == {
        "README.md": "documents",
        "corpus.jsonl": "documents",
        "qrels/test.tsv": "judgments",
        "queries.jsonl": "queries",
    }
