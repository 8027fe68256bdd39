import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.views import compare_heatmaps, heatmap
from colbert_explain.views.theme import DARK
from tests.example_explanations import EXAMPLES, example


@pytest.fixture
def explanations(toy_encoder):
    texts = ("cats eat fish", "<dogs> sleep", "cats sleep, fish eat", "cats")
    return [explain("cats eat fish", text, toy_encoder) for text in texts]


def test_all_lie_on_one_scale_with_one_key(explanations):
    figure = compare_heatmaps(explanations)
    heats = [trace for trace in figure.data if trace.name == "similarity"]
    for heat, x in zip(heats, explanations, strict=True):
        np.testing.assert_array_equal(heat.z, x.similarity)
        assert heat.coloraxis == "coloraxis"
        assert heat.zmin is None
    scale = figure.layout.coloraxis
    assert (scale.cmin, scale.cmid, scale.cmax) == (-1, 0, 1)
    assert scale.colorbar.title.text == "cosine similarity"


def test_titles_are_names_and_scores(explanations):
    shown = [note.text for note in compare_heatmaps(explanations).layout.annotations[1:]]
    assert shown[0] == f"<b>{explanations[0].score:.3f}</b>  cats eat fish"
    assert shown[1].endswith("&lt;dogs&gt; sleep")
    named = compare_heatmaps(explanations[:2], names=["one", "two"]).layout.annotations[1:]
    assert [note.text.split("  ")[1] for note in named] == ["one", "two"]


def test_frames_are_those_of_each_heatmap(explanations):
    figure = compare_heatmaps(explanations)
    for k, x in enumerate(explanations):
        alone = heatmap(x)
        for own, single in zip(figure.data[5 * k : 5 * k + 5], alone.data, strict=False):
            assert own.name == single.name
            if own.name != "similarity":
                for one, other in ((own.x, single.x), (own.y, single.y)):
                    assert np.array_equal(
                        np.array(one, dtype=float), np.array(other, dtype=float), equal_nan=True
                    )
                assert (own.xaxis, own.yaxis) == (f"x{2 * k + 2}", f"y{2 * k + 2}")


def test_heatmaps_do_not_overlap_and_stay_in_the_drawing(explanations):
    layout = compare_heatmaps(explanations).layout
    places = []
    for k in range(4):
        number = 2 * k + 1 if k else ""
        x, y = layout[f"xaxis{number}"].domain, layout[f"yaxis{number}"].domain
        assert 0 <= x[0] < x[1] <= 1
        assert 0 <= y[0] < y[1] <= 1
        places.append((*x, *y))
    for i, a in enumerate(places):
        for b in places[:i]:
            assert a[0] >= b[1] or b[0] >= a[1] or a[2] >= b[3] or b[2] >= a[3]


def test_rows_are_labelled_once_per_line_unless_the_queries_differ(explanations, toy_encoder):
    layout = compare_heatmaps(explanations).layout
    labelled = [layout[f"yaxis{2 * k + 2}"].showticklabels for k in range(4)]
    assert labelled == [None, False, False, None]
    other = explain("dogs", "cats", toy_encoder)
    layout = compare_heatmaps([explanations[0], other]).layout
    assert [layout[f"yaxis{k}"].showticklabels for k in (2, 4)] == [None, None]


def test_long_documents_open_on_their_evidence():
    x = example(**EXAMPLES["32 x 512"])
    layout = compare_heatmaps([x, example(12, 14)], theme="dark").layout
    left, right = layout.xaxis.range
    assert right - left == 16
    assert layout.xaxis2.matches == "x"
    assert layout.xaxis3.range == (-0.5, 13.5)
    assert layout.paper_bgcolor == DARK.paper


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_kind_of_explanation_is_drawn(kind):
    assert len(compare_heatmaps([example(**EXAMPLES[kind])]).data) == 5


def test_what_cannot_be_compared_is_refused(explanations):
    with pytest.raises(ValueError, match="explanations must hold at least one, got none"):
        compare_heatmaps([])
    with pytest.raises(ValueError, match="hold one name for each of the 4 explanations, got 1"):
        compare_heatmaps(explanations, names=["one"])
