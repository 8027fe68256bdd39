import numpy as np
import pytest

from colbert_explain.explanation import Explanation, explain
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from tests.example_explanations import example

LONG = example(12, 400, seed=7)


def places_of(x, **options):
    return draw_heatmap(x, **options)[:2]


@pytest.mark.parametrize("rows", ["all", "text", "scored"])
@pytest.mark.parametrize("sort", ["text", "contribution"])
def test_a_cell_is_the_pair_whose_value_it_shows(rows, sort):
    figure, places = places_of(LONG, rows=rows, sort=sort)
    for row in range(len(figure.data[0].z)):
        for column in (0, 17, 399):
            i, j = places.pair(row, column)
            assert figure.data[0].z[row, column] == LONG.similarity[i, j]
            assert places.cell((i, j)) == (row, column)


def test_a_cell_of_words_is_its_best_pair_of_pieces_that_are_scored(toy_encoder):
    _, places = places_of(LONG, level="word", sort="contribution")
    for row, pieces in enumerate(places.row_tokens):
        for column in (0, 9, 100):
            i, j = places.pair(row, column)
            held = places.column_tokens[column]
            assert (i in pieces, j in held) == (True, True)
            scored = [
                LONG.similarity[p, q]
                for p in pieces
                for q in held
                if LONG.query[p].scored and LONG.document[q].scored
            ]
            if scored:
                assert LONG.similarity[i, j] == max(scored)
            assert places.cell((i, j)) == (row, column)


def test_the_point_of_a_number_is_never_its_best_piece(toy_encoder):
    x = explain("3.5 t", "cats 3.5 t", toy_encoder)
    similarity = 0.5 * x.similarity
    (i,) = (k for k, token in enumerate(x.query) if token.text == ".")
    (j,) = (k for k, token in enumerate(x.document) if token.text == ".")
    similarity[i, :] = similarity[:, j] = 0.9  # not scored, however alike
    x = Explanation(x.query, x.document, similarity, x.provenance)
    _, places = places_of(x, level="word")
    row, column = places.cell((i, j))
    best = places.pair(row, column)
    assert best == (i - 1, j - 1)
    assert x.query[best[0]].text == x.document[best[1]].text == "3"


def test_what_is_not_there_is_nowhere():
    _, places = places_of(LONG, rows="scored")
    assert places.pair(40, 0) is None
    assert places.pair(0, 400) is None
    assert places.pair(-1, 0) is None
    hidden = int(np.flatnonzero(~LONG.query.scored_mask)[0])
    assert places.cell((hidden, 0)) is None
