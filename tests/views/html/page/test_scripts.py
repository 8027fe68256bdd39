import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colbert_explain.views.html.page.scripts import script_code, script_data


@settings(deadline=None)
@given(st.recursive(st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)))
def test_data_is_read_back_and_no_text_leaves_its_element(value):
    written = script_data({"x": value, "y": "</script><!-- & \u2028\u2029"})
    assert json.loads(written)["x"] == value
    assert not set(written) & set("<>&\u2028\u2029")


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_data([float("nan")])


def test_the_hash_is_that_of_the_text_a_parser_sees():
    text, source = script_code("a();\r\nb('</script><!--');\r")
    assert text == "a();\nb('<\\/script><\\!--');\n"
    digest = hashlib.sha256(text.encode()).digest()
    assert source == f"'sha256-{base64.b64encode(digest).decode()}'"
