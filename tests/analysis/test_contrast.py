import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain.analysis import contrast
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import TokenSequence

QUERY = TokenSequence.from_strings(["q0", "q1", "q2", "q3"])
MINUS = "\N{MINUS SIGN}"
SIDES = arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=32))


def explanation(similarity, letter="d", query=QUERY, provenance=Provenance("hand-made")):  # noqa: B008 frozen
    similarity = np.array(similarity, dtype=np.float32)
    names = [f"{letter}{j}" for j in range(similarity.shape[1])]
    return Explanation(query, TokenSequence.from_strings(names), similarity, provenance)


def one_column(*contributions):
    """An explanation of a one-word document with these contributions."""
    return explanation(np.array(contributions, dtype=np.float32)[:, None])


@given(SIDES, SIDES)
def test_differences_sum_to_the_score_difference(a, b):
    c = contrast(explanation(a), explanation(b))
    assert c.difference.sum() == pytest.approx(c.score_difference, abs=1e-5)
    assert c.score_difference == pytest.approx(
        float(a.max(axis=1).sum() - b.max(axis=1).sum()), abs=1e-5
    )
    assert c.to_frame()["difference"].sum() == pytest.approx(c.score_difference, abs=1e-5)


@given(SIDES, SIDES)
@example(np.eye(3, dtype=np.float32)[[0, 0, 1, 1]], np.eye(3, dtype=np.float32)[[0, 1, 0, 1]])
def test_sentence_and_table_agree(a, b):
    c = contrast(explanation(a, "a"), explanation(b, "b"), ("left", "right"))
    frame, sentence = c.to_frame().set_index("token"), c.sentence()
    winner = re.match(r"(left|right) wins over (left|right) by ([\d.]+)", sentence)
    if abs(c.score_difference) >= 0.005:
        assert winner[1] == ("left" if c.score_difference > 0 else "right")
        assert float(winner[3]) == pytest.approx(abs(c.score_difference), abs=0.0051)
    else:
        assert winner is None
        assert sentence.startswith("left and right both score")
    for token, match, shown in re.findall(r"“(q\d)” → “(\w\d)” \(([^)]+)\)", sentence):
        row = frame.loc[token]
        better, begin = ("first", "a") if row["difference"] > 0 else ("second", "b")
        assert match == row[f"match_{better}"]
        assert match[0] == begin
        value = float(shown.replace(MINUS, "-"))
        if winner is None:  # what one gains and what the other makes up are both shown as gains
            assert value == pytest.approx(abs(row["difference"]), abs=0.0051)
        else:
            sign = -1 if winner[1] == "right" else 1
            assert value == pytest.approx(sign * row["difference"], abs=0.0051)


@given(SIDES, SIDES)
def test_turned_round_it_says_the_same_with_signs_turned(a, b):
    x, y = explanation(a), explanation(b)
    one, other = contrast(x, y, ("left", "right")), contrast(y, x, ("right", "left"))
    np.testing.assert_array_equal(one.difference, -other.difference)
    if abs(one.score_difference) >= 0.005:
        assert one.sentence() == other.sentence()


def test_a_clear_win_names_the_words_that_decide():
    c = contrast(one_column(0.9, 0.8, 0.5, 0.5), one_column(0.3, 0.3, 0.5, 0.5))
    assert c.sentence() == (
        "A wins over B by 1.10, all of it from “q0” → “d0” (+0.60) and “q1” → “d0” (+0.50)."
    )


def test_what_the_winner_loses_is_said():
    c = contrast(one_column(0.3, 0.9, 0.5, 0.5), one_column(0.5, 0.1, 0.5, 0.5), ("new", "old"))
    assert c.sentence() == (
        "new wins over old by 0.60: it gains 0.80, all of it from “q1” → “d0” (+0.80), "
        "and loses 0.20, all of it from “q0” → “d0” (" + MINUS + "0.20)."
    )


def test_differences_that_cancel_out_are_no_win():
    c = contrast(one_column(0.9, 0.1, 0.5, 0.5), one_column(0.1, 0.9, 0.5, 0.5))
    assert c.sentence() == (
        "A and B both score 2.00: what A gains, all of it from “q0” → “d0” (+0.80), "
        "B makes up, all of it from “q1” → “d0” (+0.80)."
    )


def test_equal_documents_and_near_ties():
    x = one_column(0.9, 0.1, 0.5, 0.5)
    assert "every query token finds an equally good match" in contrast(x, x).sentence()
    near = one_column(0.901, 0.1, 0.5, 0.5)
    assert contrast(x, near).sentence() == (
        "A and B both score 2.00; no query token makes a difference."
    )


def test_a_token_counts_for_the_document_with_the_better_match():
    c = contrast(one_column(0.5, 0.4, 0.5 + 5e-6, 0.2), one_column(0.4, 0.5, 0.5, 0.2))
    assert c.better.tolist() == [1, -1, 0, 0]


def test_many_small_differences_are_called_spread():
    query = TokenSequence.from_strings([f"q{i}" for i in range(20)])
    x = explanation(np.full((20, 1), 0.6), query=query)
    y = explanation(np.full((20, 1), 0.5), query=query)
    sentence = contrast(x, y).sentence()
    assert "by 2.00, spread over 20 tokens, the largest parts from “q0”" in sentence
    assert sentence.count("→") == 3


def test_one_token_and_odd_characters():
    query = TokenSequence.from_strings(["a\nb\x1b"])
    x, y = (explanation([[value]], query=query) for value in (0.5, 0.25))
    assert contrast(x, y).sentence() == (
        "A wins over B by 0.25, all of it from “a b ” → “d0” (+0.25)."
    )


def test_other_queries_and_models_are_refused():
    other = TokenSequence.from_strings(["q0", "q1", "q2", "x3"])
    x = explanation(np.eye(4))
    with pytest.raises(ValueError, match="must explain the same query"):
        contrast(x, explanation(np.eye(4), query=other))
    with pytest.raises(ValueError, match="must come from the same model, got hand-made"):
        contrast(x, explanation(np.eye(4), provenance=Provenance("another")))
