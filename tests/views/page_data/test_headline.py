import numpy as np
import pytest

from colbert_explain import explain
from colbert_explain.views.page_data.headline import headline, whole_percentages
from tests.example_explanations import EXAMPLES
from tests.views.page_data.pairs import ELEPHANTS, PARAPHRASE, given, pair_of


def test_the_score_and_what_it_is_made_of():
    x = explain(ELEPHANTS, PARAPHRASE)
    found = headline(x)
    assert found["score"] == "6.77"
    assert found["possible"] == "8.00"
    assert [share["kind"] for share in found["shares"]] == ["same", "stem", "other"]
    assert [share["label"] for share in found["shares"]] == [
        "67% same word",
        "13% same stem",
        "20% other words",
    ]
    assert found["sentence"] == (
        "67% of the score comes from 5 exact matches, 13% from 1 same-stem match, "
        "20% from 2 different words."
    )


@pytest.mark.parametrize("kind", EXAMPLES)
def test_shares_sum_to_the_whole(kind):
    found = headline(given(kind))
    assert sum(share["share"] for share in found["shares"]) == pytest.approx(1)
    percentages = [int(share["label"].split("%")[0]) for share in found["shares"]]
    assert sum(percentages) == 100


def test_percentages_always_sum_to_100():
    assert whole_percentages([0.335, 0.335, 0.33]) == [34, 33, 33]
    assert whole_percentages([1.0]) == [100]
    rng = np.random.default_rng(0)
    for n in (2, 3) * 50:
        parts = rng.dirichlet(np.ones(n))
        rounded = whole_percentages(parts.tolist())
        assert sum(rounded) == 100
        assert np.abs(np.array(rounded) - 100 * parts).max() < 1


def test_tokens_without_text_are_not_called_words():
    x = given("expansion")
    found = headline(x)
    by_role = {
        is_text: sum(
            x.contributions[i] for i, t in enumerate(x.query) if (t.role == "text") == is_text
        )
        for is_text in (True, False)
    }
    assert by_role[False] > 0
    shares = {share["kind"]: share for share in found["shares"]}
    assert shares["structural"]["share"] == pytest.approx(by_role[False] / x.score)
    assert shares["structural"]["label"].endswith("% structural tokens")
    assert found["sentence"].endswith("65% from 23 matches of tokens without text.")


def test_no_shares_where_a_kind_takes_away():
    x = pair_of(np.array([[-0.2, -0.5], [0.9, 0.3]]))
    found = headline(pair_of(np.array([[-0.2, -0.5]])))
    assert found["shares"] == []
    assert found["sentence"] == "1 different word adds \N{MINUS SIGN}0.20."
    assert headline(x)["sentence"] == "100% of the score comes from 2 different words."
