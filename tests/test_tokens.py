import pytest

from colbert_explain.tokens import Token, TokenSequence


def text_token(text, start, **changes):
    return Token(7, text, text, start, start + len(text), **changes)


def test_a_sequence_behaves_like_its_tokens():
    sequence = TokenSequence.from_strings(["cats", "eat", "fish"])
    assert len(sequence) == 3
    assert [token.text for token in sequence] == ["cats", "eat", "fish"]
    assert sequence[-1].text == "fish"
    assert [token.text for token in sequence[:2]] == ["cats", "eat"]


def test_every_token_is_cut_out_of_the_text_by_its_span():
    sequence = TokenSequence.from_strings(["cats", "é", "🐘"])
    assert [sequence.text[t.start : t.end] for t in sequence] == ["cats", "é", "🐘"]


def test_masks_and_counts_come_from_the_tokens():
    sequence = TokenSequence(
        "ab c",
        (
            Token(1, "[CLS]", "[CLS]", None, None, "special", scored=False),
            text_token("ab", 0, unknown=True, scored=False),
            text_token("c", 3, window=2),
        ),
    )
    assert sequence.scored_mask.tolist() == [False, False, True]
    assert sequence.n_unknown == 1
    assert sequence.n_windows == 3


def test_context_is_cut_with_an_ellipsis_only_where_text_goes_on():
    sequence = TokenSequence.from_strings(["one", "two", "three"])
    assert sequence.context(1, width=3) == ("…ne ", " th…")
    assert sequence.context(1, width=50) == ("one ", " three")


def test_a_token_without_text_has_no_context():
    sequence = TokenSequence("a", (Token(1, "[CLS]", "[CLS]", None, None, "special"),))
    assert sequence.context(0) == ("", "")


def test_a_token_with_half_a_span_is_refused():
    for arguments, message in (
        ((1, "a", "a", 0, None), "start and end must both be given"),
        ((1, "a", "a", 3, 2), "0 <= start <= end, got 3 and 2"),
    ):
        with pytest.raises(ValueError, match=message):
            Token(*arguments)


def test_an_unknown_role_is_refused(unchecked):
    with pytest.raises(ValueError, match="role must be one of text, special, marker, expansion"):
        Token(1, "a", "a", 0, 1, "other")


@pytest.mark.parametrize("starts", [(3, 0), (0, 4)])
def test_spans_that_go_back_or_leave_the_text_are_refused(starts):
    with pytest.raises(ValueError, match="be in text order and must lie within the 4 characters"):
        TokenSequence("abcd", tuple(text_token("a", start) for start in starts))


def test_unread_text_needs_a_place_where_it_begins():
    with pytest.raises(ValueError, match="unread_start must be given exactly when n_unread"):
        TokenSequence("ab", (), n_unread=1)


def test_the_repr_is_short_and_says_what_was_not_read():
    sequence = TokenSequence("x" * 200, (text_token("x", 0),), n_unread=199, unread_start=1)
    assert len(repr(sequence)) < 120
    assert "199 not read" in repr(sequence)
