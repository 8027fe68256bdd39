import numpy as np
import plotly.graph_objects as go
import pytest

from colbert_explain import explain
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.theme import DARK, LIGHT, palette_of
from tests.example_explanations import EXAMPLES, example
from tests.views.page_data.pairs import (
    CATS,
    ELEPHANTS,
    PARAPHRASE,
    drawn,
    given,
    pair_of,
    traces,
)

NAMES = [
    "similarity",
    "not scored",
    "halo",
    "best match",
    "tie",
    "numbers",
    "contribution",
    "runner-up",
    "adds",
    "pinned",
]


def scores(values):
    return pair_of(np.array(values, dtype=np.float32))


@pytest.mark.parametrize("unscored", [False, True])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_plotly_takes_it_and_it_has_always_the_same_traces(kind, unscored):
    result = page_result(given(kind), unscored=unscored)
    figure = result.data["figure"]
    go.Figure(figure["data"], figure["layout"])  # raises for a property that Plotly does not know
    assert [trace["name"] for trace in figure["data"]] == NAMES
    rows, columns = result.data["grid"]["rows"], result.data["grid"]["columns"]
    assert drawn(result).shape == (len(rows), len(columns))
    assert not {"title", "modebar", "legend"} & set(figure["layout"])
    assert not any(
        axis.get("automargin") for name, axis in figure["layout"].items() if "axis" in name
    )


def test_cells_are_the_similarities_of_the_tokens():
    x = example(12, 60)
    result = page_result(x, level="token", order="contribution")
    rows = [row["tokens"][0] for row in result.data["grid"]["rows"]]
    columns = [column["tokens"][0] for column in result.data["grid"]["columns"]]
    np.testing.assert_array_equal(drawn(result), x.similarity[np.ix_(rows, columns)])


def test_the_framed_cells_hold_their_numbers():
    result = page_result(explain(ELEPHANTS, PARAPHRASE))
    numbers = traces(result)["numbers"]
    rows = result.data["grid"]["rows"]
    assert list(zip(numbers["y"], numbers["x"], strict=True)) == [
        (i, row["column"]) for i, row in enumerate(rows)
    ]
    cells = drawn(result)
    assert numbers["text"] == [
        f"{cells[i, j]:.2f}" for i, j in zip(numbers["y"], numbers["x"], strict=True)
    ]
    assert numbers["visible"]
    assert not traces(page_result(given("32 x 512")))["numbers"]["visible"]


def test_bars_stand_on_the_rows_of_the_heatmap():
    x = explain(ELEPHANTS, PARAPHRASE)
    result = page_result(x, unscored=True)
    by_name, layout = traces(result), result.data["figure"]["layout"]
    rows = result.data["grid"]["rows"]
    scored = [i for i, row in enumerate(rows) if row["scored"]]
    bars = by_name["contribution"]
    assert bars["yaxis"] == by_name["similarity"]["yaxis"]
    assert bars["y"] == scored
    assert sum(bars["x"]) == pytest.approx(x.score, abs=1e-5)
    assert bars["marker"]["color"] == [rows[i]["colour"] for i in scored]
    assert by_name["runner-up"]["x"] == [rows[i]["runner_up"]["value"] for i in scored]
    assert by_name["adds"]["text"] == [f" {rows[i]['value']:.2f}" for i in scored]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
    assert layout["xaxis2"]["range"][1] > max(bars["x"])


def test_a_cell_says_what_its_bar_says():
    result = page_result(scores([[0.5951, 0.1], [0.1, 0.4291]]))  # 1.0242
    by_name = traces(result)
    assert by_name["adds"]["text"] == [" 0.60", " 0.43"]
    assert by_name["numbers"]["text"] == ["0.60", "0.43"]


def test_tied_frames_are_dashed_and_clear_ones_are_not():
    result = page_result(scores([[0.9, 0.1, 0.9], [0.1, 0.8, 0.2]]))
    by_name = traces(result)
    framed = {name: set(by_name[name]["x"]) - {None} for name in ("best match", "tie", "halo")}
    assert framed == {
        "tie": {-0.5, 0.5, 1.5, 2.5},
        "best match": {0.5, 1.5},
        "halo": {-0.5, 0.5, 1.5, 2.5},
    }
    assert by_name["tie"]["line"]["dash"]
    row = result.data["grid"]["rows"][0]
    assert (row["column"], row["tied"], row["firm"]) == (0, [2], "tie")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_scale_is_one_and_its_lower_half_is_left_out_if_nothing_is_there(colours):
    theme = "light" if colours is LIGHT else "dark"
    above = traces(page_result(scores([[0.9, 0.1]]), theme=theme))["similarity"]
    below = traces(page_result(scores([[0.9, -0.1]]), theme=theme))["similarity"]
    assert (above["zmin"], above["zmax"]) == (0, 1)
    assert (below["zmin"], below["zmax"]) == (-1, 1)
    for position, colour in above["colorscale"]:
        assert colours.cosine_colour(position) == colour
    for position, colour in below["colorscale"]:
        assert colours.cosine_colour(2 * position - 1) == colour


@pytest.mark.parametrize(
    ("least", "begins"), [(0.0, 0), (-0.001, -0.125), (-0.049, -0.125), (-0.05, -1), (-0.9, -1)]
)
def test_the_brown_half_is_shown_where_brown_is_seen_and_a_colour_is_always_the_same(least, begins):
    drawn = traces(page_result(scores([[0.9, least]])))["similarity"]
    low, high = drawn["zmin"], drawn["zmax"]
    assert low == begins
    for position, colour in drawn["colorscale"]:
        assert LIGHT.cosine_colour(low + position * (high - low)) == colour


def test_negative_contributions_point_to_the_left():
    layout = page_result(scores([[-0.3, -0.5], [0.5, 0.2]])).data["figure"]["layout"]
    assert layout["xaxis2"]["range"][0] == pytest.approx(-0.3)


def test_sixteen_rows_fit_beside_the_rest_of_a_page():
    heights = [
        page_result(example(n + 3, 40), level="token").data["figure"]["layout"]["height"]
        for n in (4, 8, 16, 400)
    ]
    assert heights == sorted(heights)
    assert heights[2] < 420
    assert heights[3] < 2400


def test_framed_columns_keep_their_labels_where_there_is_no_room_for_all():
    result = page_result(example(12, 68), level="token")
    labelled = result.data["figure"]["layout"]["xaxis"]["tickvals"]
    rows, columns = result.data["grid"]["rows"], result.data["grid"]["columns"]
    assert {row["column"] for row in rows} <= set(labelled)
    assert len(labelled) < len(columns)


def test_labels_hold_the_texts_as_written():
    x = explain("<b>a</b> $x$", "Write <b>a</b> for $x$.")
    result = page_result(x, level="token", unscored=True)
    layout = result.data["figure"]["layout"]
    columns = result.data["grid"]["columns"]
    assert "<" in [column["label"] for column in columns]
    ticks = dict(zip(layout["xaxis"]["tickvals"], layout["xaxis"]["ticktext"], strict=True))
    assert not any("<b>" in text or "$" in text for text in ticks.values())
    for j, text in ticks.items():
        assert text == columns[j].get("tick", columns[j]["label"])


def test_all_labels_and_frames_of_a_short_pair_are_drawn_whole():
    layout = page_result(explain(ELEPHANTS, CATS)).data["figure"]["layout"]
    assert layout["xaxis"]["fixedrange"]
    assert layout["dragmode"] is False
    assert layout["margin"]["l"] > 7 * len("Elephants")
    moving = page_result(given("32 x 512")).data["figure"]["layout"]
    assert not moving["xaxis"]["fixedrange"]
    assert moving["dragmode"] == "pan"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_veil_is_that_of_the_theme(theme):
    result = page_result(explain(ELEPHANTS, PARAPHRASE), unscored=True, theme=theme)
    assert traces(result)["not scored"]["fillcolor"] == palette_of(theme).veil
