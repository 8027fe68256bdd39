import numpy as np
import pytest

from colbert_explain.explanation import Explanation
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import heatmap
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from colbert_explain.views.theme import DARK
from tests.app.conftest import LONG, show
from tests.example_explanations import example


def test_one_figure_widget_shows_one_explanation_after_another(panel, toy_encoder):
    show(panel, "cats eat", "dogs eat fish", toy_encoder)
    first = panel.figure
    x = show(panel, "a much longer query than before", "cats", toy_encoder)
    assert panel.figure is first
    np.testing.assert_array_equal(first.data[0].z, x.similarity)
    fresh = heatmap(x)
    for shown, new in zip(first.data, fresh.data, strict=True):
        assert (shown.name, shown.showlegend) == (new.name, new.showlegend)
        for axis in "xy":
            left, right = getattr(shown, axis), getattr(new, axis)
            same = [None if side is None else np.array(side, dtype=float) for side in (left, right)]
            np.testing.assert_array_equal(*same)
    layout = first.layout.to_plotly_json()
    assert layout.pop("autosize") is True
    assert layout == fresh.layout.to_plotly_json()


def test_a_short_document_has_no_strip_a_long_one_shows_where_the_heatmap_is(panel, long_encoder):
    show(panel, "cats", "dogs eat fish", long_encoder)
    assert panel.heatmap.strip.contents == {}
    x = show(panel, "cats eat", LONG, long_encoder)
    assert panel.heatmap.strip.contents["n_tokens"] == len(x.document)
    left, right = panel.figure.layout.xaxis.range
    assert panel.heatmap.strip.part == (left + 0.5, right + 0.5)
    assert panel.heatmap.strip.part[0] < x.alignment[1] < panel.heatmap.strip.part[1]


def test_the_strip_moves_the_heatmap_and_the_heatmap_the_strip(panel, long_encoder):
    show(panel, "cats eat", LONG, long_encoder)
    panel.heatmap.strip._receive(None, {"event": "move", "middle": 100}, [])
    assert tuple(panel.figure.layout.xaxis.range) == (81.5, 117.5)
    assert tuple(panel.figure.layout.xaxis2.range) == (81.5, 117.5)
    assert panel.heatmap.strip.part == (82, 118)
    assert panel.pinned is None
    panel.figure.layout.xaxis.range = [9.5, 19.5]  # as a reader who zooms does
    assert panel.heatmap.strip.part == (10, 20)
    panel.heatmap.strip._receive(None, {"event": "move", "middle": -1e9}, [])
    assert panel.heatmap.strip.part == (0, 10)


def test_a_passage_is_shown_and_outlined_and_nothing_is_pinned(panel, long_encoder):
    x = show(panel, "cats eat fish", LONG, long_encoder)
    best = panel.passages.passages[0]
    assert best["text"] == "Cats eat fish."
    panel.go_to(3, 9)
    panel.go_to(best["first"], best["stop"])
    left, right = panel.figure.layout.xaxis.range
    assert left < best["first"] < best["stop"] - 1 < right
    (outline,) = panel.figure.layout.shapes
    assert (outline.x0, outline.x1) == (best["first"] - 0.5, best["stop"] - 0.5)
    assert panel.passages.picked == best["first"]
    assert panel.pinned is None
    assert panel.bar.pinned == ""
    panel.go_to(5, len(x.document) + 9)  # of another document
    assert panel.passages.picked == best["first"]
    show(panel, "cats", "dogs", long_encoder)
    assert panel.figure.layout.shapes == ()
    assert panel.passages.picked == -1


def test_choices_draw_again_in_place_and_keep_the_part_in_view(panel, long_encoder):
    x = show(panel, "cats eat 3.5 fish", LONG + " 3.5 t", long_encoder)
    figure = panel.figure
    panel.heatmap.strip._receive(None, {"event": "move", "middle": 100}, [])
    before = panel.heatmap.strip.part
    panel.heatmap.controls.level = "word"
    assert panel.figure is figure
    assert figure.data[0].z.shape == x.words().similarity.shape
    assert panel.heatmap.strip.part == pytest.approx(before)
    panel.heatmap.controls.rows = "scored"
    assert "rows hidden" in figure.layout.title.text
    panel.heatmap.controls.sort = "contribution"
    assert panel.heatmap.strip.part == pytest.approx(before)
    fresh = heatmap(x, level="word", rows="scored", sort="contribution")
    np.testing.assert_array_equal(figure.data[0].z, fresh.data[0].z)


class Points:
    def __init__(self, row, column):
        self.ys, self.xs = [row], [column]


def test_a_click_pins_the_pair_it_shows_whatever_the_order(panel, toy_encoder):
    x = show(panel, "dogs eat cats 3.5", "fish 3.5 cats eat", toy_encoder)
    panel.heatmap.controls.sort = "contribution"
    panel.heatmap.controls.rows = "scored"
    figure = panel.figure
    for row in range(len(figure.data[0].z)):
        panel.heatmap._clicked(None, Points(row, 4), None)
        i, j = panel.pinned
        assert figure.data[0].z[row, 4] == x.similarity[i, j]
        assert set(figure.data[5].y) - {None} == {row - 0.5, row + 0.5}
    pinned = panel.pinned
    panel.heatmap.controls.level = "word"  # stays pinned
    assert panel.pinned == pinned
    assert figure.data[5].x[0] is not None
    words = [word.positions for word in x.words().query]
    panel.heatmap._clicked(None, Points(0, 2), None)
    assert any(panel.pinned[0] in positions for positions in words)
    assert x.document[panel.pinned[1]].text in "3.5"
    panel.heatmap._clicked(None, Points(99, 2), None)


def test_a_pinned_row_that_is_hidden_stays_outlined_in_the_text(panel, toy_encoder):
    show(panel, "cats eat", "dogs eat fish", toy_encoder)
    panel.pin(0, 2)
    panel.heatmap.controls.rows = "text"
    assert [v for v in panel.figure.data[5].x if v is not None] == []
    assert "Pinned: query token 0" in panel.bar.pinned
    panel.heatmap.controls.rows = "all"
    assert panel.figure.data[5].x[0] == 1.5


def test_the_theme_draws_again(panel, long_encoder):
    show(panel, "cats eat", LONG, long_encoder)
    panel.theme = "dark"
    assert panel.figure.layout.paper_bgcolor == DARK.paper
    assert panel.heatmap.strip.contents["frame"] == DARK.frame
    panel.pin(1, 3)
    assert panel.figure.data[5].line.color == DARK.pinned


def test_a_figure_drawn_with_other_choices_is_drawn_again(panel, toy_encoder):
    panel.heatmap.controls.level = "word"
    x = show(panel, "cats 3.5", "dogs 3.5", toy_encoder)
    assert panel.figure.data[0].z.shape == x.words().similarity.shape


def test_a_choice_that_leaves_no_row_is_said_and_changes_nothing(panel):
    tokens = example(1, 5)
    hidden = Token(1, "[CLS]", "[CLS]", None, None, "special")
    x = Explanation(
        TokenSequence("", (hidden,)), tokens.document, tokens.similarity, tokens.provenance
    )
    panel.show(x, draw_heatmap(x))
    panel.heatmap.controls.rows = "text"
    assert (
        panel.heatmap.controls.problem
        == "Rows must leave at least one query token to show, got 'text'."
    )
    assert panel.figure.data[0].z.shape == (1, 5)
    panel.heatmap.controls.rows = "scored"
    assert panel.heatmap.controls.problem == ""
