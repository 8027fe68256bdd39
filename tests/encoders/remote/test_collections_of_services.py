"""A collection asks a service for many documents in one request."""

import pytest

import colbert_explain as ce
from colbert_explain.search import Collection, open_collection
from tests.search.on_disk.made_collections import assert_equal, texts

PATHS = {ce.JinaEncoder: "/v1/multi-vector", ce.VllmEncoder: "/pooling"}


def n_inputs(service, encoder):
    """Return how many texts each request had."""
    return [len(body["input"]) for body in service.bodies(PATHS[type(encoder)])]


class OneByOne:
    """The same encoder, which cannot read many together."""

    def __init__(self, encoder):
        self.provenance = encoder.provenance
        self.embed_query, self.embed_document = encoder.embed_query, encoder.embed_document


def test_one_request_carries_as_many_documents_as_the_encoder_reads_together(
    make,
    service,
    caplog,
):
    for kind in PATHS:
        encoder = make(kind, batch_size=10)
        encoder.embed_query("cats")  # so that the number of dimensions is known
        service.seen.clear()
        seen = []
        found = Collection.build(texts(), encoder, progress=lambda *at, s=seen: s.append(at))
        assert n_inputs(service, encoder) == [10, 10, 4]
        assert sorted(set(seen)) == [(done, 24) for done in range(25)]
        assert seen == sorted(seen)
        assert_equal(found, Collection.build(texts(), OneByOne(encoder)))
    assert "documents are sent" not in caplog.text  # once is enough: where texts are sent


def test_each_text_that_is_refused_is_listed_and_the_others_go_on(encoder, service):
    service.refused = "secret"
    documents = [("a", "cats"), ("b", "a secret"), ("c", " "), ("a", "dogs"), ("d", "snow")]
    collection = Collection.build(documents, encoder)
    assert [one.id for one in collection] == ["a", "d"]
    left_out = [(one.position, one.name) for one in collection.left_out]
    assert left_out == [(1, "b"), (2, "c"), (3, "a")]
    assert "text is too long" in collection.left_out[0].reason
    with pytest.raises(ValueError, match=r"^b: .* refuses what it was sent"):
        Collection.build(documents, encoder, on_unreadable="raise")


def test_the_second_of_two_with_one_id_is_read_if_the_first_is_refused(encoder, service):
    service.refused = "secret"
    collection = Collection.build([("a", "a secret"), ("a", "cats")], encoder)
    assert [one.text for one in collection] == ["cats"]
    assert [one.position for one in collection.left_out] == [0]


def test_a_build_that_was_cut_off_sends_only_what_is_not_there(
    make,
    service,
    tmp_path,
):
    for kind in PATHS:
        folder = tmp_path / kind.__name__
        encoder = make(kind, batch_size=5)
        service.change = refusing_after(service, PATHS[kind], 3)
        with pytest.raises(ce.RemoteError):
            Collection.build(texts(), encoder, folder)
        service.change = lambda path, answer: answer
        service.seen.clear()
        continued = Collection.build(texts(), make(kind, batch_size=5), folder)
        assert sum(n_inputs(service, encoder)) == 24 - 15
        assert_equal(open_collection(folder, encoder), continued)
        assert_equal(continued, Collection.build(texts(), encoder))


def refusing_after(service, path, n):
    """Return a change of answers: after ``n`` of a path, none can be used."""

    def change(asked, answer):
        return {} if asked == path and len(service.bodies(path)) > n else answer

    service.seen.clear()
    return change
