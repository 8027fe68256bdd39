import pytest

from colbert_explain.search import Collection

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
