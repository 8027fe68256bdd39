import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.search import Collection, CollectionError, token_vectors_file
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.opening import open_collection
from colbert_explain.search.token_vectors_file import (
    collection_from_token_vectors,
    read_token_vectors,
    write_token_vectors,
)

TEXTS = {
    "fish": "Cats eat fish, zzz.",
    "rain": "Es regnet in Spanien — 'çok'.\n\t今天",
    "long": "word " * 300,
}


@pytest.fixture
def encoded(toy_encoder):
    return [
        EncodedDocument(
            Document(id_, text, {"year": 2000, "share": 0.5, "is it": True, "title": "Größe"}),
            toy_encoder.embed_document(text),
        )
        for id_, text in TEXTS.items()
    ]


def same(found, given):
    return (
        found.document == given.document
        and found.embeddings.tokens == given.embeddings.tokens
        and np.array_equal(found.embeddings.vectors, given.embeddings.vectors)
        and found.embeddings.provenance == given.embeddings.provenance
    )


def test_what_was_written_is_read(tmp_path, encoded, monkeypatch):
    for tokens_of_a_group in (16_384, 5):
        monkeypatch.setattr(token_vectors_file, "_GROUP", tokens_of_a_group)
        path = tmp_path / "vectors.parquet"
        assert write_token_vectors(iter(encoded), path) == 3
        assert pq.ParquetFile(path).num_row_groups == (1 if tokens_of_a_group > 5 else 3)
        found = list(read_token_vectors(path))
        assert len(found) == 3
        for one, given in zip(found, encoded, strict=True):
            assert same(one, given), given.document
    assert [file.name for file in tmp_path.iterdir()] == ["vectors.parquet"]


def test_a_collection_becomes_a_file_and_a_file_a_collection(tmp_path, toy_encoder):
    collection = Collection.build(TEXTS, toy_encoder)
    path = tmp_path / "vectors.parquet"
    write_token_vectors(collection, path)
    for into in (None, tmp_path / "kept"):
        again = collection_from_token_vectors(path, toy_encoder, into)
        assert list(again) == list(collection)
        assert again.provenance == collection.provenance
        first, second = (one.search("regnet", k=3) for one in (collection, again))
        assert first.names == second.names
        np.testing.assert_allclose(first.scores, second.scores, atol=1e-6)
    assert list(open_collection(tmp_path / "kept", toy_encoder)) == list(collection)


def write(path, about=None, **columns):
    given = {
        "id": ["a"],
        "text": ["Cats purr"],
        "tokens": [["cats", "pur", "##r"]],
        "vectors": [[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]],
        **columns,
    }
    table = pa.table({name: values for name, values in given.items() if values is not None})
    pq.write_table(table.replace_schema_metadata(about), path)


def test_four_columns_are_enough(tmp_path):
    path = tmp_path / "theirs.parquet"
    write(path)
    [found] = read_token_vectors(path)
    assert found.document == Document("a", "Cats purr")
    assert [token.text for token in found.embeddings.tokens] == ["Cats", "pur", "r"]
    assert found.embeddings.tokens.scored_mask.all()
    assert found.embeddings.provenance == Provenance("vectors in theirs.parquet")
    for kind in (pa.list_(pa.list_(pa.float64())), pa.large_list(pa.list_(pa.float32(), 2))):
        write(path, vectors=pa.array([[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]], kind))
        [again] = read_token_vectors(path, Provenance("theirs", dim=2))
        assert np.array_equal(again.embeddings.vectors, found.embeddings.vectors), kind
        assert again.embeddings.provenance.model == "theirs"


def test_tokens_that_are_not_the_whole_text_get_no_characters(tmp_path):
    path = tmp_path / "theirs.parquet"
    for tokens in (
        ["cats", "pur", "r!"],
        ["cats", "purr", "?"],
        ["cats", "pu", ""],
        ["c", "a", "t"],
    ):
        write(path, tokens=[tokens])
        [found] = read_token_vectors(path)
        assert [token.start for token in found.embeddings.tokens] == [None] * 3, tokens
        assert [token.text for token in found.embeddings.tokens] == tokens


def test_files_of_a_folder_are_read_as_one(tmp_path, encoded):
    for i, one in enumerate(encoded):
        write_token_vectors([one], tmp_path / f"part-{i}.parquet")
    (tmp_path / "_SUCCESS").touch()
    assert all(map(same, read_token_vectors(tmp_path), encoded))
    write_token_vectors(encoded[:1], tmp_path / "part-3.parquet")
    found = read_token_vectors(tmp_path)
    with pytest.raises(ValueError, match=r"part-3.parquet, row 0: id must differ .*, got 'fish'"):
        list(found)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="path must be a Parquet file or a folder of them"):
        read_token_vectors(tmp_path / "empty")


def test_a_file_of_another_kind_is_refused_at_once(tmp_path, encoded):
    path = tmp_path / "file.parquet"
    path.write_text("id,text\n")
    with pytest.raises(ValueError, match=r"file.parquet must be a Parquet file"):
        read_token_vectors(path)
    with pytest.raises(OSError, match=r"nothing.parquet"):
        read_token_vectors(tmp_path / "nothing.parquet")
    for columns, said in [
        (
            {"vectors": None},
            "must have the columns id, text, tokens, vectors, got id, text, tokens",
        ),
        ({"vectors": [[1.0]]}, "must have lists of lists of floats in the column vectors"),
        ({"about": {b"colbert_explain.provenance": b"{}"}}, "does not say what encoded it"),
    ]:
        write(path, **columns)
        with pytest.raises(ValueError, match=said):
            read_token_vectors(path)
    write_token_vectors(encoded, path)
    with pytest.raises(ValueError, match="must be from another · float32, but says it is from toy"):
        read_token_vectors(path, Provenance("another"))


def test_a_wrong_row_is_named(tmp_path):
    path = tmp_path / "file.parquet"
    for columns, said in {
        "id": ([None], "row 0, document None: id must be a string, got None"),
        "text": ([None], "document 'a': text must be a string"),
        "tokens": ([["cats"]], "vectors must have one row per token, got 3 rows for 1 token"),
        "vectors": ([[[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]]], "row 2 has length 5"),
        "scored": ([[True, False]], "scored must have one entry per token, 3, got 2"),
        "roles": ([["text", "noun", "text"]], "role must be one of text, special"),
        "starts": ([[0, 5, 8]], "start and end must both be given"),
        "unread_start": ([4], "unread_start"),
        "metadata": (['{"a": [1]}'], "metadata 'a' must be text, a number or a Boolean, got list"),
        "windows": ([[0, 0, 9]], "window must be a whole number from 0 to 2, got 9"),
    }.items():
        write(path, **{columns: said[0]})
        with pytest.raises(ValueError, match=said[1]) as refused:
            list(read_token_vectors(path))
        assert str(path) in str(refused.value), columns
    for vectors, said in [
        ([None], "vectors must be one list of numbers per token"),
        ([[[1.0, 0.0], None, [0.0, 1.0]]], "vectors must be one list of numbers per token"),
        ([[[1.0, 0.0], [1.0], [0.0, 1.0]]], r"of one size, got the sizes \[1, 2\]"),
        ([[[1.0, 0.0], [1.0, None], [0.0, 1.0]]], "vectors must hold numbers, got null"),
        ([[[1.0, 0.0], [1.0, float("nan")], [0.0, 1.0]]], "unit length"),
    ]:
        write(path, vectors=pa.array(vectors, pa.list_(pa.list_(pa.float32()))))
        with pytest.raises(ValueError, match=said):
            list(read_token_vectors(path))
    write(path, scored=[[False] * 3])
    with pytest.raises(ValueError, match="none of its tokens is scored"):
        list(read_token_vectors(path))
    two = {
        "id": ["a", "b"],
        "text": ["x", "y"],
        "tokens": [["x"], ["y"]],
        "vectors": [[[1.0, 0.0]], [[1.0]]],
    }
    write(path, **two)
    with pytest.raises(ValueError, match="document 'b': vectors must have 2 numbers, got 1"):
        list(read_token_vectors(path))


def test_overwritten_bytes_are_noticed(tmp_path, encoded):
    path = tmp_path / "file.parquet"
    write_token_vectors(encoded, path)
    whole = path.read_bytes()
    for place in range(4, len(whole), len(whole) // 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = list(read_token_vectors(path))
        except (ValueError, OSError):
            continue
        assert all(map(same, found, encoded)), place


def test_a_file_is_written_whole_or_not_at_all(tmp_path, encoded, toy_encoder):
    path = tmp_path / "vectors.parquet"
    write_token_vectors(encoded, path)
    before = path.read_bytes()
    other = EncodedDocument(
        Document("b", "x"),
        type(encoded[0].embeddings)(
            encoded[0].embeddings.tokens, encoded[0].embeddings.vectors, Provenance("another")
        ),
    )

    def broken():
        yield encoded[0]
        raise RuntimeError("stopped")

    for documents, error, said in [
        (
            [*encoded, other],
            ValueError,
            "documents must be from one encoder, but 'b' is from another",
        ),
        (broken(), RuntimeError, "stopped"),
        ([], ValueError, "documents must hold at least one document"),
    ]:
        with pytest.raises(error, match=said):
            write_token_vectors(documents, path)
        assert [file.name for file in tmp_path.iterdir()] == ["vectors.parquet"], said
        assert path.read_bytes() == before
    with pytest.raises(OSError, match="path must name a file in an existing folder"):
        write_token_vectors(encoded, tmp_path / "no" / "file.parquet")


def test_the_file_says_what_encoded_it(tmp_path, encoded):
    path = tmp_path / "vectors.parquet"
    write_token_vectors(encoded, path)
    stated = json.loads(pq.read_schema(path).metadata[b"colbert_explain.provenance"])
    assert stated["model"] == "toy"


def test_without_pyarrow_the_error_says_how_to_install_it(tmp_path, encoded, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for call in (
        lambda: read_token_vectors(tmp_path / "file.parquet"),
        lambda: write_token_vectors(encoded, tmp_path / "file.parquet"),
    ):
        with pytest.raises(RuntimeError, match=r'pip install "colbert-explain\[parquet\]"'):
            call()


def test_a_call_that_was_cut_off_continues_with_the_same_documents(tmp_path, encoded, toy_encoder):
    path, folder = tmp_path / "v.parquet", tmp_path / "c"
    write_token_vectors(encoded, path)
    table = pq.read_table(path)
    broken = table.slice(0, 2).to_pylist()
    broken[1]["vectors"].pop()
    pq.write_table(pa.Table.from_pylist(broken, table.schema), path)
    with pytest.raises(ValueError, match="row 1, document 'rain'"):
        collection_from_token_vectors(path, toy_encoder, folder)
    pq.write_table(table.slice(1), path)
    with pytest.raises(CollectionError, match="of which 'fish' has changed since"):
        collection_from_token_vectors(path, toy_encoder, folder)
    pq.write_table(table, path)
    collection_from_token_vectors(path, toy_encoder, folder)
    assert [document.id for document in open_collection(folder)] == list(TEXTS)
