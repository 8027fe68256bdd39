import numpy as np
import pytest
from colbert_explain.explanation.ledger import distinct_runners_up, score_groups

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence
from tests.example_explanations import EXAMPLES, example

#: "hay" in two pieces, a comma that is not scored, "bark".
DOCUMENT = TokenSequence(
    "hay, bark",
    (
        Token(1, "h", "h", 0, 1),
        Token(2, "##ay", "ay", 1, 3),
        Token(3, ",", ",", 3, 4, scored=False),
        Token(4, "bark", "bark", 5, 9),
        Token(5, "[SEP]", "[SEP]", None, None, "special"),
    ),
)


def runners_up(*rows, document=DOCUMENT):
    query = TokenSequence.from_strings([f"q{i}" for i in range(len(rows))])
    similarity = np.array(rows, dtype=np.float32)
    return distinct_runners_up(
        Explanation(query, document, similarity, Provenance("mine"))
    ).tolist()


def test_another_piece_of_the_winners_word_is_no_runner_up():
    assert runners_up([0.9, 0.8, 0.0, 0.3, 0.1]) == [3]
    assert runners_up([0.2, 0.9, 0.0, 0.1, 0.15]) == [4]
    assert runners_up([0.7, 0.8, 0.9, 0.9, 0.1]) == [1]  # the comma is not scored


def test_the_first_of_equal_runners_up_counts_and_a_tie_stays_a_tie():
    assert runners_up([0.9, 0.1, 0.0, 0.4, 0.4], [0.9, 0.1, 0.0, 0.9, 0.4]) == [3, 3]


def test_there_is_no_runner_up_in_a_document_of_one_word():
    one = TokenSequence("hay,", DOCUMENT.tokens[:3])
    assert runners_up([0.9, 0.8, 0.7], document=one) == [-1]


def test_a_query_token_that_is_not_scored_has_no_runner_up(toy_encoder):
    x = explain("cats, eat", "dogs eat fish", toy_encoder)
    assert (distinct_runners_up(x) >= 0).tolist() == x.query.scored_mask.tolist()


def test_groups_hold_every_scored_token_once_and_sum_to_the_score():
    x = example(**EXAMPLES["expansion"])
    groups = score_groups(x)
    assert [group.name for group in groups] == [
        "words",
        "markers",
        "[CLS] and [SEP]",
        "expansion tokens",
    ]
    positions = sorted(i for group in groups for i in group.positions)
    assert positions == np.flatnonzero(x.query.scored_mask).tolist()
    assert sum(group.subtotal for group in groups) == pytest.approx(x.score, abs=1e-5)
    assert sum(group.share for group in groups) == pytest.approx(1)


def test_shares_of_a_score_below_zero_are_not_numbers():
    query, document = TokenSequence.from_strings(["a"]), TokenSequence.from_strings(["b"])
    x = Explanation(query, document, np.array([[-0.5]], dtype=np.float32), Provenance("mine"))
    (group,) = score_groups(x)
    assert group.subtotal == pytest.approx(-0.5)
    assert np.isnan(group.share)
