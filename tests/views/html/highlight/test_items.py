from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.html.highlight.items import item_numbers, text_items


def tokens(text, spans, roles=None):
    roles = roles or ["text"] * len(spans)
    return TokenSequence(
        text,
        tuple(
            Token(
                k,
                f"p{k}",
                "[X]" if span is None else text[slice(*span)],
                *(span or (None, None)),
                role,
            )
            for k, (span, role) in enumerate(zip(spans, roles, strict=True))
        ),
    )


def test_pieces_of_a_word_are_one_item_and_equal_textless_tokens_another():
    sequence = tokens(
        "elephants eat",
        [None, (0, 3), (3, 9), (10, 13), None, None],
        ["special", "text", "text", "text", "expansion", "expansion"],
    )
    assert [(i.name, i.positions, i.role) for i in text_items(sequence)] == [
        ("elephants", (1, 2), "text"),
        ("eat", (3,), "text"),
        ("[X]", (0,), "special"),
        ("[X]", (4, 5), "expansion"),
    ]
    assert text_items(sequence)[0].in_pieces
    assert text_items(sequence)[0].name_of(2, sequence) == "elephants (p2)"
    assert not text_items(sequence)[3].in_pieces


def test_bytes_of_one_blank_are_one_item():
    items = text_items(tokens("a\u3000b", [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)]))
    assert [item.positions for item in items] == [(0,), (1, 2, 3), (4,)]


@given(st.text("ab \u3000각🐘-.", max_size=12), st.data())
def test_every_token_is_in_one_item_and_spans_do_not_overlap(text, data):
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, 3))
    spans = sorted((a, min(len(text), a + n)) for a, n in data.draw(st.lists(ends, max_size=8)))
    sequence = tokens(text, spans)
    items = text_items(sequence)
    assert sorted(p for item in items for p in item.positions) == list(range(len(spans)))
    assert item_numbers(items).keys() == set(range(len(spans)))
    drawn = [(item.start, item.end) for item in items if item.start is not None]
    assert all(start < end for start, end in drawn)
    assert all(a[1] <= b[0] for a, b in pairwise(drawn))
