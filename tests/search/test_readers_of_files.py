import gzip
import json
import sys
import tracemalloc

import pandas as pd
import pytest

from colbert_explain.search import Collection, Document
from colbert_explain.search.readers import documents_in
from colbert_explain.text_files import FileRefused

RECORDS = [
    {"_id": "a", "title": "Pets", "text": "Cats sleep.", "metadata": {"lang": "en"}},
    {"_id": "b", "title": "", "text": "Dogs bark."},
]
EXPECTED = [
    Document("a", "Pets\nCats sleep.", {"lang": "en", "title": "Pets"}),
    Document("b", "Dogs bark.", {"title": ""}),
]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def lines(records):
    return "".join(f"{json.dumps(record)}\n" for record in records)


def read(path):
    return list(documents_in(path).items)


def test_json_lines_are_documents_compressed_or_not(tmp_path):
    for name in ("a.jsonl", "a.ndjson", "a.JSONL", "a.jsonl.gz"):
        path = write(tmp_path / name, lines(RECORDS) + "\n")
        for given in (path, str(path)):
            assert documents_in(given).n == 2, name
            assert read(given) == EXPECTED, name


def test_encodings_and_line_breaks_of_json_lines(tmp_path):
    text = '"déjà"\r\n\r\n{"text": "vu"}'
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        path = write(tmp_path / "a.jsonl", data)
        assert [(one.id, one.text) for one in read(path)] == [("0", "déjà"), ("1", "vu")], data
        assert documents_in(path).n == 2, data


def test_bad_lines_are_listed_by_number_and_the_others_read(tmp_path):
    path = write(
        tmp_path / "a.jsonl",
        b'{"id": "good", "text": "cats"}\n'
        b"\n"
        b'{"text": \n'
        b"[1, 2]\n"
        b"7\n"
        b'{"id": "no text"}\n'
        b'{"text": ["a", 1]}\n'
        b'{"text": "\xff"}\n'
        b'{"text": "\\ud800"}\n' + b"[" * 100_000 + b"\n"
        b'"last"',
    )
    found = read(path)
    assert documents_in(path).n == len(found) == 10
    assert [one.text for one in found if isinstance(one, Document)] == ["cats", "last"]
    listed = found[1:-1]
    assert [one.position for one in listed] == list(range(1, 9))
    assert [one.name for one in listed] == [f"line {n} of a.jsonl" for n in range(3, 11)]
    for one, reason in zip(
        listed,
        [
            "not JSON at character",
            "line must be an object or a string in JSON, got list",
            "line must be an object or a string in JSON, got 7",
            "document must have a text",
            "text must be a string, got list",
            "its byte 11 is not UTF-8",
            "text must be valid Unicode",
            "nested too deeply",
        ],
        strict=True,
    ):
        assert reason in one.reason, (one, reason)


def test_a_long_file_of_lines_is_never_held_in_memory(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for number in range(20_000):
            file.write(f'{{"id": {number}, "text": "{"word " * 40}"}}\n')
    size = path.stat().st_size
    tracemalloc.start()
    given = documents_in(path)
    assert given.n == sum(1 for _ in given.items) == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 4


def test_a_damaged_compressed_file_is_refused_before_anything_is_encoded(tmp_path):
    whole = gzip.compress(lines(RECORDS * 500).encode())
    path = tmp_path / "a.jsonl.gz"
    for data in (whole[:-20], b"no gzip at all", whole[:40] + b"\0" * 20 + whole[60:]):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"'a.jsonl.gz' is damaged: "):
            documents_in(path)


def test_a_folder_of_beir_holds_its_corpus_only(tmp_path):
    for name in ("corpus.jsonl", "corpus.jsonl.gz"):
        folder = tmp_path / name.replace(".", "_")
        write(folder / name, lines(RECORDS))
        write(folder / "queries.jsonl", lines([{"_id": "q", "text": "cats"}]))
        write(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq\ta\t1\n")
        assert read(folder) == EXPECTED, name
        assert documents_in(folder).n == 2, name


def test_a_folder_is_read_file_by_file_in_order(tmp_path):
    write(tmp_path / "b.txt", "Dogs bark.")
    write(tmp_path / "a" / "deep.md", "Cats sleep.")
    write(tmp_path / "a" / "table.csv", "id,text,year\n1,It rains today.,2001\n2,It snows.,2002\n")
    write(tmp_path / "c.jsonl", '"Fish swim."\n{"id": 5}\n')
    write(tmp_path / "d.txt", b"\xff\xfe\x00")
    write(tmp_path / "e.csv", 'id,text\n1,"open\n')
    write(tmp_path / ".hidden.txt", "Hidden.")
    write(tmp_path / "picture.png", b"\x89PNG")
    given = documents_in(tmp_path)
    assert given.n == 7
    found = list(given.items)
    assert [(one.id, one.text) for one in found if isinstance(one, Document)] == [
        ("a/deep.md", "Cats sleep."),
        ("a/table.csv: 1", "It rains today."),
        ("a/table.csv: 2", "It snows."),
        ("b.txt", "Dogs bark."),
        ("c.jsonl: 0", "Fish swim."),
    ]
    assert [(one.position, one.name) for one in found if not isinstance(one, Document)] == [
        (5, "line 2 of c.jsonl"),
        (6, "d.txt"),
    ]
    notes = " ".join(given.notes)
    assert "table.csv: texts from column 2 (text), ids from column 1 (id)" in notes
    assert "Left out: 'e.csv' must be a table of values" in notes
    assert f"Files of other types left out of {tmp_path.name}: picture.png." in notes


def test_a_folder_without_a_readable_file_is_refused(tmp_path):
    write(tmp_path / "picture.png", b"\x89PNG")
    with pytest.raises(FileRefused, match=r"is a folder and must hold \.txt, .*picture\.png"):
        documents_in(tmp_path)


def test_tables_give_ids_texts_and_typed_metadata(tmp_path):
    csv = "id,title,text,year,price,code\n"
    rows = ["7,Pets,Cats sleep all day.,2001,1.5,007", "8,Pets,Dogs bark at night.,,2,012"]
    path = write(tmp_path / "a.csv", csv + "\n".join(rows))
    given = documents_in(path)
    assert given.n == 2
    assert list(given.items) == [
        Document(
            "7",
            "Pets\nCats sleep all day.",
            {"year": 2001, "price": 1.5, "code": "007", "title": "Pets"},
        ),
        Document("8", "Pets\nDogs bark at night.", {"price": 2.0, "code": "012", "title": "Pets"}),
    ]
    assert given.notes == (
        "a.csv: texts from column 3 (text), ids from column 1 (id); metadata from 2 (title), "
        "4 (year), 5 (price) and 6 (code).",
    )


def test_ids_of_a_table_are_those_of_the_column_that_names_its_rows(tmp_path):
    for name, content, expected in (
        ("a.csv", "title,text\nCats,They sleep a lot.\nDogs,They bark.\n",
         [("Cats", "Cats\nThey sleep a lot."), ("Dogs", "Dogs\nThey bark.")]),
        ("b.csv", "title,text\nPets,They sleep a lot.\nPets,They bark.\n",
         [("0", "Pets\nThey sleep a lot."), ("1", "Pets\nThey bark.")]),
        ("c.csv", "text,docid\nThey sleep a lot.,x\nThey bark.,y\n",
         [("x", "They sleep a lot."), ("y", "They bark.")]),
        ("d.tsv", "11\tThey sleep.\tCats\n12\tThey bark.\tDogs\n",
         [("11", "Cats\nThey sleep."), ("12", "Dogs\nThey bark.")]),
        ("e.tsv.gz", "11\tThey sleep.\n12\tThey bark.\n",
         [("11", "They sleep."), ("12", "They bark.")]),
        ("g.tsv", "D1\tCats.\nD2\tThey bark at night.\n",
         [("D1", "Cats."), ("D2", "They bark at night.")]),
        ("h.tsv", "A\tThey sleep.\tCats, which live here\nA\tThey eat.\tCats\n",
         [("0", "Cats, which live here\nThey sleep."), ("1", "Cats\nThey eat.")]),
        ("f.csv", "text\nThey sleep.\nThey bark.\n", [("0", "They sleep."), ("1", "They bark.")]),
    ):  # fmt: skip
        found = read(write(tmp_path / name, content))
        assert [(one.id, one.text) for one in found] == expected, name


def test_ids_of_a_table_are_never_cut(tmp_path):
    ids = ["x" * 100 + end for end in "ab"]
    rows = "".join(f"{id_},some words of text {id_[-1]}\n" for id_ in ids)
    path = write(tmp_path / "a.csv", "id,text\n" + rows)
    assert [one.id for one in read(path)] == ids


def test_a_parquet_file_is_read_row_by_row(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame(
        {"_id": ["a", "b"], "title": ["Pets", None], "text": ["Cats sleep.", None], "year": [1, 2]}
    )
    frame.to_parquet(path)
    given = documents_in(path)
    assert given.n == 2
    first, second = given.items
    assert first == Document("a", "Pets\nCats sleep.", {"title": "Pets", "year": 1})
    assert (second.position, second.reason) == (1, "text must be a string, got None")
    frame[["year"]].to_parquet(path)
    with pytest.raises(ValueError, match=r"'a.parquet' must have a text, .* got year"):
        documents_in(path)
    path.write_bytes(b"no Parquet")
    with pytest.raises(ValueError, match=r"'a.parquet' must be a Parquet file, but"):
        documents_in(path)


def test_without_pyarrow_a_sentence_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = write(tmp_path / "a.parquet", b"")
    with pytest.raises(ValueError, match=r'pip install ".*\[parquet\]"'):
        documents_in(path)


def test_files_of_other_kinds_are_refused(tmp_path):
    for name in ("a.pdf", "a", "a.txt.gz", "a.json"):
        path = write(tmp_path / name, b"x")
        with pytest.raises(
            FileRefused, match=r"Can't open .* Use .txt, .md, .csv, .tsv, .jsonl or"
        ):
            documents_in(path)


def test_a_file_with_nothing_to_read_raises_in_build(tmp_path, toy_encoder):
    for name, content, message in (
        ("a.jsonl", "", "documents must hold at least one text that can be read"),
        ("b.jsonl", '{"a": 1}\n', r"line 1 of b.jsonl \(document must have a text"),
        ("c.txt", " ", r"c.txt \(document must contain text"),
        ("d.csv", "id,text\n", "'d.csv' must hold rows below the names of its columns"),
        ("e.csv", "", "'e.csv' must hold text, but is empty"),
    ):
        path = write(tmp_path / name, content)
        with pytest.raises(ValueError, match=message):
            Collection.build(path, toy_encoder)


def test_a_collection_is_built_from_a_file(tmp_path, toy_encoder):
    path = write(tmp_path / "a.jsonl", lines(RECORDS) + "broken\n")
    collection = Collection.build(path, toy_encoder)
    assert list(collection) == EXPECTED
    [left_out] = collection.left_out
    assert (left_out.position, left_out.name) == (2, "line 3 of a.jsonl")


def test_a_broken_line_is_named_with_the_character_that_breaks_it(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"id": "b", "text": "Dogs bark."\r\n"cats"\n')
    broken, whole = read(path)
    assert broken.reason == "not JSON at character 33: Expecting ',' delimiter"
    assert whole == Document("1", "cats")


def test_a_blank_path_is_not_the_working_folder(tmp_path, monkeypatch):
    write(tmp_path / "a.txt", "Cats sleep.")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="there is no file or folder ''"):
        documents_in("")


def test_a_file_that_is_no_parquet_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"[^.]$") as error:
        documents_in(write(tmp_path / "a.parquet", "PAR1 " * 20))
    assert str(error.value).startswith("'a.parquet' must be a Parquet file, but ")


def test_a_collection_in_a_folder_of_texts_is_not_read_as_texts(tmp_path, toy_encoder):
    write(tmp_path / "a.txt", "Cats sleep.")
    write(tmp_path / "b.txt", "Dogs bark.")
    write(tmp_path / "app" / "manifest.json", "{}")
    write(tmp_path / "app" / "c.txt", "Cows moo.")
    first = Collection.build(tmp_path, toy_encoder, tmp_path / "kept" / "first")
    again = Collection.build(tmp_path, toy_encoder)
    for one in (first, again):
        assert [document.id for document in one] == ["a.txt", "app/c.txt", "b.txt"]
    assert f"Collections left out of {tmp_path.name}: kept/first." in again.notes
