from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from colbert_explain.text.printed_sums import adds_up, printed_difference, rounded_to_sum

NUMBERS = st.floats(-40, 40, allow_nan=False)
#: What rounding leaves over, in the binary numbers themselves.
ROUNDING = 1e-6


def printed(value, digits):
    return Decimal(f"{value:.{digits}f}")


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.sampled_from([0, 1, 2, 3, 4]))
@example([0.004, 0.004], 2)
@example([0.005, 0.005], 2)
@example([0.334, 0.333, 0.333], 2)
@example([-0.004, -0.004, 0.5], 2)
def test_printed_parts_add_up_and_each_is_true_to_one_unit(values, digits):
    total = sum(values)
    shown = [printed(value, digits) for value in rounded_to_sum(values, total, digits)]
    assert sum(shown) == printed(total, digits)
    for value, text in zip(values, shown, strict=True):
        assert abs(float(text) - value) <= 10**-digits + ROUNDING


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.floats(-0.01, 0.01))
def test_the_total_may_itself_be_rounded(values, off):
    total = round(sum(values) + off, 2)
    if abs(total - sum(values)) > 0.01:
        return
    shown = [printed(value, 2) for value in rounded_to_sum(values, total)]
    assert sum(shown) == printed(total, 2)
    assert all(abs(float(s) - v) <= 0.01 + ROUNDING for s, v in zip(shown, values, strict=True))


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_what_adds_up_by_itself_is_rounded_to_the_nearest(values):
    if adds_up(values, sum(values)):
        assert rounded_to_sum(values, sum(values)) == [round(value, 2) for value in values]


@given(NUMBERS, NUMBERS, st.sampled_from([2, 3]))
def test_a_difference_is_that_of_the_printed_numbers(first, second, digits):
    shown = printed(printed_difference(first, second, digits), digits)
    assert shown == printed(first, digits) - printed(second, digits)
    assert abs(float(shown) - (first - second)) <= 10**-digits + ROUNDING


def test_no_part_is_a_negative_zero():
    assert [f"{value:.2f}" for value in rounded_to_sum([-0.001, 0.001], 0.0)] == ["0.00", "0.00"]
