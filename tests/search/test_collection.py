from dataclasses import replace

import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.search import Collection, CollectionError, open_collection
from colbert_explain.search.encoding import encoder_of
from colbert_explain.search.first_stage import shared_words

TEXTS = {"fish": "cats eat fish", "bark": "dogs bark", "rain": "it rains in spain"}


@pytest.fixture
def collection(toy_encoder):
    return Collection.build(TEXTS, toy_encoder)


def test_a_search_is_a_ranking_best_first(collection):
    hits = collection.search("what do cats eat", 2)
    assert hits.names[0] == "fish"
    assert hits.order.tolist() == [0, 1]
    assert hits.explanations[0].score == pytest.approx(float(hits.scores[0]), abs=1e-5)
    assert hits.contrast(0, 1).score_difference > 0
    assert hits.documents[0].text == TEXTS["fish"]
    assert list(hits.to_frame()["difference"]) == pytest.approx([0, 0], abs=1e-5)


def test_what_cannot_be_read_is_listed(toy_encoder):
    collection = Collection.build(
        [("a", "cats"), ("b", " "), ("a", "dogs"), ("c", None)], toy_encoder
    )
    assert len(collection) == 1
    assert [one.position for one in collection.left_out] == [1, 2, 3]


def test_a_first_stage_chooses_what_is_scored(collection):
    hits = collection.search("dogs", 3, first_stage="bm25")
    assert list(hits.names) == ["bark"]
    assert hits.n_scored == 1
    hits = collection.search("dogs", 3, first_stage="pooled", candidates=3)
    assert hits.names[0] == "bark"
    with pytest.raises(ValueError, match="none of 3 documents holds a word of the query"):
        collection.search("tractors", first_stage="bm25")


def test_a_path_an_address_a_name_and_a_compression_must_fit(toy_encoder):
    for arguments, said in {
        (("compression", "int8"),): "compression must be None without a path",
        (("compression", "zip"), ("path", "c")): "compression must be one of map, int8",
        (("name", "news"),): "name must be None unless path is the address",
        (("name", "news"), ("path", "c")): "name must be None unless path is the address",
        (("path", "http://localhost:1"),): "name must say what the collection is called",
        (("path", 3),): "path must be a path, got 3",
        (("path", "ftp://localhost/c"),): "an address that begins with http:// or https://, got f",
    }.items():
        with pytest.raises(ValueError, match=said):
            Collection.build(TEXTS, toy_encoder, **dict(arguments))
    with pytest.raises(ValueError, match="name must say what the collection is called"):
        open_collection("https://localhost:1")


def test_another_model_is_refused_in_memory_too(collection):
    from tests.conftest import ToyEncoder

    class Other(ToyEncoder):
        dim = 16

    with pytest.raises(CollectionError, match="got dim 16 instead of 32"):
        collection.search(Other().embed_query("cats"))


def test_a_collection_of_the_bundled_encoder_opens_with_its_layers(tmp_path):
    from colbert_explain.encoders import load_encoder

    for layers in ((3, 6), (6,)):
        folder = tmp_path / str(len(layers))
        with Collection.build(TEXTS, load_encoder(layers=layers), folder) as built:
            expected = built.search("what do cats eat")
        with open_collection(folder) as opened:
            hits = opened.search("what do cats eat")
        assert hits.names == expected.names
        assert list(hits.scores) == list(expected.scores)
        assert hits.query_embeddings.provenance.layers == layers


def test_a_collection_of_the_bundled_encoder_opens_with_its_lengths_and_takes_no_others(tmp_path):
    from colbert_explain.encoders import load_encoder

    for lengths in ({"document_length": 6}, {"query_length": 5, "document_length": 20}):
        folder = tmp_path / str(len(lengths))
        Collection.build(TEXTS, load_encoder(**lengths), folder).close()
        with open_collection(folder) as opened:
            opened.add({"long": "cats and dogs eat fish " * 9})
            assert len(opened.embeddings("long").embeddings.tokens) == lengths["document_length"]
            hits = opened.search("what do cats eat")
            assert hits.query_embeddings.provenance.settings == {
                name: str(length) for name, length in lengths.items()
            }
        with (
            open_collection(folder, load_encoder()) as opened,
            pytest.raises(CollectionError, match=r"got setting \w+_length none instead of "),
        ):
            opened.add({"more": "cats"})


def test_the_error_of_a_collection_says_how_its_encoder_is_loaded():
    of_folder = Provenance("toy", sha256="0" * 64, overridden={"query_length": 16, "x": 1})
    of_hub = Provenance("someone/toy", sha256="0" * 64, revision="12ab")
    for made_by, says in (
        (Provenance("toy"), "pass the encoder that made it, or search"),
        (
            of_folder,
            "pass encoder=ce.load_encoder(FOLDER, query_length=16), where FOLDER is the path of "
            "the folder 'toy', or search",
        ),
        (replace(of_folder, dtype="bfloat16"), "(FOLDER, query_length=16, dtype='bfloat16')"),
        (of_hub, "encoder=ce.load_encoder('someone/toy', revision='12ab'), or search"),
    ):
        with pytest.raises(CollectionError) as refused:
            encoder_of(made_by)
        assert says in str(refused.value), says


def test_sentences_name_what_was_given(collection, toy_encoder):
    for use, said in (
        (lambda: Collection.build([], toy_encoder), "one text that can be read, got none"),
        (lambda: collection.delete(None), "ids must be a list, got None"),
        (lambda: collection.search("cats", where={"year": {"gt": 1}}), "or both, got 'gt'"),
        (lambda: collection.search("cats", where={"year": {}}), "or both, got neither"),
    ):
        with pytest.raises(ValueError, match=said):
            pytest.fail(f"{said}: {use()}")


def test_an_id_of_no_document_is_named_in_a_sentence(collection):
    for use, argument in (
        (lambda: collection.delete("nope"), "ids"),
        (lambda: collection.delete([next(iter(collection)).id, "nope"]), "ids"),
        (lambda: collection["nope"], "id"),
        (lambda: collection.embeddings("nope"), "id"),
    ):
        n = len(collection)
        for kind in (CollectionError, KeyError):
            with pytest.raises(kind) as caught:
                use()
            said = f"{argument} must belong to a document of the collection, got 'nope'"
            assert str(caught.value) == said
        assert len(collection) == n
    with pytest.raises(CollectionError, match="got 5"):
        collection.delete([5])


def test_bm25_shares_words_by_their_stems_and_leaves_out_stop_words():
    assert shared_words(["the", "cats", "Retry-After", "snow"], "The cat must retry.") == [
        "cats",
        "Retry-After",
    ]
    assert shared_words(["to", "be"], "To be or not to be") == []
