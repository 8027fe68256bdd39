import pytest

from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.charts import plotly_text
from colbert_explain.views.charts.plotly_text import (
    aliases,
    drawn_width,
    footer,
    hover_texts,
    label,
    labels,
    literal,
)
from colbert_explain.views.theme import DARK, LIGHT
from colbert_explain.views.token_names import token_names


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("&amp;", "&amp;amp;"),
        ("$x^2$", "&#36;x^2&#36;"),
        ("a\nb\x00c", "a b c"),
        ("word", "word"),
    ],
)
def test_user_text_is_neither_markup_nor_mathematics(text, written):
    assert literal(text) == written


def test_structural_and_unscored_tokens_look_different():
    assert label("[Q]", "marker", True, LIGHT) == "<i>[Q]</i>"
    assert label(",", "text", False, LIGHT) == f'<span style="color:{LIGHT.unscored_ink}">,</span>'
    assert DARK.unscored_ink in label(",", "text", False, DARK)


def test_a_label_is_never_empty_and_never_long():
    assert label("  ", "text", True, LIGHT) == "␣"
    assert label("A" * 120, "text", True, LIGHT) == "A" * 23 + "…"


def test_every_token_has_the_label_that_it_has_alone():
    tokens = TokenSequence(
        "cats <eat> " + "A" * 40,
        (
            Token(2, "[CLS]", "[CLS]", None, None, "special", scored=False),
            Token(5, "cats", "cats", 0, 4),
            Token(5, "<", "<", 5, 6, scored=False),
            Token(5, "eat", "eat", 6, 9, scored=False),
            Token(9, "A", "A" * 40, 11, 51),
        ),
    )
    assert labels(tokens, token_names(tokens), LIGHT) == [
        label(token.text, token.role, token.scored, LIGHT) for token in tokens
    ]


def test_repeated_tokens_keep_their_own_label():
    assert aliases(["a", "b", "a"]) == {"0": "a", "1": "b", "2": "a"}


def test_the_hover_shows_a_token_in_its_surroundings():
    tokens = TokenSequence(
        "cats <eat> fish",
        (
            Token(5, "eat", "eat", 6, 9),
            Token(9, "[UNK]", "fish", 11, 15, scored=False, unknown=True),
            Token(2, "[SEP]", "[SEP]", None, None, "special", scored=False),
        ),
    )
    first, second, third = hover_texts(tokens, token_names(tokens))
    assert first == "cats &lt;<b>eat</b>&gt; fish"
    assert second.endswith("<b>fish</b>, unknown to this model, not scored")
    assert third == "<b>[SEP]</b>, special, stands for no text, not scored"


def test_line_breaks_around_a_token_are_spaces_in_its_hover():
    tokens = TokenSequence("one\ntwo & three", (Token(1, "two", "two", 4, 7),))
    assert hover_texts(tokens, ["two"]) == ["one <b>two</b> &amp; three"]


def test_right_to_left_text_does_not_turn_its_surroundings_around():
    tokens = TokenSequence("שלגם cats", (Token(1, "cats", "cats", 5, 9),))
    assert hover_texts(tokens, ["cats"]) == ["\u2068שלגם <b>cats</b>\u2069"]


def test_a_very_long_text_marks_tokens_by_brackets(monkeypatch):
    monkeypatch.setattr(plotly_text, "MOST_BOLD", 1)
    tokens = TokenSequence.from_strings(["a", "<"])
    assert hover_texts(tokens, ["a", "<"]) == ["[a] &lt;", "a [&lt;]"]


def test_the_width_of_a_label_leaves_out_its_markup():
    assert drawn_width('<span style="color:#123456">&lt;eat</span>') == 28
    assert drawn_width("plain") == 35
    assert drawn_width("한국 a") == 40


def test_the_footer_is_broken_into_lines_and_keeps_every_word():
    sentence = " ".join(["word"] * 60)
    lines = footer(sentence, width=50).split("<br>")
    assert max(map(len, lines)) <= 50
    assert " ".join(lines) == sentence
