import re

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import TokenSequence
from colbert_explain.views import contribution_chart
from colbert_explain.views.theme import DARK
from tests.example_explanations import EXAMPLES, example


@pytest.fixture
def explanation(toy_encoder):
    return explain("cats eat fish, zzz", "dogs eat <fish> eat", toy_encoder)


def test_the_bars_add_up_to_the_score_in_the_title(explanation):
    figure = contribution_chart(explanation)
    bars, runners_up, texts = figure.data
    assert sum(bars.x) == pytest.approx(explanation.score, abs=1e-5)
    assert f"{explanation.score:.3f}" in figure.layout.title.text
    assert len(runners_up.x) == len(bars.x) == len(texts.x) == len(explanation.query)


def test_a_bar_names_its_match_and_an_unscored_token_has_none(explanation):
    bars = contribution_chart(explanation).data[0]
    assert bars.text[0] == "not scored"
    assert bars.text[2] == "→ eat  1.000 · 43%  (tie)"
    assert bars.text[3].startswith("→ fish")


def test_the_runner_up_is_the_best_in_another_place(explanation):
    assert contribution_chart(explanation).data[1].customdata[2] == "eat"


def best_in_another_word(x, i):
    """Return the largest similarity outside the word of a match, looked for one by one; or NaN."""
    tokens, best = list(x.document), float("nan")
    first = last = int(x.alignment[i])
    while first > 0 and tokens[first - 1].text.isalnum() and one_word(tokens, first - 1):
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].text.isalnum() and one_word(tokens, last):
        last += 1
    for k, value in enumerate(x.similarity[i].tolist()):
        if tokens[k].scored and not first <= k <= last and not value <= best:
            best = value
    return best


def one_word(tokens, k):
    return tokens[k].end is not None and tokens[k].end == tokens[k + 1].start


def test_chart_and_table_give_the_best_in_another_word_as_runner_up():
    for kind in ("12 x 14", "32 x 512", "one document token"):
        x = example(**EXAMPLES[kind])
        expected = [
            best_in_another_word(x, i) if token.scored else float("nan")
            for i, token in enumerate(x.query)
        ]
        for shown in (contribution_chart(x).data[1].x, x.to_frame()["runner_up_similarity"]):
            np.testing.assert_allclose(
                np.array(shown, dtype=float), expected, atol=1e-6, err_msg=kind
            )


def test_bars_and_marks_below_zero_lie_within_the_axis():
    similarity = np.array([[0.5, -0.6], [-0.3, -0.2]], dtype=np.float32)
    one, other = (TokenSequence.from_strings(pair) for pair in (["a", "b"], ["c", "d"]))
    figure = contribution_chart(Explanation(one, other, similarity, Provenance("mine")))
    assert figure.layout.xaxis.range[0] < -0.6


def test_the_colour_scale_is_that_of_the_heatmap(explanation):
    marker = contribution_chart(explanation).data[0].marker
    assert (marker.cmin, marker.cmid, marker.cmax) == (-1, 0, 1)


def test_user_text_is_escaped(toy_encoder):
    figure = contribution_chart(explain("b <b> b", "x <i> $y$", toy_encoder))
    assert "<b>" not in "".join(figure.data[0].text)
    assert figure.layout.yaxis.labelalias["2"] == '<span style="color:#6b7077">&lt;</span>'


def test_rows_may_be_sorted_with_what_is_not_scored_last(explanation):
    bars = contribution_chart(explanation, sort="contribution").data[0]
    values = [value for value, text in zip(bars.x, bars.text, strict=True) if text != "not scored"]
    assert values == sorted(values, reverse=True)
    assert bars.text[len(values) :] == ("not scored",) * (len(bars.x) - len(values))
    assert sum(bars.x) == pytest.approx(explanation.score, abs=1e-5)


def test_groups_have_headings_whose_subtotals_sum_to_the_score():
    x = example(**EXAMPLES["expansion"])
    figure = contribution_chart(x)
    bars, _, texts = figure.data
    heading = r"<b>(?:(\d+) sum to )?([\d.]+) = (\d+)% of the score</b>"
    headings = [re.fullmatch(heading, text) for text in texts.text]
    found = [heading for heading in headings if heading]
    assert [heading[1] for heading in found] == ["9", None, "2", "20"]  # one token is no sum
    assert sum(float(heading[2]) for heading in found) == pytest.approx(x.score, abs=3e-3)
    assert sum(int(heading[3]) for heading in found) in (99, 100, 101)
    assert sum(bars.x) == pytest.approx(x.score, abs=1e-5)
    labels = figure.layout.yaxis.labelalias
    assert labels["0"] == "<b>words</b>"
    assert len(texts.x) == len(x.query) + 4
    for place, value in zip(bars.y, bars.x, strict=True):
        assert f"{value:.3f}" in texts.text[place]


def test_a_close_call_names_the_place_that_nearly_won():
    query = TokenSequence.from_strings(["a", "b", "c"])
    document = TokenSequence.from_strings(["d", "e", "f"])
    similarity = np.array([[0.5, 0.49, 0], [0.5, 0.4, 0], [0.5, 0.5, 0]], dtype=np.float32)
    texts = contribution_chart(Explanation(query, document, similarity, Provenance("mine"))).data[2]
    assert texts.text[0] == "→ d  0.500 · 33%  (close: e 0.490)"
    assert texts.text[1] == "→ d  0.500 · 33%"
    assert texts.text[2] == "→ d  0.500 · 33%  (tie)"


def test_percentiles_stand_beside_the_bars_where_they_are_known(explanation):
    known = np.full(len(explanation.query), np.nan)
    known[2] = 97.4
    bars = contribution_chart(explanation, percentiles=known).data[0]
    assert bars.text[2].endswith("· above 97%")
    better = "better than 97% of the best matches in unrelated texts of this length"
    assert better in bars.customdata[2]
    assert "above" not in bars.text[3]


def test_words_sum_their_pieces_and_take_the_colour_of_the_mean():
    x = example(**EXAMPLES["12 x 14"])
    words = x.words()
    bars = contribution_chart(x, level="word").data[0]
    np.testing.assert_allclose(bars.x, words.contributions, atol=1e-6)
    (several,) = [i for i, word in enumerate(words.query) if len(word.positions) > 1]
    assert bars.marker.color[several] == pytest.approx(bars.x[several] / 2)
    assert "2 pieces" in bars.text[several]


def test_a_word_that_nearly_lost_says_so():
    query = TokenSequence.from_strings(["a", "b"])
    document = TokenSequence.from_strings(["d", "e"])
    for near, said in ((0.49, "  (close: e 0.490)"), (0.4, ""), (0.5, "  (tie)")):
        similarity = np.array([[0.5, near], [0.2, 0.9]], dtype=np.float32)
        x = Explanation(query, document, similarity, Provenance("mine"))
        texts = contribution_chart(x, level="word").data[2].text
        assert texts[0] == f"→ d  0.500 · 36%{said}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"percentiles": [1.0]}, "percentiles must hold one number per query token, 7, got 1"),
        ({"sort": "size"}, "sort must be one of text, contribution, got 'size'"),
        ({"level": "piece"}, "level must be one of token, word, got 'piece'"),
        ({"percentiles": [1.0] * 7, "level": "word"}, "level must be token when percentiles"),
    ],
)
def test_what_cannot_be_drawn_is_refused(explanation, unchecked, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        contribution_chart(explanation, **options)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("level", ["token", "word"])
def test_every_kind_of_explanation_is_drawn(kind, level):
    x = example(**EXAMPLES[kind])
    figure = contribution_chart(x, theme="dark", level=level)
    assert sum(figure.data[0].x) == pytest.approx(x.score, abs=1e-4)
    assert figure.layout.paper_bgcolor == DARK.paper


@pytest.mark.parametrize("value", [-0.01, 100.01, 886.5])
def test_a_percentile_lies_between_0_and_100(toy_encoder, value):
    x = explain("cats eat", "dogs eat", toy_encoder)
    with pytest.raises(ValueError, match=rf"percentiles must lie within \[0, 100\], got {value}"):
        contribution_chart(x, percentiles=[value, *[float("nan")] * 3])
