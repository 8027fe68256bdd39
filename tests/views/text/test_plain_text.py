import re

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.text.plain_text import plain_text, warnings


def test_the_lines_add_up_to_the_score(toy_encoder):
    x = explain("cats eat fish, zzz", "dogs eat fish eat", toy_encoder)
    text = plain_text(x)
    values = [float(v) for v in re.findall(r"^  \S+ +(-?\d\.\d{4}) ->", text, re.MULTILINE)]
    assert len(values) == 3
    assert sum(values) == pytest.approx(x.score, abs=2e-4)
    assert f"sum of 3 before rounding = {x.score:.4f}" in text
    assert "-> eat (token 2, tied with others)" in text


def test_it_says_what_is_not_scored_and_why(toy_encoder):
    text = plain_text(explain("cats, zzz", "cats", toy_encoder))
    assert re.search(r"zzz +- +unknown to this model, not scored", text)
    assert re.search(r", +- +not scored", text)


def test_it_names_the_model_and_warns_of_comparing_queries(toy_encoder):
    text = plain_text(explain("cats", "cats", toy_encoder))
    assert "not comparable between queries" in text
    assert text.splitlines()[-1].startswith("toy (a vector per word)")


def test_line_breaks_and_terminal_codes_of_the_user_do_nothing(toy_encoder):
    tokens = TokenSequence("a\nb \x1bc", (Token(1, "x", "a\nb \x1bc", 0, 6),))
    x = Explanation(tokens, tokens, np.ones((1, 1), np.float32), Provenance("mine"))
    text = plain_text(x)
    assert "  a b  c  1.0000 -> a b  c (token 0)" in text
    assert len(text.splitlines()) == 4


def test_warnings_count_in_singular_and_plural(toy_encoder):
    toy_encoder.document_length = 4
    one, two = warnings(explain("zzz a", "a zzz more", toy_encoder))[:2]
    assert one == (
        "This model cannot read 1 word of the query (not in its vocabulary): it is not scored."
    )
    assert "4 tokens were read, 1 was not, from character 6 on" in two
    toy_encoder.document_length = 50
    plural = warnings(explain("a", "a zzz zzz", toy_encoder))
    assert plural == [
        "This model cannot read 2 words of the document (not in its vocabulary): "
        "they are not scored."
    ]
