import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.views.charts.position_bins import bin_maxima


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60), st.integers(1, 70))
def test_every_bin_keeps_the_first_of_its_largest_values(values, most):
    array = np.array(values, dtype=np.float64)
    starts, best = bin_maxima(array, most)
    assert len(starts) == min(most, len(values))
    edges = [*starts.tolist(), len(values)]
    assert edges[0] == 0
    for start, stop, j in zip(edges, edges[1:], best.tolist(), strict=False):
        assert 0 < stop - start <= -(-len(values) // min(most, len(values)))
        assert j == max(range(start, stop), key=lambda k: (values[k], -k))


def test_no_bins_are_refused():
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        bin_maxima(np.zeros(3), 0)
