"""The heatmap's modules that know no page: ranges, labels, keys, tables of numbers, words."""

import base64
from itertools import pairwise

import numpy as np
import pytest

from tests.browser.javascript.modules import blank_page, call


@pytest.fixture
def page(shared, browser):
    return shared.get("blank page", lambda: blank_page(browser))


def ranges(page, name, *arguments):
    return call(page, "heatmap/column_range.js", name, *arguments)


def numbers(page, values, places):
    return page.evaluate(
        """async ([values, places]) => {
          const { numberGrid } = await import("/heatmap/number_grid.js");
          const grid = numberGrid(values);
          return places.map(([row, column]) => grid.at(row, column));
        }""",
        [values, places],
    )


def packed(array, dtype):
    written = base64.b64encode(array.tobytes()).decode()
    return {"dtype": dtype, "bdata": written, "shape": "2, 3"}


@pytest.mark.parametrize(
    ("kind", "dtype"), [("<f4", "f4"), ("<f8", "f8"), ("i1", "i1"), ("<i4", "i4")]
)
def test_packed_numbers_are_those_of_python(page, kind, dtype):
    values = np.array([[1, -2, 3], [4, 5, -6]], dtype=kind)
    every = [[row, column] for row in range(2) for column in range(3)]
    assert numbers(page, packed(values, dtype), every) == [1, -2, 3, 4, 5, -6]


def test_what_is_no_number_or_lies_outside_is_null(page):
    values = np.array([[1, np.nan, 3], [4, 5, 6]], dtype="<f4")
    places = [[0, 0], [0, 1], [2, 0], [1, 3]]
    assert numbers(page, packed(values, "f4"), places) == [1, None, None, None]
    plain = [[1, None, 3], [4, 5, 6]]
    assert numbers(page, plain, places) == [1, None, None, None]


def test_a_zoom_stays_in_the_document_and_no_closer_than_four_columns(page):
    assert ranges(page, "zoomedRange", [9.5, 19.5], 2, 100) == [4.5, 24.5]
    assert ranges(page, "zoomedRange", [-0.5, 9.5], 2, 100) == [-0.5, 19.5]
    assert ranges(page, "zoomedRange", [9.5, 19.5], 50, 100) == [-0.5, 99.5]
    left, right = ranges(page, "zoomedRange", [9.5, 19.5], 0.01, 100, 10)
    assert right - left == pytest.approx(4)
    assert left < 10 < right
    assert ranges(page, "zoomedRange", [-0.5, 2.5], 0.1, 3) == [-0.5, 2.5]


def test_a_range_moves_no_further_than_a_column_needs(page):
    assert ranges(page, "rangeWith", [9.5, 19.5], 15, 100) == [9.5, 19.5]
    assert ranges(page, "rangeWith", [9.5, 19.5], 30, 100) == [21.5, 31.5]
    assert ranges(page, "rangeWith", [9.5, 19.5], 2, 100) == [0.5, 10.5]
    assert ranges(page, "rangeWith", [9.5, 19.5], 0, 100) == [-0.5, 9.5]
    assert ranges(page, "rangeWith", [9.5, 19.5], 99, 100) == [89.5, 99.5]


def rows(*columns):
    return [{"column": column, "value": 0.5} for column in columns]


def test_a_narrow_page_opens_where_most_of_the_score_is(page):
    matches = rows(3, 40, 42, 45, None)
    assert ranges(page, "openingRange", matches, [0, 60], 60) == [-0.5, 59.5]
    left, right = ranges(page, "openingRange", matches, [0, 60], 10)
    assert right - left == 10
    assert left < 40 < 45 < right
    left, right = ranges(page, "openingRange", rows(None), [20, 60], 10)
    assert [left, right] == [19.5, 29.5]


def test_matches_beyond_the_edges_are_counted_row_by_row_and_the_nearest_comes_first(page):
    outside = ranges(page, "matchesOutside", rows(3, 3, 8, 15, 40, None, 30), [9.5, 19.5])
    assert outside == {"left": [8, 3, 3], "right": [30, 40]}
    # Half a column in view counts as in view.
    assert ranges(page, "matchesOutside", rows(10), [9.8, 19.8])["left"] == []


def labels(page, n_columns, cell, framed=(), left=-0.5, n_shown=None, width=50):
    columns = [{"rows": [0] if k in framed else []} for k in range(n_columns)]
    shown = n_columns if n_shown is None else n_shown
    return page.evaluate(
        """async ([columns, range, cell, width]) => {
          const { chooseLabels } = await import("/heatmap/column_labels.js");
          return chooseLabels({ columns, range, cell, widthOf: () => width });
        }""",
        [columns, [left, left + shown], cell, width],
    )


def test_labels_lie_where_they_fit_then_slant_then_stand(page):
    assert labels(page, 8, 80)["angle"] == 0
    assert labels(page, 8, 50)["angle"] == 55
    assert len(labels(page, 8, 50)["labels"]) == 8
    assert labels(page, 8, 16)["angle"] == 90
    assert len(labels(page, 8, 16)["labels"]) == 8


def test_labels_keep_their_angle_wherever_the_reader_is(page):
    """A long label far away must not make the picture jump when it comes into view."""
    long = 5_000
    angles = {
        labels(page, long, cell, left=left, n_shown=10, width=30)["angle"]
        for cell in (60,)
        for left in (-0.5, 999.5)
    }
    assert angles == {55}


@pytest.mark.parametrize("cell", [3, 6, 9, 12])
def test_no_label_of_a_match_is_dropped_and_no_label_is_covered(page, cell):
    framed = {4, 5, 6, 7, 30, 57, 58, 59}
    chosen = labels(page, 60, cell, framed)
    placed = [label["at"] for label in chosen["labels"]]
    assert framed <= {label["column"] for label in chosen["labels"]}
    apart = min(15, 60 * cell / len(framed))
    assert all(b - a >= apart - 1e-6 for a, b in pairwise(placed))
    assert all(0 <= at <= 60 * cell for at in placed)
    for label in chosen["labels"]:
        if label["column"] not in framed:
            assert label["at"] == label["x"]


def test_only_columns_in_view_have_labels(page):
    chosen = labels(page, 60, 20, {2, 12, 40}, left=9.5, n_shown=10)
    assert [label["column"] for label in chosen["labels"]] == list(range(10, 20))
    assert chosen["labels"][0]["x"] == 10


def walk(page, pair, key, *, shift=False):
    grid = [{"column": column} for column in (5, None, 2, 9)]
    row, column = pair
    found = call(
        page,
        "heatmap/walk.js",
        "walked",
        {"row": row, "column": column},
        {"key": key, "shiftKey": shift},
        grid,
        20,
        6,
    )
    return found and (found["row"], found["column"])


@pytest.mark.parametrize(
    ("pair", "key", "reached"),
    [
        ((0, 5), "ArrowRight", (0, 6)),
        ((0, 5), "ArrowUp", (0, 5)),
        ((3, 19), "ArrowDown", (3, 19)),
        ((2, 7), "Home", (2, 0)),
        ((2, 7), "End", (2, 19)),
        ((2, 7), "PageDown", (2, 13)),
        ((2, 3), "PageUp", (2, 0)),
        ((0, 5), "n", (2, 2)),
        ((0, 4), "n", (0, 5)),
        ((1, 4), "n", (2, 2)),
        ((3, 9), "n", (0, 5)),
        ((0, 5), "x", None),
    ],
)
def test_keys_lead_to_cells(page, pair, key, reached):
    assert walk(page, pair, key) == reached


def test_shift_n_leads_back(page):
    assert walk(page, (2, 2), "N", shift=True) == (0, 5)
    assert walk(page, (0, 5), "N", shift=True) == (3, 9)


def test_places_on_the_strip_are_those_of_the_tokens(page):
    # Words of one to three tokens; tokens 0 and 4 are not among the columns.
    columns = [{"tokens": [1]}, {"tokens": [2, 3]}, {"tokens": [5, 6, 7]}]
    assert page.evaluate(
        """async (columns) => {
          const { stripPlaces } = await import("/heatmap/strip_places.js");
          const places = stripPlaces(columns, { n_tokens: 8 });
          return [places.edge(-0.5), places.edge(1.5), places.edge(2.5), places.middleOf(1),
                  places.columnAt(3), places.columnAt(6.5), places.columnAt(0), places.columnAt(8)];
        }""",
        columns,
    ) == [1, 5, 8, 3, 1, 2, -0.5, 2.5]


GRID = {
    "rows": [
        {"label": "eat", "scored": True, "pieces": 1, "value": 0.73,
         "share": 0.108, "column": 1,
         "tied": [], "runner_up": {"column": 2, "label": "food", "value": 0.66}, "firm": "close",
         "context": ["the average elephant that we have met ", "consumes", " a lot"]},
        {"label": "kilograms", "scored": True, "pieces": 2, "value": 1.5,
         "share": None,
         "column": 2, "tied": [0], "runner_up": None, "firm": "tie", "context": ["", "food", ""]},
        {"label": ".", "scored": False, "pieces": 0, "value": 0,
         "share": None, "column": None,
         "tied": [], "runner_up": None, "firm": "", "context": ["", "", ""]},
    ],
    "columns": [
        {"label": "average", "scored": True, "rows": []},
        {"label": "consumes", "scored": True, "rows": [0]},
        {"label": "food", "scored": True, "rows": [1]},
        {"label": ",", "scored": False, "rows": []},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("share", "said"), [(0.0045, "under 1%"), (0.005, "1%"), (0, "0%"), (0.114, "11%")]
)
def test_a_small_share_is_not_said_to_be_nothing(page, share, said):
    assert call(page, "web/dom.js", "percent", share) == said


@pytest.mark.parametrize(
    ("row", "column", "value", "line", "said"),
    [
        (
            *(0, 1, 0.73),
            "eat → consumes 0.73 (11% of the score) · runner-up food 0.66 · a close call"
            " · “…that we have met consumes a lot”",
            "eat matches consumes, 0.73. It is a close call. Runner-up: food, 0.66.",
        ),
        (
            *(0, 0, 0.41),
            "eat \N{MULTIPLICATION SIGN} average 0.41 (its best match: consumes 0.73)",
            "eat and average: 0.41. The best match of eat is consumes, 0.73.",
        ),
        (
            *(1, 2, 0.75),
            "kilograms → food 1.50 (2 tokens together) · a tie with average",
            "kilograms matches food and adds 1.50 with 2 tokens. It is a tie with average.",
        ),
        (
            *(1, 1, 0.3),
            "kilograms \N{MULTIPLICATION SIGN} consumes 0.30 (best matches of its 2 tokens: 0.75 on"
            " average)",
            "kilograms and consumes: 0.30. The best matches of its 2 tokens: 0.75 on average.",
        ),
        (
            *(2, 0, 0.2),
            ". \N{MULTIPLICATION SIGN} average 0.20 · “.” is not scored",
            ". and average: 0.20. . is not scored.",
        ),
        (
            *(0, 3, None),
            "eat \N{MULTIPLICATION SIGN} , no similarity · “,” is not scored",
            "eat and ,: no similarity. , is not scored.",
        ),
    ],
)
def test_a_pair_in_words(page, row, column, value, line, said):
    place = {"row": row, "column": column}
    parts = call(page, "heatmap/pair_words.js", "pairParts", GRID, place, value)
    assert "".join(text for _, text in parts) == line
    assert call(page, "heatmap/pair_words.js", "pairSentence", GRID, place, value) == said


def test_the_runners_up_of_a_word_of_several_tokens_are_said_in_a_sentence(page):
    runner_up = {"column": 2, "label": "food", "value": 0.66}
    row = {**GRID["rows"][0], "pieces": 3, "value": 1.21, "firm": "", "runner_up": runner_up}
    grid = {**GRID, "rows": [row]}
    place = {"row": 0, "column": 1}
    assert call(page, "heatmap/pair_words.js", "pairSentence", grid, place, 0.4) == (
        "eat matches consumes and adds 1.21 with 3 tokens. "
        "With the runners-up, such as food, it would add 0.66."
    )


@pytest.mark.parametrize(
    ("best", "other", "firm", "written"),
    [
        (0.4394, 0.4312, "close", ("0.44", "0.43")),
        (0.4394, 0.4346, "close", ("0.44", "0.43")),
        (0.4394, 0.4392, "close", ("0.4394", "0.4392")),
        (0.4374, 0.4362, "close", ("0.437", "0.436")),
        (0.4394, 0.4394, "tie", ("0.44", "0.44")),
        (0.4394, 0.21, "", ("0.44", "0.21")),
        (-0.0102, -0.0123, "close", ("\u22120.010", "\u22120.012")),
    ],
)
def test_a_match_and_its_runner_up_are_told_apart(page, best, other, firm, written):
    runner_up = {"column": 2, "label": "food", "value": other}
    row = {**GRID["rows"][0], "value": best, "firm": firm}
    grid = {**GRID, "rows": [{**row, "runner_up": runner_up}]}
    place = {"row": 0, "column": 1}
    parts = call(page, "heatmap/pair_words.js", "pairParts", grid, place, best)
    line = "".join(text for _, text in parts)
    assert f"consumes {written[0]} (" in line
    assert f"runner-up food {written[1]}" in line
    said = call(page, "heatmap/pair_words.js", "pairSentence", grid, place, best)
    assert f"consumes, {written[0]}." in said
    assert f"food, {written[1]}." in said
    if firm != "tie":
        parts = call(
            page, "heatmap/pair_words.js", "pairParts", grid, {**place, "column": 2}, other
        )
        line = "".join(text for _, text in parts)
        assert f"food {written[1]} (its best match: consumes {written[0]})" in line


def test_rows_of_large_type_fill_their_room(page):
    def height(*given):
        return call(page, "heatmap/shaped_figure.js", "rowHeight", *given)

    assert height(5) == 32
    assert height(5, 2, 400) == 80
    assert call(page, "heatmap/shaped_figure.js", "fitsRows", 5, 3, 400)
    assert not call(page, "heatmap/shaped_figure.js", "fitsRows", 5, 3.2, 400)


def test_a_narrow_picture_leaves_the_bars_out(page):
    wide = call(page, "heatmap/shaped_figure.js", "division", 1000, 900)
    narrow = call(page, "heatmap/shaped_figure.js", "division", 700, 600)
    assert wide["bars"] > 100
    assert narrow["bars"] == 0
    assert narrow["cells"] > 590


@pytest.mark.parametrize(
    ("cell", "written", "size"),
    [(60, "0.87", 12), (34, "0.87", 12), (33, "0.87", 10), (25, ".87", 10), (22, ".87", 10)],
)
def test_numbers_are_written_so_that_they_fit_their_cells(page, cell, written, size):
    name = call(page, "heatmap/shaped_figure.js", "numbersIn", cell)
    trace = page.evaluate(
        """async (numbers) => {
          const { division, shapedFigure } = await import("/heatmap/shaped_figure.js");
          const trace = { type: "scatter", name: "numbers", xaxis: "x", textfont: {} };
          const data = [{ ...trace, text: ["0.87"] }];
          const figure = { data, layout: { xaxis: {}, yaxis: {} }, config: {} };
          const size = { rows: [0, 1], height: 30, parts: division(700, 600) };
          const wanted = { ...size, range: [0, 1], numbers };
          return shapedFigure(figure, wanted).data[0];
        }""",
        name,
    )
    assert (trace["visible"], trace["text"], trace["textfont"]["size"]) == (True, [written], size)
    assert call(page, "heatmap/shaped_figure.js", "numbersIn", 21.9) == ""
    assert call(page, "heatmap/shaped_figure.js", "numbersIn", 2 * 21.9, 2) == ""


def test_a_short_number_loses_no_digit_that_counts(page):
    short = [("0.87", ".87"), ("\u22120.05", "\u2212.05"), ("1.00", "1.0"), ("0.00", ".00")]
    for text, written in short:
        assert call(page, "heatmap/shaped_figure.js", "shortNumber", text) == written


@pytest.mark.parametrize(
    ("zmin", "least", "first"),
    [
        (0, 0, ["0", "0%"]),
        (-0.125, -0.04, ["0", "-12.5%"]),
        (-1, -0.05, ["\N{MINUS SIGN}1", "0%"]),
        (-1, -0.04, ["0", "-100%"]),
    ],
)
def test_the_legend_begins_where_something_is_seen(page, zmin, least, first):
    begins = page.evaluate(
        r"""async ([zmin, least]) => {
          const { legend } = await import("/heatmap/legend.js");
          const made = legend();
          const colorscale = [[0, "#101010"], [1, "#202020"]];
          const data = [{ type: "heatmap", zmin, zmax: 1, colorscale }];
          made.show({ data, seen_from: -0.05 }, { unit: "word", rows: [], columns: [] }, false);
          made.cover(least);
          const bar = made.node.querySelector(".ce-legend-bar");
          return [made.node.querySelector("span > span").textContent,
                  bar.style.background.match(/(-?[\d.]+%)/)[1]];
        }""",
        [zmin, least],
    )
    assert begins == first


def test_the_legend_explains_what_is_not_scored_where_it_is_shown(page):
    signs = page.evaluate(
        """async () => {
          const { legend } = await import("/heatmap/legend.js");
          const made = legend();
          const data = [
            { type: "heatmap", zmin: 0, zmax: 1, colorscale: [[0, "#101010"], [1, "#202020"]] },
            { type: "scatter", name: "not scored", fillcolor: "rgba(255, 255, 255, 0.8)" },
          ];
          return [true, false].map((scored) => {
            const grid = { unit: "word", rows: [{ scored: true }], columns: [{ scored }] };
            made.show({ data, seen_from: -0.05 }, grid, false);
            const [...signs] = made.node.querySelectorAll(".ce-legend-signs > span");
            return [signs.map((sign) => sign.textContent.trim()),
                    signs.at(-1).firstChild.style.background];
          });
        }"""
    )
    assert signs[0][0] == ["best match"]
    assert signs[1][0] == ["best match", "not scored"]
    assert "rgba(255, 255, 255, 0.8)" in signs[1][1]
    assert "rgb(32, 32, 32)" in signs[1][1]


def test_the_figure_is_fitted_without_changing_what_python_sent(page):
    shaped, original = page.evaluate(
        """async () => {
          const { division, shapedFigure } = await import("/heatmap/shaped_figure.js");
          const figure = {
            data: [{ type: "heatmap", xaxis: "x" },
                   { type: "scatter", name: "numbers", xaxis: "x" },
                   { type: "bar", xaxis: "x2" }, { type: "scatter", name: "adds", xaxis: "x2" }],
            layout: { xaxis: { range: [-0.5, 9.5] }, xaxis2: {}, yaxis: {} }, config: {},
          };
          const before = JSON.stringify(figure);
          const parts = division(700, 600);
          const wanted = { rows: [0, 4], height: 30, parts, range: [2, 6], numbers: "" };
          const shaped = shapedFigure(figure, wanted);
          return [shaped, JSON.stringify(figure) === before];
        }"""
    )
    assert original
    assert [trace["xaxis"] for trace in shaped["data"]] == ["x", "x"]
    assert shaped["data"][1]["visible"] is False
    assert shaped["layout"]["xaxis"]["range"] == [2, 6]
    assert shaped["layout"]["xaxis"]["domain"] == [0, 1]
    assert shaped["layout"]["height"] == 124


def test_a_part_of_the_rows_has_no_frames_of_others(page):
    data, axis = page.evaluate(
        """async () => {
          const { division, shapedFigure } = await import("/heatmap/shaped_figure.js");
          const frame = (row) => [row - 0.5, row - 0.5, row + 0.5, row + 0.5, row - 0.5, null];
          const ys = [...frame(1), ...frame(2), ...frame(4)];
          const trace = { type: "scatter", mode: "lines", xaxis: "x" };
          const data = [{ ...trace, x: ys.map((_, k) => k), y: ys }];
          const figure = { data, layout: { xaxis: {}, yaxis: {} }, config: {} };
          const parts = division(700, 600);
          const wanted = { rows: [2, 4], height: 30, parts, range: [0, 1], numbers: "" };
          const { data: shown, layout } = shapedFigure(figure, wanted);
          return [[shown[0].x, shown[0].y], layout.yaxis.range];
        }"""
    )
    assert data == [[6, 7, 8, 9, 10, 11], [1.5, 1.5, 2.5, 2.5, 1.5, None]]
    assert axis == [3.5, 1.5]
