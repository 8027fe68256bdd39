import pytest

from colbert_explain.app.inputs.limits import LARGEST_MESSAGE, check_limits, page_limits
from colbert_explain.operator_settings import OperatorSettings


def test_the_largest_message_stays_below_what_the_server_drops():
    assert LARGEST_MESSAGE < 10 * 1024 * 1024


def test_no_file_is_larger_than_a_message_may_be():
    limits = page_limits(OperatorSettings(largest_file=10**9, most_documents=7))
    assert limits["file"] == limits["message"] == LARGEST_MESSAGE
    assert limits["documents"] == 7


def test_texts_within_the_limits_pass_and_others_are_named():
    settings = OperatorSettings(largest_text=5, most_documents=1)
    check_limits("12", "345", settings)
    check_limits("12", {"a": "345"}, settings)
    with pytest.raises(ValueError, match="at most 5 characters in total, got 6"):
        check_limits("12", "3456", settings)
    with pytest.raises(ValueError, match="must be at most 1, got 2"):
        check_limits("", {"a": "", "b": ""}, settings)
