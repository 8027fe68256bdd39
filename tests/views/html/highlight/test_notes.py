from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.html.highlight.notes import (
    Comparison,
    all_document_notes,
    chosen_document_notes,
    item_numbers,
    query_notes,
    text_items,
)
from tests.example_explanations import EXAMPLES, example


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


NONE = float("nan")


@pytest.fixture
def split():
    """Query "cat-s [M] [M]" in pieces against a document "big cats." in pieces."""
    query = TokenSequence(
        "cats",
        (
            Token(0, "cat", "cat", 0, 3),
            Token(1, "##s", "s", 3, 4),
            *(Token(2, "[M]", "[M]", None, None, "expansion") for _ in range(2)),
        ),
    )
    document = TokenSequence(
        "big cats.",
        (
            Token(0, "big", "big", 0, 3),
            Token(1, "cat", "cat", 4, 7),
            Token(2, "##s", "s", 7, 8),
            Token(3, ".", ".", 8, 9, scored=False),
        ),
    )
    rows = [[0.1, 0.9, 0.2, 1], [0.4, 0.2, 0.3, 1], [0.0, 0.1, 0.5, 1], [0.0, 0.1, 0.6, 1]]
    return Explanation(query, document, np.array(rows, np.float32), Provenance("mine"))


def comparison(x, *thresholds):
    limits = thresholds if thresholds else (NONE,) * len(x.query)
    return Comparison(x, np.array(limits, dtype=float))


def test_a_query_word_has_the_mean_of_its_pieces_and_names_each(split):
    word, masks = query_notes(comparison(split)).values()
    assert word.value == pytest.approx(0.65)
    assert word.title == (
        "adds 1.300, 54.2% of the score; best matches of its pieces: cat 0.900, cats (cat); "
        "##s 0.400, big"
    )
    assert masks.title == "adds 1.100, 45.8% of the score; best matches: cats (##s) (2x)"


def test_a_document_word_names_who_chose_it_and_where(split):
    notes = chosen_document_notes(comparison(split))
    assert notes[1].title == (
        "best match of: cats (cat) 0.900 at cat, 2x [M] 0.600 at ##s; read as cat ##s"
    )
    assert notes[1].partners == (0, 1)
    assert notes[0].title == "best match of: cats (##s) 0.400"
    assert 2 not in notes  # the full stop is not scored


def test_the_other_direction_takes_the_maximum_over_scored_query_tokens(split):
    notes = all_document_notes(comparison(split))
    assert notes[0].value == pytest.approx(0.4)
    assert notes[1].value == pytest.approx(0.9)
    assert notes[1].title == "most similar to: cats (cat) 0.900 at cat; read as cat ##s"
    assert notes[0].partners == (0,)
    assert 2 not in notes


def test_a_word_is_no_match_when_all_its_tokens_are(split):
    word, masks = query_notes(comparison(split, 0.95, 0.3, 0.55, 0.55)).values()
    assert not word.weak
    assert word.title.endswith("; no match for 1 of 2 tokens")
    assert not masks.weak
    word, masks = query_notes(comparison(split, 0.95, 0.5, NONE, NONE)).values()
    assert word.weak
    assert word.title.endswith("; no match, below 0.950")
    assert not masks.weak
    notes = chosen_document_notes(comparison(split, 0.95, 0.5, NONE, NONE))
    assert notes[0].weak
    assert not notes[1].weak


def test_equal_to_the_threshold_is_a_match(split):
    exact = float(split.contributions[0])
    assert not query_notes(comparison(split, exact, 0.9, NONE, NONE))[0].weak


def test_a_word_nobody_chose_stays_open_only_above_a_threshold(split):
    x = Explanation(
        split.query,
        split.document,
        np.where(np.arange(4) == 0, np.float32(0.35), split.similarity).astype(np.float32),
        split.provenance,
    )
    x.similarity.flags.writeable = False
    open_ = {n: note.evident for n, note in all_document_notes(comparison(x)).items()}
    assert open_ == {0: True, 1: True}  # the piece ##s chose the first word
    y = example(9, 200)
    without = all_document_notes(comparison(y))
    above = all_document_notes(Comparison(y, np.full(9, 0.3)))
    chosen = set(chosen_document_notes(comparison(y)))
    assert {n for n, note in without.items() if note.evident} == chosen & without.keys()
    assert {n for n, note in above.items() if note.evident} == chosen | {
        n for n, note in above.items() if note.value >= 0.3
    }


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind != "32 x 8192"])
def test_notes_agree_with_the_matrix(kind):
    x = example(**EXAMPLES[kind])
    c = comparison(x)
    total = sum(
        note.value * sum(x.query[i].scored for i in c.query[n].positions)
        for n, note in query_notes(c).items()
    )
    assert total == pytest.approx(x.score, abs=1e-3)
    masked = np.where(x.query.scored_mask[:, None], x.similarity, -np.inf)
    for number, note in all_document_notes(c).items():
        scored = [j for j in c.document[number].positions if x.document[j].scored]
        assert note.value == pytest.approx(masked[:, scored].max(), abs=2e-5)
    for number, note in chosen_document_notes(c).items():
        rows = [i for k in note.partners for i in c.query[k].positions]
        assert any(set(x.winners(i)) & set(c.document[number].positions) for i in rows)
