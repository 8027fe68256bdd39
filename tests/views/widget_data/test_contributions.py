import json

import numpy as np
import pytest

from colbert_explain.explanation import Explanation, explain
from colbert_explain.views.theme import DARK, LIGHT
from colbert_explain.views.widget_data.contributions import contribution_rows, summary_sentences
from tests.example_explanations import example, sequence


@pytest.mark.parametrize("level", ["token", "word"])
def test_rows_groups_and_score_add_up(level):
    x = example(12, 40, structural_scored=True)
    ledger = contribution_rows(x, level=level)
    assert [group["name"] for group in ledger["groups"]] == [
        "words",
        "markers",
        "[CLS] and [SEP]",
    ]
    for group in ledger["groups"]:
        assert sum(row["value"] for row in group["rows"]) == pytest.approx(group["subtotal"])
        assert group["share"] == pytest.approx(group["subtotal"] / x.score)
    assert sum(group["subtotal"] for group in ledger["groups"]) == pytest.approx(x.score, abs=1e-5)
    tokens = [i for group in ledger["groups"] for row in group["rows"] for i in row["tokens"]]
    assert sorted(tokens) == x.query.scored_mask.nonzero()[0].tolist()
    json.dumps(ledger)


def test_a_row_names_its_pair_and_the_best_match_elsewhere(toy_encoder):
    x = explain("cats eat.", "dogs eat fish", toy_encoder)
    ledger = contribution_rows(x)
    cats, eat = ledger["groups"][0]["rows"]
    assert (eat["pair"], eat["match"], eat["at"]) == ([2, 2], "eat", 2)
    assert eat["colour"] == LIGHT.cosine_colour(1.0)
    assert contribution_rows(x, theme="dark")["groups"][0]["rows"][1][
        "colour"
    ] == DARK.cosine_colour(1.0)
    others = {j: float(x.similarity[2, j]) for j in (1, 3)}
    second = max(others, key=others.__getitem__)
    assert eat["runner_up"] == x.document[second].text
    assert eat["runner_up_value"] == pytest.approx(others[second])
    assert (eat["firm"], cats["pieces"]) == ("", 1)
    assert ledger["unscored"] == ["[CLS]", ".", "[SEP]"]


def test_ties_and_close_calls_are_told_apart(toy_encoder):
    tied = explain("cats", "cats and cats", toy_encoder)
    assert contribution_rows(tied)["groups"][0]["rows"][0]["firm"] == "tie"
    query, document = sequence(1), sequence(2)
    values = np.array([[0.7, 0.69]], dtype=np.float32)
    close = Explanation(query, document, values, tied.provenance)
    ledger = contribution_rows(close)
    assert ledger["groups"][0]["rows"][0]["firm"] == "close"
    assert "close call" in ledger["sentences"][0]


def test_a_document_of_one_word_has_no_other_place(toy_encoder):
    (row,) = contribution_rows(explain("cats", "fish", toy_encoder))["groups"][0]["rows"]
    assert (row["runner_up"], row["runner_up_value"], row["firm"]) == (None, None, "")


def test_the_summary_says_what_the_score_is_made_of(toy_encoder):
    assert summary_sentences(explain("cats eat", "cats eating", toy_encoder))[0].startswith(
        "1 word found the same word, 1.000"
    )
