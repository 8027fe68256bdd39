import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colbert_explain.analysis.occlusion import occlude, text_without
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence

WORDS = ["cats", "eat", "fish", "zz", "dog"]


def explanation(similarity, document_scored):
    """An explanation of one-letter words, ``a b c ...``, in the document."""
    similarity = np.array(similarity, dtype=np.float32)
    n_query, n_document = similarity.shape
    letters = "abcdefgh"[:n_document]
    tokens = tuple(
        Token(j, c, c, 2 * j, 2 * j + 1, scored=bool(document_scored[j]))
        for j, c in enumerate(letters)
    )
    return Explanation(
        TokenSequence.from_strings([f"q{i}" for i in range(n_query)]),
        TokenSequence(" ".join(letters), tokens),
        similarity,
        Provenance("hand-made"),
    )


@settings(deadline=None)  # pandas takes its time on a busy machine
@given(st.data())
def test_masking_is_maxsim_over_what_does_not_overlap_the_span(data):
    n_query, n_document = data.draw(st.integers(1, 3)), data.draw(st.integers(2, 8))
    values = st.floats(-1, 1, width=32)
    rows = st.lists(values, min_size=n_document, max_size=n_document)
    similarity = data.draw(st.lists(rows, min_size=n_query, max_size=n_query))
    scored = data.draw(
        st.lists(st.booleans(), min_size=n_document, max_size=n_document).filter(any)
    )
    x = explanation(similarity, scored)
    length = len(x.document.text)
    start = data.draw(st.integers(0, length - 1))
    end = data.draw(st.integers(start + 1, length))

    left = [j for j in range(n_document) if scored[j] and not (start <= 2 * j < end)]
    if not left:
        with pytest.raises(ValueError, match="at least one scored token of the document"):
            occlude(x, (start, end))
        return
    total, winners = 0.0, []
    for row in similarity:
        best = max(row[j] for j in left)
        total += best
        winners.append(next(j for j in left if row[j] >= best - 1e-5))
    found = occlude(x, (start, end))
    assert found.masked.score == pytest.approx(total, abs=1e-5)
    assert found.masked.alignment.tolist() == winners
    assert found.changes.sum() == pytest.approx(found.masked_difference, abs=1e-5)
    assert (found.changes <= 0).all()
    frame = found.to_frame()
    assert frame["change"].sum() == pytest.approx(found.masked_difference, abs=1e-5)
    assert frame["match_masked"].tolist() == [x.document[j].text for j in winners]
    assert found.reencoded is None


def test_a_token_that_overlaps_by_a_character_is_masked_whole(toy_encoder):
    x = explain("cats", "cats eat", toy_encoder)
    assert occlude(x, (3, 4)).masked.contributions[1] < 0.9
    assert occlude(x, (4, 5)).masked.score == x.score  # the space between them


def test_the_tokens_that_lose_their_match_are_named(toy_encoder):
    x = explain("cats fish", "cats eat fish", toy_encoder)
    assert [x.query[i].text for i in occlude(x, (0, 4)).changed.tolist()] == ["cats"]
    assert occlude(x, (5, 8)).changed.tolist() == []


def test_of_the_query_the_contributions_drop_out(toy_encoder):
    x = explain("cats eat fish", "fish eat cats", toy_encoder)
    found = occlude(x, (5, 8), reencode=toy_encoder, side="query")
    assert found.masked.score == pytest.approx(2)
    assert found.masked.contributions[2] == 0
    assert found.masked.alignment[2] == -1
    assert found.reencoded.query.text == "cats fish"
    assert found.reencoded.score == pytest.approx(2)


def test_reencoded_it_is_the_explanation_of_the_shorter_text(toy_encoder):
    x = explain("cats eat", "cats eat fish", toy_encoder)
    found = occlude(x, (0, 5), reencode=toy_encoder)
    assert found.removed == "cats "
    assert found.reencoded.document.text == "eat fish"
    assert found.reencoded.score == explain("cats eat", "eat fish", toy_encoder).score
    # Each word has one vector whatever stands beside it, so the two answers are the same.
    assert found.reencoded_difference == pytest.approx(found.masked_difference, abs=1e-5)
    assert found.sentence().endswith("Both scores agree.")


def test_context_makes_the_answers_differ(encoder):
    x = explain("Elephants eat a lot.", "The elephant consumes much food.", encoder)
    found = occlude(x, (4, 12), reencode=encoder)
    assert abs(found.reencoded.score - found.masked.score) > 0.05
    assert "because every vector carries its context" in found.sentence()


def test_the_sentence_names_scores_and_the_token_hit_hardest(toy_encoder):
    x = explain("cats eat", "cats eat", toy_encoder)
    found = occlude(x, (0, 4))
    other = float(found.masked.contributions[1])
    assert found.sentence().startswith(
        f"With “cats” masked in the document, the score falls from 2.00 to {1 + other:.2f}, most "
        f"at “cats”, which now matches “eat” (1.00 → {other:.2f}). The other vectors still carry"
    )
    comma = explain("cats", "cats, eat", toy_encoder)
    assert "the score stays at 1.00." in occlude(comma, (4, 5)).sentence()


def test_text_that_moves_into_the_reading_length_is_mentioned(toy_encoder):
    toy_encoder.document_length = 5
    x = explain("cats", "cats eat fish today again", toy_encoder)
    assert x.document.n_unread == 2
    assert occlude(x, (0, 5), reencode=toy_encoder).sentence().endswith("is now read.")


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 9)])
def test_spans_outside_the_text_are_refused(toy_encoder, start, end):
    x = explain("cats", "cats eat", toy_encoder)
    with pytest.raises(ValueError, match=f"0 <= start < end <= 8, .* got {start} and {end}"):
        occlude(x, (start, end))


def test_other_mistakes_are_refused(toy_encoder, encoder, unchecked):
    x = explain("cats", "cats eat", toy_encoder)
    with pytest.raises(ValueError, match="side must be document or query, got 'both'"):
        occlude(x, (0, 4), side="both")
    with pytest.raises(ValueError, match="of the query, got characters 0 to 4 of 4"):
        occlude(x, (0, 4), side="query")
    with pytest.raises(ValueError, match=r"reencode must be .* toy"):
        occlude(x, (0, 4), reencode=encoder)


@pytest.mark.parametrize(
    ("text", "gap", "expected"),
    [
        ("cats eat fish", "eat", "cats fish"),
        ("cats eat fish", " eat", "cats fish"),
        ("cats eat fish", " eat ", "cats fish"),
        ("cats eat fish", "cats", "eat fish"),
        ("cats eat fish", "fish", "cats eat"),
        ("cats eat fish.", "fish", "cats eat."),
        ("elephants", "pha", "elents"),
        ("one.\n\ntwo. three.", "two.", "one.\n\nthree."),
        (" a b", "a", "b"),
    ],
)
def test_the_gap_is_closed_with_one_space(text, gap, expected):
    start = text.index(gap)
    assert text_without(text, start, start + len(gap)) == expected


@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6), st.data())
def test_taking_out_a_word_leaves_the_others_as_they_were(words, data):
    k = data.draw(st.integers(0, len(words) - 1))
    start = sum(len(word) + 1 for word in words[:k])
    left = text_without(" ".join(words), start, start + len(words[k]))
    assert left == " ".join(words[:k] + words[k + 1 :])


def test_what_is_taken_away_may_be_given_in_many_ways(encoder):
    x = explain("cats eat fish", "Cats eat fish. Dogs bark.", encoder)
    words, (passage, *_) = x.words(), x.passages()
    for side, what, removed in (
        ("document", "fish", "fish"),
        ("document", "fish. Dogs", "fish. Dogs"),
        ("document", (5, 8), "eat"),
        ("document", words.document[2], "eat"),
        ("query", words.query[3], "fish"),
        ("query", "cats", "cats"),
        ("document", passage, "Cats eat fish."),
    ):
        found = occlude(x, what, side=side)
        assert (found.removed, found.side) == (removed, side)
        assert found.masked_difference < 0


def test_what_is_not_there_once_is_refused_with_its_places(encoder, unchecked):
    x = explain("cats sleep", "cats eat, cats eat, " * 3, encoder)
    words = x.words()
    for what, sentence in (
        ("dogs", "what must occur in the document, got 'dogs'"),
        ("Cats", "what must occur in the document, got 'Cats'"),
        ("", "what must occur in the document, got ''"),
        (
            "cats",
            "which occurs 6 times, at characters 0, 10, 20, 30, 40, ...: give (start, end)",
        ),
        ("t, cats eat, c", "occurs 4 times, at characters 7, 17, 27, 37: give (start, end)"),
        (words.query[0], "what must correspond to text in the document, got '[CLS]'"),
        (words.query[2], "whose text differs from 'sleep' at characters 5 to 10"),
        ((0, 4, 5), "what must be two whole numbers, the first character and the one after"),
        (7, "what must be a text, (start, end), a Word or a Passage, got 7"),
        (None, "what must be a text, (start, end), a Word or a Passage, got None"),
    ):
        with pytest.raises(ValueError, match=re.escape(sentence)):
            occlude(x, what)
