import pytest

import colbert_explain as ce
from colbert_explain.evaluation.audit.changes import LostPair, changes_of, reworded

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
        "(1.31) would stay behind the winner (1.44)."
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
        "the right document (3.20) would be first, above the winner (3.19)."
    )


def test_the_query_is_asked_without_the_leading_words(pair, toy_encoder):
    shorter = changes_of(pair)[2]
    assert set(shorter.words) == {word.text for word in pair.leading}
    rest = " ".join(word for word in QUERY.split() if word not in shorter.words)
    assert shorter.score == pytest.approx(score(toy_encoder, rest, TEXTS["right"]))
    assert shorter.sentence.endswith("puts the right document at rank 2 (as before).")


def test_it_says_plainly_that_an_order_stays(toy_encoder):
    # The winner repeats the whole query; the right document shares nothing with it.
    texts = {"winner": "a b c d e f g h", "right": "zebra", "third": "a b c d e f g"}
    pair = made(toy_encoder, texts, "a b c d e f g h")
    winner = changes_of(pair)[0]
    assert len(winner.words) == 5
    assert winner.rank == winner.rank_before > 1
    assert "would stay behind the winner" in winner.sentence


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
    assert change.sentence == "“yellow autumn” puts the right document at rank 1 (was 2)."
    same = reworded(pair, QUERY)
    assert (same.rank_before, same.rank) == (2, 2)
    assert same.sentence.endswith("(as before); the first document is “winner”.")
    with pytest.raises(ValueError, match="must contain text"):
        reworded(pair, " ")


def test_the_work_stops_when_nobody_waits(pair):
    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with pytest.raises(StoppedError):
        changes_of(pair, stop)
