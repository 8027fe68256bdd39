from dataclasses import replace

import pytest

from colbert_explain.app.sections.comparison import comparison
from colbert_explain.explanation import Explanation, explain

NAMES = ("one\n", "two")


def test_two_documents_of_a_query_are_compared_word_by_word(toy_encoder):
    one, other = (explain("cats eat", text, toy_encoder) for text in ("cats sleep", "dogs eat"))
    found = comparison(one, other, NAMES)
    assert "note" not in found
    assert sum(row["difference"] for row in found["rows"]) == pytest.approx(
        one.score - other.score, abs=0.01
    )


def test_other_queries_and_other_models_are_not(toy_encoder):
    one = explain("cats eat", "cats sleep", toy_encoder)
    other_query = explain("cats", "cats sleep", toy_encoder)
    other_model = Explanation(
        one.query, one.document, one.similarity, replace(one.provenance, model="another")
    )
    for other, reason in ((other_query, "different queries"), (other_model, "different models")):
        found = comparison(one, other, NAMES)
        assert reason in found["note"]
        assert found["rows"] == []
        assert found["scores"] == [one.score, other.score]
        assert found["names"] == ["one ", "two"]
