import re

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import TokenSequence
from colbert_explain.views import notices, report, token_table


def test_the_table_adds_up_to_the_score_at_its_foot(toy_encoder):
    x = explain("cats eat fish, zzz", "dogs eat fish eat", toy_encoder)
    html = token_table(x)
    values = re.findall(
        r'<tr[^>]*><th[^>]*>[^<]*</th><td class="ce-number">(-?\d\.\d{4})</td>', html
    )
    assert sum(map(float, values)) == pytest.approx(x.score, abs=2e-4)
    assert f"<strong>{x.score:.4f}</strong>" in html
    assert "<strong><bdi>eat</bdi></strong> (tie)" in html
    assert "unknown to this model, not scored" in html


def test_the_table_escapes_what_users_wrote(toy_encoder):
    html = token_table(explain("a <", "<b> a", toy_encoder))
    assert "&lt;" in html
    assert "<b>" not in html


def test_the_notices_say_score_unit_and_limits(toy_encoder):
    toy_encoder.document_length = 4
    html = notices(explain("a", "a b c d", toy_encoder))
    assert "MaxSim score 1.000" in html
    assert "1 scored query token;" in html
    assert "not comparable between queries" in html
    assert "no proof of what the model used" in html
    assert "2 were not" in html


def test_a_score_that_is_not_above_0_has_no_shares():
    one = TokenSequence.from_strings(["a"])
    for value, shares in ((0.5, ["100.0 %", "100 %"]), (0.0, []), (-0.5, [])):
        x = Explanation(one, one, np.array([[value]]), Provenance("mine"))
        html = token_table(x)
        assert re.findall(r">([^<]+ %)<", html) == shares, value
        assert "nan" not in html, value


def test_the_isolates_around_right_to_left_text_are_elements_in_a_report(toy_encoder):
    x = explain("שלום cats", "שלום <b>dogs</b> cats", toy_encoder)
    html = report(x)._repr_mimebundle_()["text/html"]
    assert "<bdi>שלום cats</bdi>" in html
    assert "⟨U+" not in html
    assert "<b>" not in html
