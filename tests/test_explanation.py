import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence

PROVENANCE = Provenance("hand-made")


def explanation(similarity, query_scored=None, document_scored=None):
    """An explanation whose tokens are called q0, q1, ... and d0, d1, ..."""
    similarity = np.array(similarity, dtype=np.float32)
    sides = []
    for letter, n, scored in zip(
        "qd", similarity.shape, (query_scored, document_scored), strict=True
    ):
        flags = [True] * n if scored is None else scored
        names = [f"{letter}{i}" for i in range(n)]
        text, tokens = " ".join(names), []
        for i, name in enumerate(names):
            start = text.index(name)
            tokens.append(Token(i, name, name, start, start + 2, scored=bool(flags[i])))
        sides.append(TokenSequence(text, tuple(tokens)))
    return Explanation(*sides, similarity, PROVENANCE)


@given(
    arrays(np.float32, (4, 6), elements=st.floats(-1, 1, width=32)),
    arrays(bool, 4).filter(np.any),
    arrays(bool, 6).filter(np.any),
)
def test_contributions_always_add_up_to_the_score(similarity, query_scored, document_scored):
    x = explanation(similarity, query_scored.tolist(), document_scored.tolist())
    assert float(x.contributions.sum(dtype=np.float64)) == pytest.approx(x.score, abs=1e-5)
    frame = x.to_frame()
    assert frame["contribution"].sum() == pytest.approx(x.score, abs=1e-5)
    assert (frame["scored"] == query_scored).all()
    if x.score > 0:
        assert frame["share"].sum() == pytest.approx(1, abs=1e-4)


def test_a_tie_is_a_winner_within_numerical_error_of_another():
    x = explanation([[0.5, 0.5 + 5e-6, 0.1], [0.5, 0.4, 0.1]])
    assert x.tied.tolist() == [True, False]
    assert x.alignment.tolist() == [0, 0]
    assert x.winners(0).tolist() == [0, 1]
    assert x.winners(1).tolist() == [0]


def test_an_unscored_document_token_neither_wins_nor_ties():
    x = explanation([[0.9, 0.5, 0.9]], document_scored=[False, True, False])
    assert x.alignment.tolist() == [1]
    assert x.tied.tolist() == [False]


def test_an_unscored_query_token_has_no_winner():
    x = explanation([[0.9, 0.5], [0.1, 0.2]], query_scored=[False, True])
    assert x.alignment.tolist() == [-1, 1]
    assert x.winners(0).tolist() == []
    assert x.score == pytest.approx(0.2)
    assert x.mean_contribution == pytest.approx(0.2)


def test_the_frame_names_winner_and_runner_up():
    x = explanation([[0.2, 0.9, 0.7], [0.1, 0.0, 0.3]], query_scored=[True, False])
    first, second = x.to_frame().to_dict("records")
    assert (first["match"], first["match_position"], first["match_start"]) == ("d1", 1, 3)
    assert (first["runner_up"], first["runner_up_position"]) == ("d2", 2)
    assert first["runner_up_similarity"] == pytest.approx(0.7)
    assert second["match"] is None or second["match"] != second["match"]
    assert second["contribution"] == 0


def test_a_document_of_one_token_has_no_runner_up():
    (row,) = explanation([[0.4]]).to_frame().to_dict("records")
    assert row["match"] == "d0"
    assert row["runner_up_similarity"] != row["runner_up_similarity"]  # NaN


def test_the_strongest_window_holds_the_run_that_alone_scores_highest():
    similarity = np.zeros((2, 100), dtype=np.float32)
    similarity[0, 10] = 0.9  # the single best cell
    similarity[:, 70:72] = 0.6  # two matches together
    start, stop = explanation(similarity).strongest_window(20)
    assert stop - start == 20
    assert abs((start + stop) / 2 - 71) <= 3  # in the middle, as far as the steps allow


@pytest.mark.parametrize("place", [0, 1, 98, 99])
def test_evidence_at_an_end_is_in_the_window(place):
    similarity = np.zeros((1, 100), dtype=np.float32)
    similarity[0, place] = 0.9
    start, stop = explanation(similarity).strongest_window(20)
    assert 0 <= start <= place < stop <= 100


def test_a_short_document_is_its_own_window():
    assert explanation([[0.1, 0.2]]).strongest_window(5) == (0, 2)
    with pytest.raises(ValueError, match="width must be at least 1, got 0"):
        explanation([[0.1, 0.2]]).strongest_window(0)


def test_unscored_tokens_do_not_draw_the_window():
    similarity = np.full((1, 40), -0.5, dtype=np.float32)
    similarity[0, 5] = 0.9
    similarity[0, 30] = 0.1
    scored = [j != 5 for j in range(40)]
    start, stop = explanation(similarity, document_scored=scored).strongest_window(10)
    assert start <= 30 < stop


def test_nothing_can_be_changed_afterwards():
    x = explanation([[0.5]])
    with pytest.raises(ValueError, match="read-only"):
        x.similarity[0, 0] = 1
    with pytest.raises(AttributeError):
        x.score = 2.0


def test_the_matrix_is_a_float32_copy_of_the_callers():
    tokens = explanation([[0.5, 0.1]])
    mine = np.array([[1 / 3, 1 / 3 + 1e-9]])
    x = Explanation(tokens.query, tokens.document, mine, PROVENANCE)
    mine[0, 0] = -1
    assert x.similarity.dtype == np.float32
    assert x.similarity[0, 0] == np.float32(1 / 3)
    assert x.score == float(np.float32(1 / 3))


def test_a_matrix_that_does_not_fit_is_refused():
    x = explanation([[0.5, 0.1]])
    with pytest.raises(ValueError, match=r"\(1, 2\), got \(1, 1\)"):
        Explanation(x.query, x.document, x.similarity[:, :1], PROVENANCE)


def test_sides_without_a_scored_token_are_refused_with_what_was_found():
    with pytest.raises(ValueError, match="query must hold a token that is scored"):
        explanation([[0.5]], query_scored=[False])
    with pytest.raises(ValueError, match="document must hold a token that is scored"):
        explanation([[0.5]], document_scored=[False])


def test_the_provenance_line_says_windows_and_what_was_not_read(toy_encoder):
    toy_encoder.document_length = 25
    x = explain("a", "a " * 30, toy_encoder)
    assert x.provenance_sentence().endswith(
        "query: 3 tokens · document: 25 tokens in 3 windows, 7 more not read"
    )


def test_the_repr_is_short(toy_encoder):
    assert repr(explain("a b", "b c", toy_encoder)).startswith("Explanation(score 1.")
