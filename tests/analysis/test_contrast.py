import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain.analysis import contrast, rank
from colbert_explain.analysis.word_contrast import WordContrast
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.page_data.sections import compare

QUERY = TokenSequence.from_strings(["q0", "q1", "q2", "q3"])
HOUSE = "Plants in a house grow at the window."
MINUS = "\N{MINUS SIGN}"
#: How far a number of the sentence may be from the true one; and the last bits.
TRUE_TO = 0.01 + 1e-5
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
    winner = re.match(r"(left|right) outscores (left|right) by ([\d.]+)", sentence)
    printed = [f"{x.score:.2f}" for x in (c.first, c.second)]
    if abs(c.score_difference) >= 0.005 and printed[0] != printed[1]:
        assert winner[1] == ("left" if c.score_difference > 0 else "right")
        assert float(winner[3]) == pytest.approx(abs(c.score_difference), abs=TRUE_TO)
    else:
        assert winner is None
        assert re.match("left and right (both score|score almost the same)", sentence)
    for token, match, shown in re.findall(r"“(q\d)” → “(\w\d)” \(([^)]+)\)", sentence):
        row = frame.loc[token]
        better, begin = ("first", "a") if row["difference"] > 0 else ("second", "b")
        assert match == row[f"match_{better}"]
        assert match[0] == begin
        value = float(shown.replace(MINUS, "-"))
        if winner is None:  # what one gains and what the other makes up are both shown as gains
            assert value == pytest.approx(abs(row["difference"]), abs=TRUE_TO)
        else:
            sign = -1 if winner[1] == "right" else 1
            assert value == pytest.approx(sign * row["difference"], abs=TRUE_TO)


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
        "A outscores B by 1.10, all of it from “q0” → “d0” (+0.60) and “q1” → “d0” (+0.50)."
    )


def test_what_the_winner_loses_is_said():
    c = contrast(one_column(0.3, 0.9, 0.5, 0.5), one_column(0.5, 0.1, 0.5, 0.5), ("new", "old"))
    assert c.sentence() == (
        "new outscores old by 0.60: it gains 0.80, all of it from “q1” → “d0” (+0.80), "
        "and loses 0.20 to better matches in the other text, all of it from “q0” → “d0” ("
        + MINUS
        + "0.20)."
    )


@given(arrays(np.float32, (12, 2), elements=st.floats(-1, 1, width=32)))
@example(np.array([[0.004, 0]] * 4 + [[0.5, 0.5]] * 8, dtype=np.float32))
@example(np.array([[0.334, 0]] * 3 + [[0, 0.334]] * 3 + [[0.5, 0.5]] * 6, dtype=np.float32))
def test_all_that_is_printed_adds_up_and_is_true_to_a_hundredth(values):
    query = TokenSequence.from_strings([f"q{i}" for i in range(len(values))])
    x, y = (explanation(column[:, None], query=query) for column in values.T)
    c = contrast(x, y)
    compared = WordContrast(x, y)
    scores = [round(side.score, 2) for side in (x, y)]
    assert exactly(compared.printed_difference) == exactly(scores[0]) - exactly(scores[1])
    if any(word.better for word in compared.words):
        shown = sum(exactly(word.printed) for word in compared.words)
        assert shown == exactly(compared.printed_difference)
    for word, (first, second) in zip(compared.words, values, strict=True):
        assert exactly(word.printed) == exactly(word.printed_values[0]) - exactly(
            word.printed_values[1]
        )
        assert word.printed == pytest.approx(float(first) - float(second), abs=TRUE_TO)
        assert word.printed_values == pytest.approx((first, second), abs=TRUE_TO)
    sentence = c.sentence()
    if told := re.search(r"by ([\d.]+): it gains ([\d.]+),.* and loses ([\d.]+) to", sentence):
        total, gained, lost = map(Decimal, told.groups())
        assert total == gained - lost
        sign = np.sign(c.score_difference)
        for shown, side in ((gained, sign), (lost, -sign)):
            true = abs(float(c.difference[c.better == side].sum()))
            assert float(shown) == pytest.approx(true, abs=TRUE_TO)
    for piece in re.split(": it gains |, and loses ", sentence):
        if told := re.search(r"([\d.]+)(?: to [a-z ]+)?, all of it from (.*)", piece):
            parts = re.findall(r"(\d\.\d\d)\)", told[2])
            assert sum(map(Decimal, parts)) == Decimal(told[1])


def exactly(value):
    return Decimal(f"{value:.2f}")


def test_scores_that_are_printed_alike_are_no_win():
    near = contrast(one_column(0.7749, 0, 0, 0), one_column(0.7651, 0, 0, 0)).sentence()
    assert near == (
        "A and B score almost the same, 0.775 and 0.765: every query word adds almost the same to "
        "both."
    )


def test_words_that_are_printed_as_no_difference_are_not_named():
    won = contrast(one_column(0.516, 0.502, 0.5, 0.5), one_column(0.5, 0.5, 0.5, 0.5))
    assert won.sentence() == "A outscores B by 0.02, almost all of it from “q0” → “d0” (+0.02)."
    lost = contrast(one_column(0.8, 0.5, 0.5, 0.5), one_column(0.5, 0.516, 0.502, 0.5))
    assert "±" not in lost.sentence()
    assert (
        "loses 0.02 to better matches in the other text, almost all of it from “q1” → “d0” ("
        in lost.sentence()
    )
    near = contrast(one_column(0.5051, 0.5, 0.5, 0.5), one_column(0.5, 0.5049, 0.5, 0.5))
    assert near.sentence() == (
        "A and B score almost the same, 2.0051 and 2.0049: every query word adds almost the same "
        "to both."
    )


@given(SIDES, SIDES)
def test_no_word_of_a_sentence_is_printed_as_no_difference(a, b):
    small = contrast(explanation(0.5 + a / 100), explanation(0.5 + b / 100))
    assert "±0.00" not in small.sentence()
    assert "±0.00" not in contrast(explanation(a), explanation(b)).sentence()


def test_the_sentence_counts_in_words_as_the_page_does(encoder):
    ranking = rank("Where do houseplants grow?", {"a": HOUSE, "b": "Cats sleep."}, encoder)
    found = ranking.contrast(0, 1)
    assert len(found.first.query) > 4 + 3  # some words have several tokens
    sentence = found.sentence()
    assert "“houseplants” → " in sentence
    assert "##" not in sentence
    assert compare(found)["sentence"] == sentence
    shown = page_result(found.first, ranking=ranking).data["contrast"]["sentence"]
    assert shown.partition(" by ")[2] == sentence.partition(" by ")[2]


def test_differences_that_cancel_out_are_no_win():
    c = contrast(one_column(0.9, 0.1, 0.5, 0.5), one_column(0.1, 0.9, 0.5, 0.5))
    assert c.sentence() == (
        "A and B both score 2.00: A gains a little, all of it from “q0” → “d0” "
        "(+0.80), and B about as much, all of it from “q1” → “d0” (+0.80)."
    )


def test_equal_documents_and_near_ties():
    x = one_column(0.9, 0.1, 0.5, 0.5)
    assert "every query word finds an equally good match" in contrast(x, x).sentence()
    near = one_column(0.902, 0.1, 0.5, 0.5)
    assert contrast(x, near).sentence() == (
        "A and B score almost the same, 2.000 and 2.002: every query word adds almost the same "
        "to both."
    )


def test_scores_that_are_almost_the_same_are_never_called_equal():
    x = one_column(0.9, 0.1, 0.5, 0.5)
    near = contrast(x, one_column(0.8997, 0.1, 0.5, 0.5)).sentence()
    assert "score almost the same, 2.0000 and 1.9997: " in near
    equal = contrast(x, one_column(0.9 - 5e-5, 0.1, 0.5, 0.5)).sentence()
    assert equal.startswith("A and B both score 2.00: ")
    swapped = contrast(x, one_column(0.1, 0.902, 0.5, 0.5)).sentence()
    assert swapped.startswith("A and B score almost the same, 2.000 and 2.002: A gains a little, ")


def test_a_token_counts_for_the_document_with_the_better_match():
    c = contrast(one_column(0.5, 0.4, 0.5 + 5e-6, 0.2), one_column(0.4, 0.5, 0.5, 0.2))
    assert c.better.tolist() == [1, -1, 0, 0]


def test_many_small_differences_are_called_spread():
    query = TokenSequence.from_strings([f"q{i}" for i in range(20)])
    x = explanation(np.full((20, 1), 0.6), query=query)
    y = explanation(np.full((20, 1), 0.5), query=query)
    sentence = contrast(x, y).sentence()
    assert "by 2.00, spread over 20 words, the largest parts from “q0”" in sentence
    assert sentence.count("→") == 3


def test_one_token_and_odd_characters():
    query = TokenSequence.from_strings(["a\nb\x1b"])
    x, y = (explanation([[value]], query=query) for value in (0.5, 0.25))
    assert contrast(x, y).sentence() == (
        "A outscores B by 0.25, all of it from “a b” → “d0” (+0.25)."
    )


def test_other_queries_and_models_are_refused():
    other = TokenSequence.from_strings(["q0", "q1", "q2", "x3"])
    x = explanation(np.eye(4))
    with pytest.raises(ValueError, match="must explain the same query"):
        contrast(x, explanation(np.eye(4), query=other))
    with pytest.raises(ValueError, match="same model, got model hand-made and another"):
        contrast(x, explanation(np.eye(4), provenance=Provenance("another")))
    shorter = replace(x.provenance, settings={"query_length": "8"})
    with pytest.raises(ValueError, match="same model, got setting query_length none and 8"):
        contrast(x, explanation(np.eye(4), provenance=shorter))
