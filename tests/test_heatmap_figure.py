import json

import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.views import heatmap
from colbert_explain.views.heatmap_layout import OPEN_WINDOW

TRACES = ["similarity", "not scored", "halo", "best match", "tie", "pinned"]


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


def test_tokens_that_are_not_scored_lie_under_a_veil(explanation):
    veil = heatmap(explanation).data[1]
    unscored = sum(not token.scored for token in [*explanation.query, *explanation.document])
    assert sum(x is None for x in veil.x) == unscored


def test_labels_name_every_token_by_its_position(explanation):
    layout = heatmap(explanation).layout
    assert layout.xaxis2.labelalias["1"] == "dogs"
    assert layout.yaxis2.labelalias["2"] == "eat"
    assert layout.xaxis2.labelalias["0"] == ('<span style="color:#767b82"><i>[CLS]</i></span>')
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
