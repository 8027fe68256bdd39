from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import token_labels
from colbert_explain.views.theme import DARK, LIGHT
from colbert_explain.views.token_labels import (
    hover_texts,
    label,
    labels,
    short_name,
    token_names,
)


def test_pieces_of_one_character_are_numbered():
    pieces = tuple(Token(i, f"<0x{i}>", "🐘", 2, 3) for i in range(4))
    tokens = TokenSequence(
        "a 🐘 🐘", (Token(1, "a", "a", 0, 1), *pieces, Token(9, "🐘", "🐘", 4, 5))
    )
    assert token_names(tokens) == ["a", "🐘 1/4", "🐘 2/4", "🐘 3/4", "🐘 4/4", "🐘"]


def test_tokens_without_text_and_repeated_words_keep_their_name():
    special = Token(2, "[MASK]", "[MASK]", None, None, "expansion")
    empty = Token(3, "▁", "", 5, 5)
    tokens = TokenSequence(
        "a a a",
        (special, special, *(Token(1, "a", "a", i, i + 1) for i in (0, 2, 4)), empty, empty),
    )
    assert token_names(tokens) == ["[MASK]", "[MASK]", "a", "a", "a", "", ""]


def test_letters_of_a_korean_syllable_can_be_told_apart(encoder):
    names = token_names(encoder.embed_document("각 cat").tokens)
    assert names[1:4] == ["각 1/3", "각 2/3", "각 3/3"]


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
    assert third == "<b>[SEP]</b>, special, has no text, not scored"


def test_line_breaks_around_a_token_are_spaces_in_its_hover():
    tokens = TokenSequence("one\ntwo & three", (Token(1, "two", "two", 4, 7),))
    assert hover_texts(tokens, ["two"]) == ["one <b>two</b> &amp; three"]


def test_right_to_left_text_does_not_turn_its_surroundings_around():
    tokens = TokenSequence("שלגם cats", (Token(1, "cats", "cats", 5, 9),))
    assert hover_texts(tokens, ["cats"]) == ["\u2068שלגם <b>cats</b>\u2069"]


def test_a_very_long_text_marks_tokens_by_brackets(monkeypatch):
    monkeypatch.setattr(token_labels, "MOST_BOLD", 1)
    tokens = TokenSequence.from_strings(["a", "<"])
    assert hover_texts(tokens, ["a", "<"]) == ["[a] &lt;", "a [&lt;]"]


def test_the_name_in_a_cell_is_short_on_one_line_and_never_empty():
    assert [short_name(name) for name in ("eat", "a\n b", " ", "A" * 30)] == [
        *("eat", "a b", "␣", "A" * 23 + "…")
    ]
