import pytest

from colbert_explain.app.text_limits import check_limits
from colbert_explain.operator_settings import OperatorSettings

SETTINGS = OperatorSettings(largest_text=10, most_documents=2)


@pytest.mark.parametrize("documents", ["12345", {"a": "12", "b": "345"}, ""])
def test_what_keeps_to_the_limits_passes(documents):
    check_limits("12345", documents, SETTINGS)


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ("123456", "at most 10 characters together, got 11"),
        ({"a": "123", "b": "456"}, "at most 10 characters together, got 11"),
        ({"a": "", "b": "", "c": ""}, "documents must be at most 2, got 3"),
    ],
)
def test_what_does_not_is_named_with_rule_and_value(documents, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_limits("12345", documents, SETTINGS)
