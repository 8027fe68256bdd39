import json

import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.views.page_data.strip import strip_contents
from colbert_explain.views.theme import DARK, LIGHT
from tests.example_explanations import EXAMPLES, example


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_bins_hold_the_whole_document_and_its_best_match(kind):
    x = example(**EXAMPLES[kind])
    contents = strip_contents(x)
    bins = contents["bins"]
    assert contents["n_tokens"] == len(x.document)
    assert [b["start"] for b in bins] == [0, *(b["stop"] for b in bins[:-1])]
    assert bins[-1]["stop"] == len(x.document)
    best = max(b["value"] for b in bins if b["value"] is not None)
    assert best == pytest.approx(float(x.contributions[x.query.scored_mask].max()), abs=6e-4)
    json.dumps(contents, allow_nan=False)


def test_marks_stand_at_the_winners_in_order():
    x = example(12, 300, seed=5)
    marks = strip_contents(x)["marks"]
    assert [m["token"] for m in marks] == sorted(m["token"] for m in marks)
    clear = np.flatnonzero(x.query.scored_mask & ~x.tied)
    assert {m["token"] for m in marks} >= set(x.alignment[clear].tolist())
    assert not {m["tied"] for m in marks} - {False, bool(x.tied.any())}


def test_texts_are_as_written_and_in_their_surroundings(toy_encoder):
    x = explain("fish", "cats <b>eat</b> fish. Dogs\x1b bark.", toy_encoder)
    contents = strip_contents(x)
    (mark,) = contents["marks"]
    assert mark["text"] == mark["query"] == "fish"
    assert mark["left"].endswith("<b>eat</b> ")
    assert mark["right"].startswith(". Dogs  bark")
    assert mark["value"] == 1
    assert contents["sentences"] == [1, x.document.tokens.index(_token(x, "Dogs"))]


def _token(x, text):
    return next(token for token in x.document if token.text == text)


def test_tokens_that_are_not_scored_have_neither_value_nor_colour():
    bins = strip_contents(example(9, 200, unscored_from=100))["bins"]
    assert all(b["value"] is None and b["colour"] is None for b in bins[100:])


def test_each_theme_has_its_colours():
    x = example(4, 30)
    for theme, palette in (("light", LIGHT), ("dark", DARK)):
        contents = strip_contents(x, theme=theme)
        assert contents["frame"] == palette.frame
        shown = next(b for b in contents["bins"] if b["value"] is not None)
        exact = float(np.where(x.query.scored_mask, x.similarity[:, shown["token"]], -1).max())
        assert shown["colour"] == palette.cosine_colour(exact)


def test_a_very_long_document_stays_a_small_message():
    assert len(json.dumps(strip_contents(example(**EXAMPLES["32 x 8192"])))) < 300_000
