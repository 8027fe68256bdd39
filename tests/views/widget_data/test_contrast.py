import json

import numpy as np
import pytest

from colbert_explain.analysis import contrast
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.text.wording import one_line
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.widget_data.contrast import contrast_rows


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


def test_signs_in_a_text_are_text_in_the_sentence_too():
    odd = ["*", "**a*b**", "_a_", "`a`", "<b>a</b>", "$a$", "a”b", "\u202ea", "a\nb"]
    for word in odd:
        tokens = TokenSequence.from_strings([word])
        x, y = (
            Explanation(tokens, tokens, np.full((1, 1), value, np.float32), Provenance("toy"))
            for value in (0.5, 0.25)
        )
        name = f"{word} {word}"
        c = contrast(x, y, (name, "B"))
        rows = contrast_rows(c)
        shown = one_line(word)
        assert rows["sentence_parts"] == [
            [f"{one_line(name)} wins over B by 0.25, all of it from “", False],
            [shown, True],
            ["” → “", False],
            [shown, True],
            ["” (+0.25).", False],
        ], word
        assert rows["sentence"] == c.sentence() == "".join(t for t, _ in rows["sentence_parts"])
