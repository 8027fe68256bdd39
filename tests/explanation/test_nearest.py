import numpy as np

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest import (
    highest_similarities,
    most_similar,
    nearest_query_tokens,
)
from colbert_explain.explanation.scores import share_of
from tests.example_explanations import example


def test_the_most_similar_tokens_come_best_first_and_of_equals_the_first():
    x = example(3, 5)
    row = next(i for i, token in enumerate(x.query) if token.scored)
    similarity = x.similarity.copy()
    similarity[row] = [0.2, 0.5, 0.5 + 5e-6, 0.9, 0.5]  # numbers that near are equal
    x = Explanation(x.query, x.document, similarity, x.provenance)
    scored = np.flatnonzero(x.document.scored_mask).tolist()
    expected = [j for j in (3, 1, 2, 4, 0) if j in scored]
    for k in (1, 2, 3, 9):
        assert most_similar(x, row, k).tolist() == expected[:k], k


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
