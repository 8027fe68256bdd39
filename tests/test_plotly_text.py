import pytest

from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.plotly_text import axis_labels, footer, hover_label, label, literal


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("&amp;", "&amp;amp;"),
        ("$x^2$", "&#36;x^2&#36;"),
        ("a\nb\x00c", "a b c"),
    ],
)
def test_user_text_is_neither_markup_nor_mathematics(text, written):
    assert literal(text) == written


def test_structural_and_unscored_tokens_look_different():
    marker = Token(1, "[Q]", "[Q]", None, None, "marker")
    assert label(marker) == "<i>[Q]</i>"
    assert label(Token(1, ",", ",", 0, 1, scored=False)) == '<span style="color:#767b82">,</span>'


def test_a_label_is_never_empty_and_never_long():
    assert label(Token(1, "x", "  ", 0, 2)) == "␣"
    assert label(Token(1, "x", "A" * 120, 0, 120)) == "A" * 23 + "…"


def test_repeated_tokens_keep_their_own_label():
    labels = axis_labels(TokenSequence.from_strings(["a", "b", "a"]))
    assert (labels["0"], labels["1"], labels["2"]) == ("a", "b", "a")


def test_ticks_between_two_tokens_are_blank():
    assert axis_labels(TokenSequence.from_strings(["a", "b"]))["0.5"] == " "


def test_the_hover_shows_a_token_in_its_surroundings():
    tokens = TokenSequence(
        "cats <eat> fish",
        (
            Token(5, "eat", "eat", 6, 9),
            Token(9, "[UNK]", "fish", 11, 15, scored=False, unknown=True),
            Token(2, "[SEP]", "[SEP]", None, None, "special", scored=False),
        ),
    )
    assert hover_label(tokens, 0) == "\u2068cats &lt;<b>eat</b>&gt; fish\u2069 (token 0)"
    assert hover_label(tokens, 1).endswith("(token 1, unknown to this model, not scored)")
    assert hover_label(tokens, 2).endswith("(token 2, special, stands for no text, not scored)")


def test_the_footer_is_broken_into_lines_and_keeps_every_word():
    sentence = " ".join(["word"] * 60)
    lines = footer(sentence, width=50).split("<br>")
    assert max(map(len, lines)) <= 50
    assert " ".join(lines) == sentence
