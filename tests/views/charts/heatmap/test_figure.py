import json
from dataclasses import replace

import numpy as np
import pytest

from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import TokenSequence
from colbert_explain.views import heatmap
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from colbert_explain.views.charts.heatmap.layout import OPEN_WINDOW
from colbert_explain.views.theme import DARK, LIGHT, contrast_ratio, ink_in_either_theme
from tests.example_explanations import EXAMPLES, example

TRACES = ["similarity", "not scored", "halo", "best match", "tie", "pinned", "numbers"]


def cells(trace):
    """The cells (query, document) that a path outlines, from its corner points."""
    points = [(x, y) for x, y in zip(trace.x, trace.y, strict=True) if x is not None]
    corners = [points[i : i + 5] for i in range(0, len(points), 5)]
    return {(round(c[0][1] + 0.5), round(c[0][0] + 0.5)) for c in corners}


@pytest.fixture
def explanation(toy_encoder):
    return explain("cats eat fish, zzz", "dogs eat <fish> $x$ eat, zzz", toy_encoder)


def test_the_matrix_is_drawn_as_it_is_on_the_fixed_centred_scale(explanation):
    figure = heatmap(explanation)
    assert [trace.name for trace in figure.data] == TRACES
    matrix = figure.data[0]
    np.testing.assert_array_equal(matrix.z, explanation.similarity)
    assert (matrix.zmin, matrix.zmid, matrix.zmax) == (-1, 0, 1)
    assert matrix.colorbar.title.text == "cosine similarity"


def test_framed_cells_hold_their_numbers_where_these_have_room(explanation):
    numbers = heatmap(explanation).data[6]
    scored = [i for i, token in enumerate(explanation.query) if token.scored]
    framed = [(i, int(explanation.winners(i)[0])) for i in scored]
    assert numbers.visible
    assert list(zip(numbers.y, numbers.x, strict=True)) == framed
    assert list(numbers.text) == [f"{explanation.similarity[cell]:.2f}" for cell in framed]
    assert not heatmap(example(6, 200)).data[6].visible


def test_the_numbers_can_be_read_in_both_themes():
    for similarity in np.linspace(-1, 1, 201):
        for theme in (LIGHT, DARK):
            ink, ground = ink_in_either_theme(similarity, theme), theme.cosine_colour(similarity)
            assert contrast_ratio(ink, ground) >= 3.5, similarity


def test_the_winner_of_every_scored_row_is_framed_and_ties_apart(explanation):
    figure = heatmap(explanation)
    scored = [i for i, token in enumerate(explanation.query) if token.scored]
    expected = {(i, int(j)) for i in scored for j in explanation.winners(i)}
    tied = {pair for pair in expected if explanation.tied[pair[0]]}
    assert cells(figure.data[4]) == tied
    assert len(tied) == 2  # "eat" occurs twice with the same vector
    assert cells(figure.data[3]) == expected - tied
    assert cells(figure.data[2]) == expected
    assert figure.data[4].line.dash


def covered(veil, shape):
    """The cells under a veil: middles that lie in one of its polygons, by crossings to the left."""
    polygons, current = [], []
    for x, y in [*zip(veil.x.tolist(), veil.y.tolist(), strict=True), (np.nan, np.nan)]:
        if np.isnan(x):
            polygons, current = [*polygons, current], []
        else:
            current.append((x, y))

    def inside(polygon, i, j):
        sides = zip(polygon, polygon[1:] + polygon[:1], strict=True)
        crossed = [x < j for (x, y), (_, other) in sides if min(y, other) <= i < max(y, other)]
        return sum(crossed) % 2 == 1

    return {
        (i, j)
        for i in range(shape[0])
        for j in range(shape[1])
        if any(inside(polygon, i, j) for polygon in polygons if polygon)
    }


@pytest.mark.parametrize("rows", ["all", "scored"])
def test_tokens_that_are_not_scored_lie_under_a_veil(explanation, rows):
    figure, places, _ = draw_heatmap(explanation, rows=rows)
    order = [i for (i,) in places.row_tokens]
    expected = {
        (row, j)
        for row, i in enumerate(order)
        for j, token in enumerate(explanation.document)
        if not (token.scored and explanation.query[i].scored)
    }
    shape = (len(order), len(explanation.document))
    assert covered(figure.data[1], shape) == expected
    assert figure.data[1].fillpattern.shape == "/"  # a pale cell could be a low similarity


def test_where_all_is_scored_there_is_no_veil():
    veil = heatmap(example(1, 1)).data[1]
    assert covered(veil, (1, 1)) == set()
    assert veil.showlegend is False


def test_labels_name_every_token_by_its_position(explanation):
    layout = heatmap(explanation).layout
    assert layout.xaxis2.labelalias["1"] == "dogs"
    assert layout.yaxis2.labelalias["2"] == "eat"
    assert layout.xaxis2.labelalias["0"] == (
        f'<span style="color:{LIGHT.unscored_ink}"><i>[CLS]</i></span>'
    )
    assert "best match: <b>eat</b> (token 2, tied with 1 other)" in layout.yaxis.labelalias["2"]
    assert "its best match" not in layout.yaxis.labelalias["0"]


def test_user_text_reaches_the_figure_escaped_everywhere(toy_encoder):
    hostile = '<img src=x onerror=alert(1)> "q" $x$ </script>'
    text = json.dumps(heatmap(explain(hostile, hostile, toy_encoder)).to_plotly_json(), default=str)
    assert "<img" not in text
    assert "</script" not in text
    assert "$x" not in text


def test_a_pinned_pair_is_framed(explanation):
    assert cells(heatmap(explanation, pinned=(2, 5)).data[5]) == {(2, 5)}
    assert cells(heatmap(explanation).data[5]) == set()


@pytest.mark.parametrize("pinned", [(-1, 0), (0, 99)])
def test_a_pair_outside_the_matrix_is_refused(explanation, pinned):
    with pytest.raises(ValueError, match=r"pinned must lie within 7 x 1\d tokens"):
        heatmap(explanation, pinned=pinned)


def test_title_and_foot_say_score_and_provenance(explanation):
    layout = heatmap(explanation).layout
    assert f"MaxSim score {explanation.score:.3f}" in layout.title.text
    foot = layout.annotations[0].text.replace("<br>", " ")
    assert "toy (a vector per word)" in foot
    assert "query: 7 tokens" in foot


def test_a_long_document_opens_on_its_evidence_with_few_labels(toy_encoder):
    toy_encoder.document_length = 500
    text = "dull " * 300 + "cats eat fish " + "dull " * 100
    x = explain("cats eat fish", text, toy_encoder)
    figure = heatmap(x)
    left, right = figure.layout.xaxis.range
    assert right - left == OPEN_WINDOW
    assert left < 301 < 303 < right
    assert figure.layout.xaxis2.range == figure.layout.xaxis.range
    assert figure.layout.xaxis2.dtick is None
    assert figure.layout.xaxis2.nticks <= 64
    assert figure.layout.xaxis2.labelalias["<b 301>"] == "cats"
    assert (figure.layout.xaxis.minallowed, figure.layout.xaxis.maxallowed) == (-0.5, 404.5)


def test_a_short_document_is_shown_whole_with_every_label(explanation):
    layout = heatmap(explanation).layout
    assert layout.xaxis2.dtick == 1
    assert layout.xaxis.range == (-0.5, len(explanation.document) - 0.5)


def test_strings_and_frames_grow_with_tokens_not_with_cells_or_ties(toy_encoder):
    toy_encoder.document_length = 10_000
    short = heatmap(explain("word", "word " * 2000, toy_encoder))
    tall = heatmap(explain("word " * 32, "word " * 2000, toy_encoder))
    extra_cells = 31 * 2002 * 4 * 4 / 3  # float32 as base64
    assert len(tall.to_json()) < len(short.to_json()) + extra_cells + 160_000


@pytest.mark.parametrize("rows", ["all", "text", "scored"])
@pytest.mark.parametrize("sort", ["text", "contribution"])
def test_frames_and_values_stay_with_their_rows(rows, sort):
    x = example(12, 40, seed=3)
    figure, places, _ = draw_heatmap(x, rows=rows, sort=sort)
    order = [i for (i,) in places.row_tokens]
    kept = {
        "all": lambda token: True,
        "text": lambda token: token.role == "text",
        "scored": lambda token: token.scored,
    }[rows]
    assert sorted(order) == [i for i, token in enumerate(x.query) if kept(token)]
    np.testing.assert_array_equal(figure.data[0].z, x.similarity[order])
    framed = {(order[row], column) for row, column in cells(figure.data[2])}
    assert framed == {(i, int(j)) for i in order for j in x.winners(i)}
    for row, i in enumerate(order):
        assert figure.layout.yaxis.labelalias[str(row)].split("<b>")[1].startswith(x.query[i].text)
    if sort == "contribution":
        values = [x.contributions[i] for i in order if x.query[i].scored]
        assert values == sorted(values, reverse=True)
        scored = [x.query[i].scored for i in order]
        assert scored == sorted(scored, reverse=True)
    else:
        assert order == sorted(order)


def test_the_title_says_what_hidden_rows_hold():
    x = example(**EXAMPLES["expansion"])
    title = heatmap(x, rows="text").layout.title.text
    text = [i for i, token in enumerate(x.query) if token.role == "text"]
    share = 100 * (1 - x.contributions[text].sum() / x.score)
    assert f"{x.contributions[text].sum():.3f} in view" in title
    assert f"23 rows hidden, which hold {share:.0f}% of the score" in title
    assert "hidden" not in heatmap(x).layout.title.text


def test_rows_that_are_not_scored_hide_nothing_of_the_score(explanation):
    title = heatmap(explanation, rows="scored").layout.title.text
    assert "4 rows hidden, which hold 0% of the score" in title


def test_a_pinned_pair_moves_with_its_row_and_goes_with_it(explanation):
    figure = heatmap(explanation, pinned=(2, 5), rows="scored", sort="contribution")
    (row,) = np.flatnonzero((figure.data[0].z == explanation.similarity[2]).all(axis=1))
    assert cells(figure.data[5]) == {(row, 5)}
    assert cells(heatmap(explanation, pinned=(0, 5), rows="scored").data[5]) == set()


def test_a_query_without_such_rows_is_refused():
    x = example(4, 4)
    tokens = tuple(replace(token, role="marker") for token in x.query)
    only_markers = Explanation(
        TokenSequence(x.query.text, tokens), x.document, x.similarity, x.provenance
    )
    with pytest.raises(ValueError, match="leave at least one query token to show, got 'text'"):
        heatmap(only_markers, rows="text")


@pytest.mark.parametrize(
    ("option", "choices"),
    [("rows", "all, text, scored"), ("sort", "text, contribution"), ("level", "token, word")],
)
def test_options_are_checked(explanation, unchecked, option, choices):
    with pytest.raises(ValueError, match=f"{option} must be one of {choices}, got 'other'"):
        heatmap(explanation, **{option: "other"})


def test_word_rows_hold_the_words_of_the_explanation():
    x = example(12, 40)
    words = x.words()
    figure = heatmap(x, level="word", pinned=(6, 20))
    np.testing.assert_array_equal(figure.data[0].z, words.similarity)
    assert cells(figure.data[2]) == {(i, int(j)) for i, j in enumerate(words.alignment) if j >= 0}
    assert "rows: query words, columns: document words" in figure.layout.title.text
    (row, column) = cells(figure.data[5]).pop()
    assert 6 in words.query[row].positions
    assert 20 in words.document[column].positions
    assert f"MaxSim score {x.score:.3f}" in figure.layout.title.text


def test_a_word_is_tied_where_its_strongest_piece_is(toy_encoder):
    figure = heatmap(explain("eat", "dogs eat fish eat", toy_encoder), level="word")
    assert cells(figure.data[4]) == {(1, 2), (1, 4)}
    assert "word 2, tied with 1 other" in figure.layout.yaxis.labelalias["1"]


def test_the_dark_theme_changes_every_colour(explanation):
    figure = heatmap(explanation, theme="dark", pinned=(1, 1))
    assert [tuple(step) for step in figure.data[0].colorscale] == DARK.cosine_scale
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == DARK.paper
    assert figure.layout.font.color == figure.layout.title.font.color == DARK.ink
    assert [trace.line.color for trace in figure.data[2:6]] == [
        DARK.halo,
        DARK.frame,
        DARK.frame,
        DARK.pinned,
    ]
    written = figure.to_json()
    for name in ("ink", "muted", "unscored_ink"):
        assert getattr(LIGHT, name) not in written


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("level", ["token", "word"])
def test_every_kind_of_explanation_is_drawn(kind, level):
    x = example(**EXAMPLES[kind])
    figure = heatmap(x, level=level, sort="contribution")
    drawn = figure.data[0].z
    left, right = figure.layout.xaxis.range
    assert -0.5 <= left < right <= drawn.shape[1] - 0.5
    framed = {row for row, _ in cells(figure.data[2])}
    assert framed == set(range(len(framed)))  # what is scored comes first


def test_pieces_of_one_character_can_be_told_apart(encoder):
    layout = heatmap(explain("각", "각 cat", encoder)).layout
    assert [layout.xaxis2.labelalias[str(j)] for j in (1, 2, 3)] == ["각 1/3", "각 2/3", "각 3/3"]
    assert "각 1/3" in layout.yaxis.labelalias["1"]


def test_a_long_figure_is_small_enough_to_share():
    assert len(heatmap(example(**EXAMPLES["32 x 8192"])).to_json()) < 2_500_000


def test_a_long_figure_spares_plotly_the_work_that_makes_a_zoom_slow():
    long, short = (heatmap(example(**EXAMPLES[kind])) for kind in ("32 x 8192", "12 x 14"))
    assert (long.data[0].xgap, long.data[0].ygap) == (0, 0)
    assert (short.data[0].xgap, short.data[0].ygap) == (1, 1)
    assert long.layout.xaxis.nticks == 2  # hidden
    assert not any((long.layout.xaxis.automargin, long.layout.xaxis2.automargin))
