"""Where cells lie and how far a zoom goes."""

import pytest

from tests.browser.javascript.modules import blank_page, call

HEATMAP, BAR, LINE = ({"type": kind} for kind in ("heatmap", "bar", "scatter"))


@pytest.fixture
def arithmetic(shared, browser):
    page = shared.get("blank page", lambda: blank_page(browser))
    return lambda name, *arguments: call(page, "figure/arithmetic.js", name, *arguments)


@pytest.mark.parametrize(
    ("point", "cell"),
    [
        ({"x": 3, "y": 1, "data": HEATMAP}, {"row": 1, "column": 3, "part": "cell"}),
        ({"x": 0.88, "y": 2, "data": BAR}, {"row": 2, "column": None, "part": "bar"}),
        ({"x": 3, "y": 1, "data": LINE}, None),
        ({"x": "cats", "y": 1, "data": HEATMAP}, None),
        ({"x": 1, "y": "cats", "data": BAR}, None),
    ],
)
def test_a_cell_and_a_bar_are_told_by_row_and_column(arithmetic, point, cell):
    assert arithmetic("cellOf", point) == cell


@pytest.mark.parametrize(
    ("ends", "factor", "at", "limits", "expected"),
    [
        ([0, 40], 0.5, 10, [-0.5, 99.5], [5, 25]),  # a quarter from the left before and after
        ([0, 40], 0.5, 0, [-0.5, 99.5], [0, 20]),
        ([0, 40], 2, 40, [-0.5, 99.5], [-0.5, 79.5]),  # moved back from beyond the left end
        ([0, 40], 5, 20, [-0.5, 99.5], [-0.5, 99.5]),
        ([0, 5], 0.1, 0, [-0.5, 99.5], [0, 4]),  # four columns at least
        ([0, 2], 0.1, 0, [0, 2], [0, 2]),  # of two, both
        ([0, 40], 2, 40, None, [-40, 40]),
    ],
)
def test_a_zoom_stays_at_the_pointer_and_within_the_limits(
    arithmetic, ends, factor, at, limits, expected
):
    assert arithmetic("zoomed", ends, factor, at, limits) == pytest.approx(expected)


def test_a_range_that_was_asked_for_is_moved_within_the_limits(arithmetic):
    assert arithmetic("within", [-5, 5], [-0.5, 99.5]) == [-0.5, 9.5]
    assert arithmetic("within", [95, 105], [-0.5, 99.5]) == [89.5, 99.5]
    assert arithmetic("within", [-5, 200], [-0.5, 99.5]) == [-0.5, 99.5]
    assert arithmetic("within", [-5, 200], None) == [-5, 200]


def test_a_side_of_a_cell_is_found_on_an_axis_in_either_direction(arithmetic):
    assert arithmetic("cellSide", 0, 100, [-0.5, 9.5]) == [0, 10]
    assert arithmetic("cellSide", 9, 100, [-0.5, 9.5]) == [90, 10]
    assert arithmetic("cellSide", 0, 100, [9.5, -0.5]) == [90, 10]


def test_the_value_under_a_pixel_never_lies_beyond_the_axis(arithmetic):
    assert arithmetic("valueAt", 60, 10, 100, [0, 20]) == 10
    assert arithmetic("valueAt", 0, 10, 100, [0, 20]) == 0
    assert arithmetic("valueAt", 500, 10, 100, [0, 20]) == 20


def test_turns_of_the_wheel_zoom_alike_in_pixels_and_in_lines(arithmetic):
    pixels = arithmetic("wheelFactor", {"deltaY": -100, "deltaMode": 0})
    lines = arithmetic("wheelFactor", {"deltaY": -3, "deltaMode": 1})
    assert pixels == lines < 1 < arithmetic("wheelFactor", {"deltaY": 100, "deltaMode": 0})
    furthest = arithmetic("wheelFactor", {"deltaY": 99999, "deltaMode": 0})
    assert furthest == arithmetic("wheelFactor", {"deltaY": 300, "deltaMode": 0})


@pytest.mark.parametrize(
    ("value", "expected"),
    [([0, 1], True), ([1, 0], False), ([0, None], False), (["a", "b"], False), (None, False)],
)
def test_a_range_is_two_numbers_in_order(arithmetic, value, expected):
    assert arithmetic("isRange", value) is expected
