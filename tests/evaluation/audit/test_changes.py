from dataclasses import replace

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.evaluation.audit.changes import LostPair, changes_of, reworded
from tests.conftest import ToyEncoder

TEXTS = {
    "winner": "Golden winter, golden birds in snow",
    "right": "leaves turn yellow",
    "third": "stones of rivers",
}
QUERY = "golden leaves in winter"


@pytest.fixture
def pair(toy_encoder):
    return made(toy_encoder, TEXTS)


def made(encoder, texts, query=QUERY):
    collection = ce.Collection.build(texts, encoder)
    winner, right = (collection.embeddings(name) for name in ("winner", "right"))
    return LostPair(encoder.embed_query(query), winner, right, collection, encoder)


def score(encoder, query, text):
    return ce.explain(query, text, encoder).score


def test_the_words_that_make_the_lead_are_removed_from_the_winner(pair, toy_encoder):
    winner, *_ = changes_of(pair)
    assert [word.text for word in pair.leading] == list(winner.words) != []
    kept = [
        word
        for word in ("golden", "winter", "golden", "birds", "in", "snow")
        if word not in winner.words
    ]
    assert winner.text == "winner"
    assert winner.score == pytest.approx(score(toy_encoder, QUERY, " ".join(kept)))
    assert (winner.rank_before, winner.rank) == (2, 2)
    assert winner.sentence == (
        "Without “golden, winter”, the winner scores 1.44 (was 3.19): the right document "
        "(1.31) would stay behind it."
    )
    nearer = made(toy_encoder, {**TEXTS, "right": "leaves in snow turn yellow"})
    assert (changes_of(nearer)[0].rank_before, changes_of(nearer)[0].rank) == (2, 1)


def test_missing_words_are_added_to_the_right_document(pair, toy_encoder):
    longer = changes_of(pair)[1]
    assert (longer.text, set(longer.words)) == ("right", {"golden", "winter"})  # no "in"
    text = f"{TEXTS['right']}. {' '.join(longer.words)}."
    assert longer.score == pytest.approx(score(toy_encoder, QUERY, text))
    assert (longer.rank_before, longer.rank) == (2, 1)
    assert longer.sentence.endswith(
        "the right document scores 3.20 (was 1.31): it would be first, above the winner (3.19)."
    )


def test_the_query_is_asked_without_the_leading_words(pair, toy_encoder):
    shorter = changes_of(pair)[2]
    assert set(shorter.words) == {word.text for word in pair.leading}
    rest = " ".join(word for word in QUERY.split() if word not in shorter.words)
    assert shorter.score == pytest.approx(score(toy_encoder, rest, TEXTS["right"]))
    assert (shorter.rank_before, shorter.rank) == (2, 2)
    assert shorter.sentence.endswith(
        " ties the right document with “winner”, which was added before it."
    )


def test_it_says_plainly_that_an_order_stays(toy_encoder):
    # The winner repeats the whole query; the right document shares nothing with it.
    texts = {"winner": "a b c d e f g h", "right": "zebra", "third": "a b c d e f g"}
    pair = made(toy_encoder, texts, "a b c d e f g h")
    winner = changes_of(pair)[0]
    assert len(winner.words) == 5
    assert winner.rank == winner.rank_before > 1
    assert "would stay behind it" in winner.sentence


def test_words_are_added_where_they_are_read(toy_encoder):
    toy_encoder.document_length = 5
    longer = changes_of(made(toy_encoder, TEXTS))[1]
    assert "before its text, the right document scores" in longer.sentence
    assert longer.rank < longer.rank_before


def test_nothing_is_changed_where_the_right_document_stands_above(toy_encoder):
    pair = made(toy_encoder, {**TEXTS, "right": QUERY})
    assert changes_of(pair) == []


def test_another_query_is_searched_for(pair):
    change = reworded(pair, "yellow autumn")
    assert (change.rank_before, change.rank) == (2, 1)
    assert change.sentence == "“yellow autumn” puts the right document first."
    same = reworded(pair, QUERY)
    assert (same.rank_before, same.rank) == (2, 2)
    assert same.sentence == f"“{QUERY}” puts “winner” first."
    with pytest.raises(ValueError, match="must contain text"):
        reworded(pair, " ")


class OtherProcessor(ToyEncoder):
    """Its vectors differ from those of the toy encoder in the last bits.

    Those of documents with an exclamation mark, and of query words in upper case.
    """

    def __init__(self, sign):
        super().__init__()
        self.factor = np.float32(1 + sign * 3e-7)

    def embed_document(self, text, *, progress=None):
        made = super().embed_document(text, progress=progress)
        return self.moved(made, np.full(len(made.tokens), "!" in text))

    def embed_query(self, text, *, progress=None):
        made = super().embed_query(text, progress=progress)
        return self.moved(made, np.array([token.text.isupper() for token in made.tokens]))

    def moved(self, made, which):
        factors = np.where(which, self.factor, np.float32(1))
        return replace(made, vectors=made.vectors * factors[:, None])


def test_equal_scores_keep_the_order_of_addition_on_every_processor():
    texts = {"winner": "golden leaves", "right": "leaves!", "third": "stones of rivers"}
    query = "golden leaves"
    later = dict(reversed(texts.items()))  # the winner is added after the right document
    of_winner = (
        "the winner scores 0.94 (was 2.00): the right document (0.94) would tie with it and "
    )
    of_right = "it would tie with the winner (2.00) and "
    for sign in (-1, 1):
        encoder = OtherProcessor(sign)
        for given, rank, end in (
            (texts, 2, "stay behind it, because it was added later."),
            (later, 1, "be first, above it, because it was added first."),
        ):
            one, other, shorter = changes_of(made(encoder, given, query))
            where = (sign, rank)
            assert one.sentence.endswith(of_winner + end), where
            assert other.sentence.endswith(of_right + end), where
            assert [each.rank for each in (one, other, shorter)] == [rank] * 3, where
            assert {each.rank_before for each in (one, other, shorter)} == {2}, where
            said = "puts the right document first."
            if rank == 2:
                said = "ties the right document with “winner”, which was added before it."
            assert shorter.sentence == f"The query without “golden” {said}", where


def test_a_tie_is_lost_by_the_document_that_was_added_later():
    texts = {"winner": "golden leaves", "right": "leaves, golden!", "third": "stones of rivers"}
    query = "golden leaves"
    for sign in (-1, 1):
        encoder = OtherProcessor(sign)
        tied = made(encoder, texts, query)
        assert tied.rank == 2, sign
        assert reworded(tied, query).sentence == (
            "“golden leaves” ties the right document with “winner”, which was added before it."
        ), sign
        assert made(encoder, dict(reversed(texts.items())), query).rank == 1, sign


def test_equal_leads_keep_the_order_of_the_query_on_every_processor():
    texts = {"winner": "golden leaves", "right": "leaves", "third": "stones of rivers"}
    for sign in (-1, 1):
        pair = made(OtherProcessor(sign), texts, "golden GOLDEN leaves")
        assert [word.text for word in pair.leading] == ["golden", "GOLDEN"], sign
        assert [word.text for word in pair.missing] == ["golden", "GOLDEN"], sign


def test_the_work_stops_when_nobody_waits(pair):
    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with pytest.raises(StoppedError):
        changes_of(pair, stop)
