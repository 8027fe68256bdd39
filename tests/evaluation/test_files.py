import gzip
import json

import pytest

from colbert_explain.evaluation import read_qrels, read_queries


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_queries_are_read_from_lines_of_json_and_of_columns(tmp_path):
    expected = {"1": "what do cats eat", "b": "wo, 'ist' es?"}
    records = [{"_id": 1, "text": "what do cats eat"}, {"_id": "b", "text": "wo, 'ist' es?"}]
    for name, content in (
        ("a.jsonl", "\n".join(map(json.dumps, records))),
        ("b.jsonl.gz", "\n\n".join(map(json.dumps, records))),
        (
            "c.jsonl",
            '{"query_id": "1", "question": "what do cats eat"}\n{"id": "b", "query": "wo, \'ist\' '
            'es?", "text": null}\n',
        ),
        ("d.tsv", "1\twhat do cats eat\nb\two, 'ist' es?\n"),
        ("e.txt", "qid\tquery\r\n1\twhat do cats eat\r\n\r\nb\two, 'ist' es?"),
        ("f.tsv.gz", "1\twhat do cats eat\nb\two, 'ist' es?\n1\twhat do cats eat\n"),
        ("g.tsv", "\ufeff1\twhat do cats eat\nb\two, 'ist' es?\n"),
    ):
        path = write(tmp_path / name, content)
        assert list(read_queries(path).items()) == list(expected.items()), name
    write(tmp_path / "beir" / "queries.jsonl", json.dumps(records[0]))
    assert read_queries(str(tmp_path / "beir")) == {"1": "what do cats eat"}


def test_queries_that_cannot_be_read_are_refused_by_line(tmp_path):
    for name, content, message in (
        ("a.jsonl", '{"_id": 1, "text": "a"}\n\n{"_id": 2\n', "a.jsonl, line 3: not JSON"),
        ("b.jsonl", '"a"\n', "b.jsonl, line 1: line must be an object in JSON, got 'a'"),
        ("c.jsonl", '{"text": "a"}\n', "c.jsonl, line 1: query must have an id, called _id or"),
        ("d.jsonl", '{"_id": 1}\n', "d.jsonl, line 1: query must have a text, called text or"),
        ("e.jsonl", '{"_id": 1, "text": 5}\n', "e.jsonl, line 1: text must be a string, got 5"),
        ("f.tsv", "1\ta\n2 b\n", "f.tsv, line 2: a query must be id, tab and text, got '2 b'"),
        ("g.tsv", "1\ta\n1\tb\n", "g.tsv, line 2: query '1' must have one text, got a second one"),
        ("h.tsv", "1\t\n", "h.tsv, line 1: query '1' must contain text, got nothing"),
        ("i.tsv", "\n", "i.tsv must hold at least one query, got none"),
        ("j.tsv", b"1\t\xff\n", "j.tsv, line 1 must be UTF-8, but its byte 3 is not"),
    ):
        with pytest.raises(ValueError, match=r"must|not JSON") as refused:
            read_queries(write(tmp_path / name, content))
        assert message in str(refused.value), name
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=r"'folder' is a folder and must hold queries in queries"):
        read_queries(tmp_path / "folder")
    with pytest.raises(ValueError, match=r"but there is no '.*none.tsv'"):
        read_queries(tmp_path / "none.tsv")


def test_judgments_are_read_as_trec_and_beir_write_them(tmp_path):
    expected = {"1": {"d1": 1, "d2": 0}, "2": {"d1": -1}}
    for name, content in (
        ("a.qrels", "1 0 d1 1\n1 0 d2 0\n\n2 Q0 d1 -1\n"),
        ("b.txt", "1\t0\td1\t1\r\n1\t0\td2\t0\r\n2\t0\td1\t-1"),
        ("c.tsv", "query-id\tcorpus-id\tscore\n1\td1\t1\n1\td2\t0\n2\td1\t-1\n"),
        ("d.tsv.gz", "1\td1\t1.0\n1\td2\t0\n2\td1\t-1\n1\td1\t1\n"),
    ):
        assert read_qrels(write(tmp_path / name, content)) == expected, name


def test_judgments_of_a_folder_are_those_of_a_split(tmp_path):
    one = tmp_path / "one"
    write(one / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore\nq\tdev\t1\n")
    assert read_qrels(one) == {"q": {"dev": 1}}
    write(one / "qrels" / "train.tsv.gz", "query-id\tcorpus-id\tscore\nq\ttrain\t1\n")
    assert read_qrels(one, split="train") == {"q": {"train": 1}}
    with pytest.raises(ValueError, match="called dev and train, and none called test: name one"):
        read_qrels(one)
    write(one / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq\ttest\t1\n")
    assert read_qrels(str(one)) == {"q": {"test": 1}}
    with pytest.raises(ValueError, match="split must be one of dev, test, train, got 'none'"):
        read_qrels(one, split="none")
    with pytest.raises(ValueError, match="split must be None for a file, got 'test'"):
        read_qrels(one / "qrels" / "test.tsv", split="test")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"must hold judgments in qrels/test\.tsv"):
        read_qrels(tmp_path / "empty")


def test_judgments_that_cannot_be_read_are_refused_by_line(tmp_path):
    for name, content, message in (
        ("a", "1 0 d1 1\n1 0 d2\n", "a, line 2: judgments must have 4 fields"),
        ("b", "1 0 d1 yes\n", "b, line 1: relevance must be a whole number, got 'yes'"),
        ("c", "1 0 d1 1\n1 0 d2 yes\n", "c, line 2: relevance must be a whole number, got 'yes'"),
        ("d", "1 0 d1 0.5\n", "d, line 1: relevance must be a whole number, got '0.5'"),
        ("e", "1 0 d1 1\n1 0 d1 2\n", "e, line 2: document 'd1' must have one relevance for query"),
        ("f", "", "f must hold at least one judgment, got none"),
        ("g", "1 0 d1 nan\n1 0 d2 1", "g, line 1: relevance must be a whole number, got 'nan'"),
    ):
        with pytest.raises(ValueError, match="must") as refused:
            read_qrels(write(tmp_path / name, content))
        assert message in str(refused.value), (name, refused.value)
