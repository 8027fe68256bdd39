"""What the lesson on the long document says of the packaged article is so."""

import numpy as np
import pytest

from colbert_explain.analysis.occlusion import occlude
from colbert_explain.explanation import explain
from colbert_explain.samples import load_samples

#: The near misses in their order: a part of each, and the query words it has above 0.6.
NEAR_MISSES = {
    "A human being gets by on some 2 kg of food": {"kg", "of", "food"},
    "a big animal drops about 100 kg of it": {"150", "kg", "of", "food"},
    "A hungry lion can bolt 30 kg of zebra": {"kg", "of"},
    "clears perhaps 50 kg of short turf in a day": {"150", "kg", "of", "day"},
    "100 to 200 litres of water in a day": {"150", "of", "day"},
}


@pytest.fixture(scope="module")
def article():
    return load_samples("Long document")[0]


@pytest.fixture(scope="module")
def x(article, keeping_encoder):
    return explain(article.query, article.document, keeping_encoder)


def by_word(x, passage):
    rows = zip(x.query, passage.contributions, strict=True)
    return {token.text: float(value) for token, value in rows if token.scored}


def test_the_planted_sentence_is_first_and_far_ahead_of_the_next(x, article):
    first, second = x.passages(2)
    assert first.text == article.planted
    assert first.score >= 1.25 * second.score
    assert first.score / second.score == pytest.approx(1.47, abs=0.005)
    assert (first.score, second.score) == pytest.approx((6.62, 4.50), abs=0.005)


def test_it_has_every_winner_and_no_weak_word(x):
    first = x.passages(1)[0]
    assert first.score == pytest.approx(x.score, abs=1e-4)
    np.testing.assert_array_equal(first.alignment, x.alignment)
    assert min(by_word(x, first).values()) > 0.7


def test_the_near_misses_share_what_the_lesson_says_and_lack_the_rest(x):
    passages = x.passages(1 + len(NEAR_MISSES))[1:]
    for passage, (part, shared) in zip(passages, NEAR_MISSES.items(), strict=True):
        assert part in passage.text
        found = {word for word, value in by_word(x, passage).items() if value > 0.59}
        assert found == shared
    human = by_word(x, passages[0])
    assert human["kg"] + human["of"] + human["food"] > 5 * human["Elephants"]


def test_without_it_the_score_is_nearly_the_same_in_pieces_from_many_sentences(x):
    passages = x.passages(10_000)
    without = occlude(x, passages[0]).masked
    assert without.score == pytest.approx(6.25, abs=0.005)
    starts = [without.document[int(j)].start for j in without.alignment if j >= 0]
    held = [sum(p.start <= start < p.end for start in starts) for p in passages]
    assert max(held) == 2


def test_every_word_is_in_the_article_several_times_and_matched_well_all_over_it(x, article):
    words = [token.text.lower() for token in x.document]
    assert all(words.count(t.text.lower()) >= 3 for t in x.query if t.scored)
    assert 45 <= words.count("elephants") <= 55
    best = np.where(x.document.scored_mask, x.similarity[x.query.scored_mask].max(axis=0), -1)
    parts = np.array_split(best > 0.75, 20)
    assert sum(part.any() for part in parts) >= 18


def test_the_planted_sentence_holds_the_most_winners(x, article):
    assert len(x.document) > 7_900
    assert x.document.n_unread == 0
    start = article.document.index(article.planted)
    winners = [x.document[int(j)].start for j in x.alignment if j >= 0]
    inside = [w for w in winners if start <= w < start + len(article.planted)]
    assert len(inside) > len(winners) / 2  # more than any other sentence can hold
    left, right = x.strongest_window(50)
    assert x.document[left].start <= start
    assert x.document[right - 1].end >= start + len(article.planted)


def test_what_lies_beyond_the_window_leaves_no_trace(article, encoder):
    begins = ["The boat lay in the harbour.", "The house stood on the hill."]
    pages = " ".join(article.document.splitlines()[:20])
    told = {}
    for between in (" ", f" {pages} "):
        for begin in begins:
            text = f"{begin}{between}It was painted green."
            x = explain("The boat was painted green.", text, encoder)
            assert (x.query[2].text, x.document[-6].text) == ("boat", "It")
            told[begin, between == " "] = x
    near = [float(told[begin, True].similarity[2, -6]) for begin in begins]
    assert near == pytest.approx([0.39, 0.19], abs=0.005)
    one, other = (told[begin, False] for begin in begins)
    assert len(one.document) - len(told[begins[0], True].document) == pytest.approx(760, abs=10)
    np.testing.assert_array_equal(one.similarity[:, -6:], other.similarity[:, -6:])
