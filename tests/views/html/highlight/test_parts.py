import numpy as np
import pytest

from colbert_explain.views.html.highlight.parts import highlight_parts, threshold_sentence
from tests.example_explanations import example

NAN = float("nan")


def parts(x, direction="query_to_document", threshold=NAN, pinned=None):
    return highlight_parts(x, direction, np.full(len(x.query), threshold), pinned)


@pytest.mark.parametrize(
    ("thresholds", "sentence"),
    [
        ([NAN, NAN], ""),
        ([0.5, 0.5], "no match: best cosine similarity below 0.500"),
        (
            [0.5, 0.25],
            "no match: best cosine similarity below the query token's threshold (0.250 to 0.500)",
        ),
        (
            [0.5, NAN],
            "no match: best cosine similarity below the query token's threshold (0.500; "
            "tokens without a threshold always match)",
        ),
    ],
)
def test_the_threshold_in_words(thresholds, sentence):
    assert threshold_sentence(np.array(thresholds)) == sentence


def test_states_are_those_that_occur_folded_text_included():
    assert parts(example(1, 1)).states() == {"match"}
    long = parts(example(9, 3000, n_unread=300))
    assert {"match", "unscored", "unread"} <= long.states()
    assert "weak" not in long.states()
    assert "weak" in parts(example(12, 14), threshold=0.99).states()
    assert long.document.folded
    assert not long.query.folded


def test_chips_list_every_scored_token_that_stands_for_no_text():
    x = example(32, 60, n_expansion=20, structural_scored=True)
    shown = parts(x)
    counted = {(chip.segment.text, chip.role): chip.count for chip in shown.query.chips}
    assert counted == {
        ("[CLS]", "special"): 1,
        ("[Q]", "marker"): 1,
        ("[SEP]", "special"): 1,
        ("[MASK]", "expansion"): 20,
    }
    shares = [float(chip.remark.split("%")[0]) for chip in shown.query.chips]
    rows = [i for i, token in enumerate(x.query) if token.start is None and token.scored]
    assert sum(shares) == pytest.approx(100 * x.contributions[rows].sum() / x.score, abs=0.3)
    assert parts(example(12, 60)).query.chips == ()  # there nothing of the kind is scored


def test_a_pinned_token_of_the_document_that_stands_for_no_text_gets_a_chip():
    x = example(12, 60)
    assert x.document[0].text == "[CLS]"
    assert "[CLS]" not in [chip.segment.text for chip in parts(x).document.chips]
    (chip,) = parts(x, pinned=(3, 0)).document.chips
    assert (chip.segment.text, chip.segment.pinned) == ("[CLS]", True)
