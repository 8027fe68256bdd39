from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.encoders.windows import plan_windows

PLANS = st.tuples(st.integers(1, 400), st.integers(2, 60)).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), st.integers(0, pair[1] - 1))
)


@given(PLANS)
def test_every_token_is_kept_exactly_once_and_was_encoded(plan):
    n_tokens, size, overlap = plan
    windows = plan_windows(n_tokens, size, overlap)
    kept = [t for window in windows for t in range(window.keep_start, window.keep_stop)]
    assert kept == list(range(n_tokens))
    for window in windows:
        assert window.start <= window.keep_start < window.keep_stop <= window.stop


@given(PLANS)
def test_a_token_is_kept_where_it_lies_most_centrally(plan):
    n_tokens, size, overlap = plan
    windows = plan_windows(n_tokens, size, overlap)

    def margin(token, window):
        return min(token - window.start, window.stop - 1 - token)

    for window in windows:
        for token in range(window.keep_start, window.keep_stop):
            assert margin(token, window) == max(margin(token, other) for other in windows)


@given(PLANS)
def test_windows_are_full_and_share_at_least_the_overlap(plan):
    n_tokens, size, overlap = plan
    windows = plan_windows(n_tokens, size, overlap)
    if n_tokens <= size:
        assert len(windows) == 1
        return
    assert all(window.stop - window.start == size for window in windows)
    assert all(a.stop - b.start >= overlap for a, b in pairwise(windows))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 5, 1), "n_tokens must be at least 1, got 0"), ((9, 5, 5), "overlap must be .* size 5")],
)
def test_plans_that_cannot_be_made_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plan_windows(*arguments)
