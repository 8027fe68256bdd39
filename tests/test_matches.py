import numpy as np
import pytest
from colbert_explain.explanation.word_matches import word_matches

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence


def explanation(query, document, similarity):
    sides = [TokenSequence.from_strings(side.split()) for side in (query, document)]
    return Explanation(*sides, np.array(similarity, np.float32), Provenance("hand-made"))


def test_ties_and_close_calls_are_in_other_places():
    x = explanation("a b c", "one two three", [[0.5, 0.5, 0.1], [0.5, 0.49, 0.1], [0.5, 0.4, 0.1]])
    tied, close, firm = word_matches(x)
    assert [(m.tied, m.close) for m in (tied, close, firm)] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert [word.text for word in tied.pieces[0].tied] == ["two"]
    assert close.pieces[0].runner_up.text == "two"
    assert close.pieces[0].runner_up_similarity == pytest.approx(0.49)


def test_the_pieces_of_a_document_word_are_one_place():
    pieces = (Token(1, "ele", "ele", 0, 3), Token(2, "##phant", "phant", 3, 8))
    document = TokenSequence("elephant", pieces)
    x = Explanation(
        TokenSequence.from_strings(["a"]),
        document,
        np.array([[0.5, 0.5]], np.float32),
        Provenance("hand-made"),
    )
    (match,) = word_matches(x)
    assert x.tied[0]
    assert not match.tied
    assert match.pieces[0].runner_up is None
    assert not match.close


def test_the_strongest_piece_comes_first_and_all_add_up(encoder):
    x = explain(
        "What don't pachydermatous elephants eat?", "Elephants do not eat hydrogen.", encoder
    )
    matches = word_matches(x)
    assert sum(match.contribution for match in matches) == pytest.approx(x.score, abs=1e-5)
    for match in matches:
        values = [piece.similarity for piece in match.pieces]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(match.contribution, abs=1e-5)
