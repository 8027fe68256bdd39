from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain import explain, load_samples
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.tokens import Token, TokenSequence
from tests.growth import growth

PROVENANCE = Provenance("hand-made")


def sequence(text, unscored=(), structural=0):
    """A token per word and mark, after ``structural`` scored markers without text."""
    tokens = [Token(None, "[D]", "[D]", None, None, "marker") for _ in range(structural)]
    position = 0
    for word in text.replace(".", " .").split():
        start = text.index(word, position)
        position = start + len(word)
        scored = word != "." and word not in unscored
        tokens.append(Token(None, word, word, start, position, scored=scored))
    return TokenSequence(text, tuple(tokens))


def explanation(query, document, similarity):
    return Explanation(query, document, np.array(similarity, dtype=np.float32), PROVENANCE)


def test_a_sentence_that_matches_everything_fairly_beats_one_that_holds_a_winner():
    document = sequence("Cats. Dogs eat.")
    x = explanation(sequence("a b"), document, [[0.9, 1, 0.6, 0.1, 1], [0.1, 1, 0.3, 0.6, 1]])
    best, second = x.passages()
    assert (best.text, best.rank, best.start, best.end) == ("Dogs eat.", 1, 6, 15)
    assert best.score == pytest.approx(1.2)
    assert best.share == pytest.approx(1.2 / 1.5)
    assert best.contributions.tolist() == pytest.approx([0.6, 0.6])
    assert best.alignment.tolist() == [2, 3]
    assert (best.first_token, best.last_token) == (2, 4)
    assert (second.text, second.rank, second.score) == ("Cats.", 2, pytest.approx(1))


def test_query_tokens_that_are_not_scored_add_nothing():
    x = explanation(sequence("a .", ()), sequence("Cats. Dogs."), [[0.1, 1, 0.2, 1], [1, 1, 0, 1]])
    best = x.passages(k=1)[0]
    assert best.text == "Dogs."
    assert best.contributions.tolist() == pytest.approx([0.2, 0])
    assert best.alignment.tolist() == [2, -1]


def test_tokens_without_text_are_in_no_sentence():
    document = sequence("Cats. Dogs.", structural=1)
    x = explanation(sequence("a"), document, [[1, 0.2, 0, 0.1, 0]])
    best = x.passages()[0]
    assert (best.text, best.score) == ("Cats.", pytest.approx(0.2))
    assert best.share == pytest.approx(0.2)
    assert best.first_token == 1


def test_a_sentence_without_a_scored_token_is_left_out():
    document = sequence("Cats. Zzz. Dogs.", unscored=["Zzz"])
    x = explanation(sequence("a"), document, [[0.1, 0, 1, 0, 0.2, 0]])
    assert [passage.text for passage in x.passages()] == ["Dogs.", "Cats."]


def test_a_document_of_which_only_structure_is_scored_has_no_passages():
    document = sequence("Zzz.", unscored=["Zzz"], structural=1)
    assert explanation(sequence("a"), document, [[0.5, 0, 0]]).passages() == ()


def test_equals_stay_in_the_order_of_the_text_also_where_rounding_parts_them():
    document = sequence("Ant. Bee. Cow. Doe.")
    row = [0.5, 0, 0.5 + 3e-6, 0, 0.9, 0, 0.5 + 6e-6, 0]
    x = explanation(sequence("a"), document, [row])
    assert [passage.text for passage in x.passages()] == ["Cow.", "Ant.", "Bee.", "Doe."]


def test_scores_may_be_negative_and_have_no_share_then():
    x = explanation(sequence("a"), sequence("Ant. Bee."), [[-0.5, 0, -0.2, 0]])
    best = x.passages()[0]
    assert (best.text, best.score) == ("Bee.", pytest.approx(-0.2))
    assert np.isnan(best.share)


def test_a_piece_may_hold_the_space_before_its_sentence():
    tokens = tuple(Token(None, "", "", a, b) for a, b in [(0, 3), (3, 7), (7, 8)])
    x = explanation(sequence("a"), TokenSequence("A?  B. ", tokens[:2]), [[0.1, 0.2]])
    assert [(p.text, p.first_token) for p in x.passages()] == [("B.", 1), ("A?", 0)]
    blank = TokenSequence("A?  B.  ", tokens)
    assert explanation(sequence("a"), blank, [[0.1, 0.2, 0.9]]).passages()[0].text == "B."


def test_k_limits_how_many_and_must_be_positive():
    x = explanation(sequence("a"), sequence("Ant. Bee. Cow."), [[0.1, 0, 0.2, 0, 0.3, 0]])
    assert len(x.passages(k=2)) == 2
    assert len(x.passages(k=9)) == 3
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        x.passages(k=0)


def test_a_long_sentence_is_shown_short():
    text = "word " * 40
    x = explanation(sequence("a"), sequence(text), [[0.5] * 40])
    shown = repr(x.passages()[0])
    assert shown.startswith("Passage(1: score 0.5000, 'word word")
    assert len(shown) < 95


WORDS = st.lists(st.sampled_from(["Cats", "eat", ".", "Zzz", "dogs"]), min_size=1, max_size=12)


@given(WORDS, st.data())
def test_passages_equal_plain_loops(words, data):
    text = " ".join([*words, "Last"])
    document = sequence(text, unscored=["Zzz"])
    shape = (3, len(document))
    matrix = data.draw(arrays(np.float32, shape, elements=st.floats(-1, 1, width=16)))
    query = sequence("a Zzz b", unscored=["Zzz"])
    x = explanation(query, document, matrix)
    expected = []
    for start, end in sentence_spans(text):
        inside = [
            j
            for j, token in enumerate(document)
            if token.scored and start <= token.start and token.end <= end
        ]
        if inside:
            score = sum(max(float(matrix[i, j]) for j in inside) for i in (0, 2))
            expected.append((start, end, score))
    found = x.passages(k=100)
    assert sorted((p.start, p.end) for p in found) == [(start, end) for start, end, _ in expected]
    scores = {start: score for start, _, score in expected}
    for passage in found:
        assert passage.score == pytest.approx(scores[passage.start], abs=1e-5)
        assert passage.contributions.sum() == pytest.approx(passage.score, abs=1e-5)
        assert passage.score <= x.score + 1e-5
        for i, j in enumerate(passage.alignment):
            if j >= 0:
                assert passage.first_token <= j <= passage.last_token
                assert matrix[i, j] == pytest.approx(passage.contributions[i])
    assert [p.rank for p in found] == list(range(1, len(found) + 1))
    for better, worse in pairwise(found):
        assert better.score >= worse.score - 2e-5


def test_time_grows_with_the_length_of_the_document_only():
    def made(n):
        document = sequence(" ".join("word" if i % 20 else "Word." for i in range(n)))
        matrix = np.random.default_rng(0).uniform(-1, 1, (32, len(document))).astype(np.float32)
        return explanation(sequence("q " * 32), document, matrix)

    # Eight times if it grows with the length, 64 times if with its square.
    assert growth(lambda x: x.passages(), made(1024), made(8192)) < 24


def test_the_planted_sentence_of_the_long_sample_stands_far_before_its_near_misses(keeping_encoder):
    (sample,) = load_samples("Long document")
    best, second = explain(sample.query, sample.document, keeping_encoder).passages(k=2)
    assert best.text == sample.planted
    assert best.score >= 1.25 * second.score
