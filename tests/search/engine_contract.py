"""What every engine must do; the tests of an engine subclass `EngineContract`."""

from __future__ import annotations

import numpy as np
import pytest

from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Engine
from colbert_explain.similarity import maxsim_scores

TEXTS = {
    "fish": "Cats eat fish .",
    "bark": "Dogs bark at night .",
    "rain": "It rains in Spain .",
    "milk": "Cats drink milk , cats do .",
    "copy": "Cats eat fish .",
}
YEARS = {"fish": 2001, "bark": 2002, "rain": 2003, "milk": 2004, "copy": 2005}


class EngineContract:
    """Tests of an engine; a subclass has a fixture ``engine``, which is empty."""

    @pytest.fixture
    def encoded(self, toy_encoder):
        return {
            id_: EncodedDocument(
                Document(id_, text, {"year": YEARS[id_], "cats": "ats" in text}),
                toy_encoder.embed_document(text),
            )
            for id_, text in TEXTS.items()
        }

    @pytest.fixture
    def filled(self, engine, encoded):
        engine.add(iter(encoded.values()))
        return engine

    @pytest.fixture
    def query(self, toy_encoder):
        found = toy_encoder.embed_query("Cats eat fish ?")
        return found.vectors[found.tokens.scored_mask]

    def test_it_is_an_engine(self, engine):
        assert isinstance(engine, Engine)

    def test_an_empty_engine_finds_nothing(self, engine, query):
        assert len(engine) == 0
        assert list(engine.documents()) == []
        assert engine.search(query, 3) == []
        assert engine.search_pooled(query[0], 3) == []

    def test_what_was_added_comes_back_whole(self, filled, encoded):
        assert len(filled) == len(TEXTS)
        assert list(filled.documents()) == [one.document for one in encoded.values()]
        for found, given in zip(
            filled.fetch(["milk", "fish"]), [encoded["milk"], encoded["fish"]], strict=True
        ):
            assert found.document == given.document
            assert found.embeddings.tokens == given.embeddings.tokens
            assert np.array_equal(found.embeddings.vectors, given.embeddings.vectors)
            assert found.embeddings.provenance == given.embeddings.provenance

    def test_scores_are_maxsim_and_equals_keep_the_order_of_adding(self, filled, encoded, query):
        given = [one.embeddings for one in encoded.values()]
        expected = dict(zip(TEXTS, maxsim_scores(query, given).tolist(), strict=True))
        found = filled.search(query, 5)
        assert [one.id for one in found][:2] == ["fish", "copy"]
        assert [one.place for one in found][:2] == [0, 4]
        assert sorted((one.id for one in found), key=list(TEXTS).index) == list(TEXTS)
        for one in found:
            assert one.score == pytest.approx(expected[one.id], abs=1e-5 if filled.is_exact else 1)
        exact = filled.exact_scores(query, list(TEXTS))
        np.testing.assert_allclose(exact, list(expected.values()), atol=1e-5)

    def test_fewer_are_found_if_fewer_are_asked_for_or_allowed(self, filled, query):
        assert [one.id for one in filled.search(query, 1)] == ["fish"]
        assert {one.id for one in filled.search(query, 9, among=["rain", "bark"])} == {
            "rain",
            "bark",
        }
        assert filled.search(query, 9, among=[]) == []

    def test_filters(self, filled, query):
        for where, expected in {
            (("year", 2004),): {"milk"},
            (("year", (2002, 2003)),): {"bark", "rain"},
            (("cats", True),): {"fish", "milk", "copy"},
            (("cats", False), ("year", (("min", 2003),))): {"rain"},
            (("month", 1),): set(),
        }.items():
            asked = {
                name: dict(wanted)
                if isinstance(wanted, tuple) and isinstance(wanted[0], tuple)
                else list(wanted)
                if isinstance(wanted, tuple)
                else wanted
                for name, wanted in where
            }
            for found in (
                filled.search(query, 9, where=asked),
                filled.search(query, 9, among=list(TEXTS), where=asked),
                filled.search_pooled(query[0], 9, where=asked),
            ):
                assert {one.id for one in found} == expected, asked

    def test_what_was_deleted_is_not_found_and_its_id_is_free(self, filled, encoded, query):
        filled.delete({"fish", "rain"})
        assert len(filled) == 3
        assert "fish" not in filled
        assert [document.id for document in filled.documents()] == ["bark", "milk", "copy"]
        assert {one.id for one in filled.search(query, 9)} == {"bark", "milk", "copy"}
        assert {one.id for one in filled.search_pooled(query[0], 9)} == {"bark", "milk", "copy"}
        filled.add([encoded["fish"]])
        assert [document.id for document in filled.documents()] == ["bark", "milk", "copy", "fish"]
        best = filled.search(query, 2)
        assert [one.id for one in best] == ["copy", "fish"]  # the order in which they were added
        assert best[1].place == 5
        assert filled.fetch(["fish"])[0].document == encoded["fish"].document

    def test_documents_added_one_by_one_are_found_as_if_added_together(
        self, engine, encoded, query
    ):
        for one in encoded.values():
            engine.add([one])
        assert [one.id for one in engine.search(query, 2)] == ["fish", "copy"]
        assert [document.id for document in engine.documents()] == list(TEXTS)

    def test_the_pooled_vector_is_the_mean_of_the_scored_vectors(self, filled, encoded, query):
        pooled = query.mean(axis=0) / np.linalg.norm(query.mean(axis=0))
        for found in filled.search_pooled(pooled, 5):
            embedded = encoded[found.id].embeddings
            mean = embedded.vectors[embedded.tokens.scored_mask].mean(axis=0)
            assert found.score == pytest.approx(
                float(pooled @ mean / np.linalg.norm(mean)), abs=1e-5
            )

    def test_an_error_of_the_reader_leaves_what_was_added_before(self, filled, encoded, query):
        def broken():
            raise ValueError("unreadable")
            yield

        with pytest.raises(ValueError, match="unreadable"):
            filled.add(broken())
        assert len(filled) == len(TEXTS)
        assert [one.id for one in filled.search(query, 1)] == ["fish"]
