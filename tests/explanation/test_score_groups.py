import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.score_groups import score_groups
from colbert_explain.tokens import TokenSequence
from tests.example_explanations import EXAMPLES, example


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
