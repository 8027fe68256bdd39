import json

import pytest

from colbert_explain.explanation import explain
from colbert_explain.ranking import contrast
from colbert_explain.views import contrast_rows


def test_rows_add_up_to_the_difference_of_the_scores(toy_encoder):
    one, other = (
        explain("cats eat fish.", text, toy_encoder) for text in ("cats eat", "dogs eat fish")
    )
    rows = contrast_rows(contrast(one, other, ("A", "<b>")))
    assert sum(row["difference"] for row in rows["rows"]) == pytest.approx(rows["difference"])
    assert rows["scores"] == [one.score, other.score]
    assert rows["difference"] == one.score - other.score
    assert [row["name"] for row in rows["rows"]] == ["cats", "eat", "fish"]
    eat = rows["rows"][1]
    assert eat["first"] == {"match": "eat", "value": pytest.approx(1)}
    assert eat["second"] == {"match": "eat", "value": pytest.approx(1)}
    assert rows["scale"] == max(abs(row["difference"]) for row in rows["rows"])
    assert rows["names"] == ["A", "<b>"]
    assert rows["sentence"] == contrast(one, other, ("A", "<b>")).sentence()
    json.dumps(rows)
