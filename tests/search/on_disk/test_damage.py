"""What is damaged, of another version or of another encoder is refused by name."""

import json
import shutil

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search import Collection, CollectionError, open_collection, rebuild_collection
from colbert_explain.search.on_disk import manifest
from colbert_explain.tokens import Token, TokenSequence
from tests.search.on_disk.made_collections import (
    assert_equal,
    make_segments_small,
    read_all,
    texts,
)


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(bytes(data))


def test_one_flipped_byte_anywhere_is_noticed(tmp_path, toy_encoder):
    folder = tmp_path / "c"
    Collection.build(texts(8), toy_encoder, folder, compression="int8")
    [segment] = folder.glob("segments/*")
    files = [folder / "manifest.json", *sorted(segment.iterdir())]
    assert len(files) == 12
    for path in files:
        sound = path.read_bytes()
        for position in {0, len(sound) // 3, len(sound) // 2, len(sound) - 2, len(sound) - 1}:
            flip(path, position)
            with pytest.raises(CollectionError, match="damaged") as noticed:
                read_all(open_collection(folder, toy_encoder))
            assert str(path) in str(noticed.value), (path.name, position)
            assert "build" in str(noticed.value)
            path.write_bytes(sound)
        for change in (sound[:-1], sound + b"\n", b""):
            path.write_bytes(change)
            with pytest.raises(CollectionError, match="damaged"):
                read_all(open_collection(folder, toy_encoder))
            path.write_bytes(sound)
        path.rename(tmp_path / "away")
        with pytest.raises(CollectionError, match=path.name):
            read_all(open_collection(folder, toy_encoder))
        (tmp_path / "away").rename(path)
    read_all(open_collection(folder, toy_encoder))


def test_a_check_reads_what_was_read_before(tmp_path, toy_encoder):
    collection = Collection.build(texts(8), toy_encoder, tmp_path / "c")
    read_all(collection)
    collection.check()
    [scored] = tmp_path.glob("c/segments/*/scored.npy")
    with scored.open("r+b") as file:  # not replaced: the collection sees the change
        file.seek(-1, 2)
        file.write(b"\x99")
    with pytest.raises(CollectionError, match=r"scored\.npy is damaged.*rebuild_collection"):
        collection.check()


def test_a_rebuild_needs_only_the_texts(tmp_path, toy_encoder, monkeypatch):
    make_segments_small(monkeypatch)
    folder = tmp_path / "c"
    collection = Collection.build(texts(), toy_encoder, folder, compression="int8")
    collection.delete(["d3", "d8"])
    collection.add([("new", "red cats sleep")])
    expected = Collection.build([(one.id, one.text) for one in collection], toy_encoder)
    segments = sorted(folder.glob("segments/*"))
    flip(segments[0] / "scored.npy", -5)
    (segments[1] / "tokens.npy").unlink()
    with pytest.raises(CollectionError, match="rebuild_collection"):
        open_collection(folder)
    rebuilt = rebuild_collection(folder, toy_encoder)
    for found in (rebuilt, open_collection(folder, toy_encoder)):
        assert list(found) == list(expected)
        assert found.search("do cats eat ?").names == expected.search("do cats eat ?").names
        assert not found.engine.is_exact
    assert not (folder / "segments").exists()
    rebuilt.add([("newer", "red dogs sleep")])
    assert_equal(rebuild_collection(folder, toy_encoder), rebuilt)

    flip(next(folder.glob("*/segments/*/documents.jsonl")), 30)
    with pytest.raises(CollectionError, match=r"documents\.jsonl.*again from its documents"):
        rebuild_collection(folder, toy_encoder)


def test_a_rebuild_that_was_cut_off_continues_and_hides_nothing(tmp_path, toy_encoder, monkeypatch):
    make_segments_small(monkeypatch)
    folder = tmp_path / "c"
    before = Collection.build(texts(), toy_encoder, folder)

    def stop(done, total):
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_collection(folder, toy_encoder, progress=stop)
    assert_equal(open_collection(folder, toy_encoder), before)
    encoded = []
    toy_encoder.embed_document = lambda text, *, progress=None: (
        encoded.append(text) or type(toy_encoder).embed_document(toy_encoder, text)
    )
    rebuild_collection(folder, toy_encoder)
    assert len(encoded) <= 14  # two more, to compare the encoders
    assert_equal(open_collection(folder, toy_encoder), before)


def test_a_rebuild_that_was_cut_off_does_not_bring_back_what_was_deleted(
    tmp_path, toy_encoder, monkeypatch
):
    make_segments_small(monkeypatch)
    folder = tmp_path / "c"
    collection = Collection.build(texts(), toy_encoder, folder)

    def stop(done, total):
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_collection(folder, toy_encoder, progress=stop)
    collection.delete("d3")
    assert_equal(rebuild_collection(folder, toy_encoder), collection)


def test_another_format_is_refused_by_name_and_can_be_rebuilt(tmp_path, toy_encoder):
    folder = tmp_path / "c"
    expected = Collection.build(texts(8), toy_encoder, folder)
    content = manifest.read_content(folder)["content"]
    (folder / "manifest.json").write_bytes(manifest._packed(7, "9.9", content | {"more": 1}))
    for use in (open_collection, lambda path: Collection.build(["a"], toy_encoder, path)):
        with pytest.raises(
            CollectionError, match=r"has format 7, written by colbert_explain 9\.9.*rebuild"
        ):
            use(folder)
    assert_equal(rebuild_collection(folder, toy_encoder), expected)
    (folder / "manifest.json").write_bytes(manifest._packed(7, "9.9", {"other": 1}))
    with pytest.raises(CollectionError, match=r"format 7.*whose texts this version cannot read"):
        rebuild_collection(folder, toy_encoder)


def test_another_encoder_is_refused_by_name(tmp_path, toy_encoder):
    folder = tmp_path / "c"
    Collection.build(texts(4), toy_encoder, folder)

    class Other(type(toy_encoder)):
        dim = 16

    other = open_collection(folder, Other())
    with pytest.raises(CollectionError, match=r"query must .* toy, got dim 16 instead of 32"):
        other.search("cats")
    with pytest.raises(CollectionError, match=r"document must .* toy, got dim 16 instead of 32"):
        other.add(["cats"])
    without = open_collection(folder)
    with pytest.raises(CollectionError, match=r"made with toy .*: pass the encoder that made it"):
        without.search("cats")
    hits = without.search(toy_encoder.embed_query("cats"), 1)
    assert without[hits.names[0]].text == hits.documents[0].text


def test_vectors_of_an_own_encoder_come_back(tmp_path):
    class Own:
        name, dim, document_length = "own", 2, 10

        def embed_query(self, text, *, progress=None):
            return self.embed_document(text)

        def embed_document(self, text, *, progress=None):
            tokens = (
                Token(None, "a", text[:1], 0, 1),
                Token(2**40, "b", "another name", 0, 1, "text", False, True, 3),
                Token(-7, "[X]", "[X]", None, None, "expansion"),
            )
            sequence = TokenSequence(text, tokens, 2, 1)
            return TokenEmbeddings(sequence, np.eye(2)[[0, 1, 0]], Provenance("own"))

    given = [("ü/..\n", "Grüße \U0001f600\n\x00 end"), ("b", "cats")]
    built = Collection.build(given, Own(), tmp_path / "c")
    assert_equal(open_collection(tmp_path / "c", Own()), Collection.build(given, Own()))
    assert [one.id for one in built] == ["ü/..\n", "b"]


def test_what_is_no_collection_is_left_alone(tmp_path, toy_encoder):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for path, said in {
        "file": "must name a folder, got the file",
        "full": r"which has mine\.txt$",
    }.items():
        with pytest.raises(CollectionError, match=said):
            Collection.build(["cats"], toy_encoder, tmp_path / path)
    for path in ("file", "full", "missing"):
        with pytest.raises(CollectionError, match=r"must name the folder .* no manifest\.json"):
            open_collection(tmp_path / path)
        with pytest.raises(CollectionError, match=r"must name the folder .* no manifest\.json"):
            rebuild_collection(tmp_path / path, toy_encoder)
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert not (tmp_path / "missing").exists()
    (tmp_path / "empty").mkdir()
    Collection.build(["cats"], toy_encoder, tmp_path / "empty")
    with pytest.raises(CollectionError, match="complete collection of 1 document: open it"):
        Collection.build(["cats"], toy_encoder, tmp_path / "empty")


def test_a_collection_that_was_moved_opens(tmp_path, toy_encoder):
    Collection.build(texts(4), toy_encoder, tmp_path / "c").close()
    shutil.move(tmp_path / "c", tmp_path / "d")
    read_all(open_collection(str(tmp_path / "d"), toy_encoder))
    assert json.loads((tmp_path / "d" / "manifest.json").read_text())["format"] == manifest.FORMAT
