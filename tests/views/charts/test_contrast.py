import numpy as np
import pytest

from colbert_explain.analysis import contrast
from colbert_explain.explanation import explain
from colbert_explain.views import contrast_chart
from colbert_explain.views.theme import DARK


@pytest.fixture
def pair(toy_encoder):
    return [
        explain("cats eat fish, zzz", text, toy_encoder) for text in ("cats <eat>", "fish and dogs")
    ]


def test_the_bars_add_up_to_the_difference_in_the_title(pair):
    found = contrast(*pair, names=("one", "other"))
    for_one, for_other, _ = contrast_chart(found).data
    assert (for_one.name, for_other.name) == ("for one", "for other")
    assert min(for_one.x) > 0 > max(for_other.x)
    assert sum(for_one.x) + sum(for_other.x) == pytest.approx(found.score_difference, abs=1e-5)
    title = contrast_chart(found).layout.title.text
    assert f"{pair[0].score:.3f}" in title
    assert f"{found.score_difference:+.3f}" in title


def test_every_query_token_has_its_row_and_both_matches(pair):
    figure = contrast_chart(contrast(*pair))
    texts = figure.data[2].text
    assert len(texts) == len(pair[0].query)
    assert texts[0] == "not scored"
    assert texts[1].endswith(f"cats 1.000 | {word_of(pair[1], 1)}")
    assert figure.layout.yaxis.labelalias["2"] == "eat"


def word_of(x, i):
    return f"{x.document[int(x.alignment[i])].text} {x.contributions[i]:.3f}"


def test_rows_may_be_sorted_by_the_size_of_the_difference(pair):
    found = contrast(*pair)
    figure = contrast_chart(found, sort="difference")
    sizes = {}
    for bars in figure.data[:2]:
        sizes |= {row: abs(value) for row, value in zip(bars.y, bars.x, strict=True)}
    by_row = [sizes[row] for row in sorted(sizes)]
    assert by_row == pytest.approx(sorted(by_row, reverse=True), abs=2e-5)
    assert max(sizes.values()) == pytest.approx(np.abs(found.difference).max())
    assert figure.data[2].text[-1] == "not scored"


def test_names_and_tokens_are_escaped(pair):
    figure = contrast_chart(contrast(*pair, names=("<b>", "$x$")))
    assert figure.data[0].name == "for &lt;b&gt;"
    assert "$" not in figure.layout.title.text


def test_documents_that_match_alike_have_no_bars(pair):
    figure = contrast_chart(contrast(pair[0], pair[0]), theme="dark")
    assert figure.data[0].x == figure.data[1].x == ()
    assert "±0.000" in figure.layout.title.text
    assert figure.layout.paper_bgcolor == DARK.paper


def test_an_unknown_order_is_refused(pair, unchecked):
    with pytest.raises(ValueError, match="sort must be one of text, difference, got 'size'"):
        contrast_chart(contrast(*pair), sort="size")


def test_a_bar_stays_in_its_row_however_far_the_next_one_is(toy_encoder):
    x, y = (explain("cats eat fish", text, toy_encoder) for text in ("cats eat", "eat fish"))
    for bars in contrast_chart(contrast(x, y)).data[:2]:
        assert 0 < bars.width < 1
