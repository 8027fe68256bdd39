import pytest

from colbert_explain.views.charts.plotly_text import aliases, drawn_width, footer, literal


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


def test_repeated_tokens_keep_their_own_label():
    assert aliases(["a", "b", "a"]) == {"0": "a", "1": "b", "2": "a"}


def test_the_width_of_a_label_leaves_out_its_markup():
    assert drawn_width('<span style="color:#123456">&lt;eat</span>') == 28
    assert drawn_width("plain") == 35
    assert drawn_width("한국 a") == 40


def test_the_footer_is_broken_into_lines_and_keeps_every_word():
    sentence = " ".join(["word"] * 60)
    lines = footer(sentence, width=50).split("<br>")
    assert max(map(len, lines)) <= 50
    assert " ".join(lines) == sentence
