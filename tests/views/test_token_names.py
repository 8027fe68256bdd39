from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.token_names import token_names


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
