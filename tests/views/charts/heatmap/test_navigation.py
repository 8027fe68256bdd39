import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("level", ["token", "word"])
@given(ends=st.tuples(st.floats(0, 400), st.floats(0, 400)))
def test_axis_and_part_of_the_document_are_each_others_inverse(level, ends):
    _, places = places_of_long[level]
    part = min(ends), max(ends)
    assert places.part(places.axis(part)) == pytest.approx(part, abs=1e-6)


places_of_long = {level: places_of(LONG, level=level) for level in ("token", "word")}


def test_parts_are_counted_in_tokens():
    _, tokens = places_of_long["token"]
    assert tokens.part((9.5, 19.5)) == (10, 20)
    assert tokens.part((-0.5, 399.5)) == (0, 400)
    _, words = places_of_long["word"]
    column = next(k for k, held in enumerate(words.column_tokens) if len(held) == 2)
    first, second = words.column_tokens[column]
    assert words.part((column - 0.5, column + 0.5)) == (first, second + 1)
    assert words.axis((float(first), float(second))) == pytest.approx((column - 0.5, column))


@given(
    middle=st.floats(-50, 450),
    left=st.floats(-0.5, 300),
    width=st.floats(2, 90),
    grow=st.floats(0, 9),
)
def test_a_moved_view_keeps_its_width_stays_inside_and_shows_the_part(middle, left, width, grow):
    _, places = places_of_long["token"]
    start, stop = places.moved_to((middle, middle + grow), (left, left + width))
    assert stop - start == pytest.approx(width)
    assert -0.5 - 1e-9 <= start <= stop <= 399.5 + 1e-9
    if grow <= width:
        wanted = np.clip([middle, middle + grow], 0, 400) - 0.5
        assert start - 1e-6 <= wanted[0] <= wanted[1] <= stop + 1e-6


def test_a_longer_part_is_shown_from_its_beginning():
    _, places = places_of_long["token"]
    assert places.moved_to((100.0, 300.0), (0.0, 40.0)) == (99.5, 139.5)


def test_a_sentence_of_odd_length_cuts_no_column_in_two():
    _, places = places_of_long["token"]
    assert places.moved_to((100.0, 109.0), (0.5, 36.5)) == (85.5, 121.5)
    assert places.moved_to((100.0, 136.0), (0.5, 36.5)) == (99.5, 135.5)


def test_a_view_of_everything_narrows_and_a_short_document_stays():
    _, places = places_of_long["token"]
    start, stop = places.moved_to((200.0, 200.0), (-0.5, 399.5))
    assert (start, stop) == (181.5, 217.5)
    _, short = places_of(example(4, 60))
    assert short.shown_whole
    assert short.moved_to((50.0, 52.0), (-0.5, 59.5)) == (-0.5, 59.5)
