import numpy as np

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest_tokens import (
    highest_similarities,
    most_similar,
    nearest_query_tokens,
)
from colbert_explain.explanation.scores import share_of
from colbert_explain.tokens import Token, TokenSequence
from tests.example_explanations import example


def explanation(rows, unscored=()):
    sides = [
        tuple(
            Token(0, c, c, 2 * k, 2 * k + 1, scored=(side, k) not in unscored)
            for k, c in enumerate("abcdefgh"[:n])
        )
        for side, n in (("query", len(rows)), ("document", len(rows[0])))
    ]
    query, document = (TokenSequence("a b c d e f g h", tokens) for tokens in sides)
    return Explanation(query, document, np.array(rows, np.float32), Provenance("hand-made"))


def test_the_most_similar_tokens_come_best_first_and_of_equals_the_first():
    values = [0.2, 0.5, 0.5 + 5e-6, 0.9, 0.5, 0.99]  # numbers that near are equal
    x = explanation([values], unscored=[("document", 5)])
    for k in (1, 2, 3, 9):
        assert most_similar(x, 0, k).tolist() == [3, 1, 2, 4, 0][:k], k


def test_query_tokens_that_are_equally_near_are_all_nearest():
    x = explanation([[0.5], [0.5 + 5e-6], [0.4], [0.9]], unscored=[("query", 3)])
    assert nearest_query_tokens(x, 0).tolist() == [0, 1]


def test_each_document_token_knows_the_query_tokens_that_are_nearest():
    x = example(12, 60, seed=3, unscored_from=50)
    highest = highest_similarities(x)
    rows = np.flatnonzero(x.query.scored_mask).tolist()
    for j, token in enumerate(x.document):
        values = {i: float(x.similarity[i, j]) for i in rows}
        best = max(values.values())
        assert highest[j] == (best if token.scored else -np.inf), j
        nearest = [i for i, value in values.items() if value >= best - 1e-5]
        assert nearest_query_tokens(x, j).tolist() == nearest, j


def test_a_score_that_is_not_above_zero_has_no_parts():
    assert share_of(1.0, 4.0) == 0.25
    assert share_of(-1.0, 4.0) == -0.25
    assert np.isnan([share_of(1.0, score) for score in (0.0, -2.0)]).all()
