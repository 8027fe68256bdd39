"""That tests see what is passed against the annotations: the checks of conftest.py, checked."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from colbert_explain.similarity import MaxSimResult
from colbert_explain.tokens import Token, TokenSequence


def result(n_contributions, n_alignment):
    zeros = np.zeros(n_contributions, dtype=np.float32), np.zeros(n_alignment, dtype=np.int64)
    return MaxSimResult(0.0, *zeros)


def test_dimensions_of_one_name_are_equal():
    assert len(result(2, 2).alignment) == 2
    with pytest.raises(TypeCheckError, match="query"):
        result(2, 3)


def test_types_are_checked_beside_arrays():
    with pytest.raises(TypeCheckError, match="strings"):
        TokenSequence.from_strings(7)
    with pytest.raises(TypeCheckError, match="id"):
        Token("no number", "a", "a", 0, 1, "text", scored=True)


def test_nothing_is_checked_where_a_test_says_so(unchecked):
    assert len(result(2, 3).alignment) == 3
    assert Token("no number", "a", "a", 0, 1, "text", scored=True).id == "no number"
