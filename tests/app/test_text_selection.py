import pytest

from colbert_explain.app.text_selection import passage_at, picked_pair
from colbert_explain.explanation import explain


@pytest.fixture
def x(toy_encoder):
    return explain("cats eat, fish eat", "dogs eat fish and eat", toy_encoder)


def test_a_query_word_stands_for_its_best_match(x):
    assert picked_pair(x, "query", [2], None) == (2, 2)
    assert picked_pair(x, "query", [0], None) is None  # [CLS] is not scored
    assert picked_pair(x, "query", [99], None) is None


def test_a_document_word_stands_for_the_query_tokens_that_chose_it_one_after_the_other(x):
    first = picked_pair(x, "document", [2], None)
    second = picked_pair(x, "document", [2], first)
    assert {first, second} == {(2, 2), (5, 2)}
    assert picked_pair(x, "document", [2], second) == first
    assert picked_pair(x, "document", [3], None) == (4, 3)
    assert picked_pair(x, "document", [4], None) in (None, (1, 4))


def test_the_sentence_of_a_pair_is_found():
    passages = [{"first": 7, "stop": 9}, {"first": 1, "stop": 4}]
    assert passage_at(passages, (0, 8)) == 7
    assert passage_at(passages, (0, 3)) == 1
    assert passage_at(passages, (0, 5)) == -1
    assert passage_at(passages, None) == -1
