import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.explanation import explain
from colbert_explain.text.match_kinds import match_kind


@pytest.mark.parametrize(
    ("query", "document", "kind"),
    [
        ("Eat", "eat", "same word"),
        ("STRASSE", "straße", "same word"),
        ("ﬁsh", "fish", "same word"),
        ("don\u2019t", "don't", "same word"),
        ("①", "1", "same word"),
        ("象", "象", "same word"),
        ("Elephants", "elephant", "same stem"),
        ("eating", "EATS", "same stem"),
        ("elephant's", "elephants", "same stem"),
        ("cats", "cat", "same stem"),
        ("dying", "die", "same stem"),
        ("happiness", "happy", "same stem"),
        ("hopefulness", "hope", "same stem"),
        ("electricity", "electrical", "same stem"),
        ("news", "new", "different word"),
        ("university", "universal", "different word"),
        ("eat", "consume", "different word"),
        ("its", "it", "different word"),  # short words are alike by chance
        ("as", "a", "different word"),
        ("150", "1500", "different word"),
        ("150s", "150", "different word"),
        ("3.5", "3", "different word"),
        ("B2s", "B2", "different word"),
        ("études", "étude", "different word"),  # English only
        ("象", "大", "different word"),
    ],
)
def test_words_are_told_apart_by_spelling(query, document, kind):
    assert match_kind(query, document) == kind
    assert match_kind(document, query) == kind


@given(st.text(min_size=1), st.text(min_size=1))
def test_it_does_not_matter_which_of_two_words_asks(one, other):
    assert match_kind(one, one) == "same word"
    assert match_kind(one, other) == match_kind(other, one)


def test_kinds_are_those_of_words_and_not_of_their_pieces(encoder):
    x = explain("Do pachydermatous elephants eat?", "An elephant, pachydermatous, eats 3.", encoder)
    words = x.words()
    kinds = {word.text: kind for word, kind in zip(words.query, words.kinds, strict=True)}
    assert len(words.query[2].positions) > 1
    assert kinds["pachydermatous"] == "same word"
    assert kinds["elephants"] == kinds["eat"] == "same stem"
    assert kinds["[CLS]"] is kinds["?"] is kinds["[SEP]"] is None
    frame = words.to_frame()
    assert [kind if isinstance(kind, str) else None for kind in frame["match_kind"]] == list(
        words.kinds
    )
