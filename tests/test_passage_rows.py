import json

import pytest

from colbert_explain.explanation import explain
from colbert_explain.views.passage_rows import passage_rows
from tests.example_explanations import example

TEXT = "Dogs bark. Cats eat fish <b>now</b>. Cats eat meat. It rains."


def test_rows_say_score_share_and_how_near_to_the_best(toy_encoder):
    x = explain("cats eat fish", TEXT, toy_encoder)
    rows = passage_rows(x, k=3)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[0]["text"] == "Cats eat fish <b>now</b>."
    assert rows[0]["score"] == pytest.approx(3)
    assert rows[0]["share"] == pytest.approx(1)
    assert rows[1]["text"] == "Cats eat meat."
    assert rows[1]["of_best"] == pytest.approx(rows[1]["score"] / 3)
    for row in rows:
        words = [x.document[j].text for j in range(row["first"], row["stop"])]
        assert words[0] == row["text"].split()[0]
        assert words[-1] == "."
    json.dumps(rows, allow_nan=False)


def test_a_long_sentence_is_cut_and_no_row_is_refused():
    assert all(len(row["text"]) <= 280 for row in passage_rows(example(8, 500)))
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        passage_rows(example(3, 20), k=0)
