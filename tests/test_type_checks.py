"""That tests see what is passed against the annotations: the checks of conftest.py, checked."""

import numpy as np
import pytest
from beartype.roar import BeartypeCallHintParamViolation
from jaxtyping import TypeCheckError

from colbert_explain.similarity import similarity_matrix
from colbert_explain.tokens import Token, TokenSequence


def rows(length, dim):
    return np.eye(length, dim, dtype=np.float32)


def test_dimensions_of_one_name_are_equal():
    assert similarity_matrix(rows(2, 4), rows(3, 4)).shape == (2, 3)
    with pytest.raises(TypeCheckError, match="dim"):
        similarity_matrix(rows(2, 4), rows(3, 5))


def test_without_arrays_types_are_checked():
    with pytest.raises(BeartypeCallHintParamViolation):
        TokenSequence.from_strings(7)
    with pytest.raises(BeartypeCallHintParamViolation):
        Token("no number", "a", "a", 0, 1, "text", scored=True)


def test_nothing_is_checked_where_a_test_says_so(unchecked):
    with pytest.raises(ValueError, match="dim"):
        similarity_matrix(rows(2, 4), rows(3, 5))
    assert Token("no number", "a", "a", 0, 1, "text", scored=True).id == "no number"
