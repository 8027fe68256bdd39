import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.views import contribution_chart


@pytest.fixture
def explanation(toy_encoder):
    return explain("cats eat fish, zzz", "dogs eat <fish> eat", toy_encoder)


def test_the_bars_add_up_to_the_score_in_the_title(explanation):
    figure = contribution_chart(explanation)
    bars, runners_up = figure.data
    assert sum(bars.x) == pytest.approx(explanation.score, abs=1e-5)
    assert f"{explanation.score:.3f}" in figure.layout.title.text
    assert len(runners_up.x) == len(bars.x) == len(explanation.query)


def test_a_bar_names_its_match_and_an_unscored_token_has_none(explanation):
    bars = contribution_chart(explanation).data[0]
    assert bars.text[0] == "not scored"
    assert bars.text[2] == "→ eat  1.000  (tie)"
    assert bars.text[3].startswith("→ fish")


def test_the_runner_up_is_the_best_other_token(explanation):
    runners_up = contribution_chart(explanation).data[1]
    frame = explanation.to_frame()
    np.testing.assert_array_equal(runners_up.x, frame["runner_up_similarity"])
    assert runners_up.customdata[2] == "eat"


def test_bars_and_marks_below_zero_lie_within_the_axis():
    from colbert_explain.embeddings import Provenance
    from colbert_explain.explanation import Explanation
    from colbert_explain.tokens import TokenSequence

    similarity = np.array([[0.5, -0.6], [-0.3, -0.2]], dtype=np.float32)
    one, other = (TokenSequence.from_strings(pair) for pair in (["a", "b"], ["c", "d"]))
    figure = contribution_chart(Explanation(one, other, similarity, Provenance("mine")))
    assert figure.layout.xaxis.range[0] < -0.6


def test_the_colour_scale_is_that_of_the_heatmap(explanation):
    marker = contribution_chart(explanation).data[0].marker
    assert (marker.cmin, marker.cmid, marker.cmax) == (-1, 0, 1)


def test_user_text_is_escaped(toy_encoder):
    figure = contribution_chart(explain("b <b> b", "x <i> $y$", toy_encoder))
    assert "<b>" not in "".join(figure.data[0].text)
    assert figure.layout.yaxis.labelalias["2"] == '<span style="color:#767b82">&lt;</span>'
