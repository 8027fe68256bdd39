"""A table of several documents says which of them were not read to the end."""

from colbert_explain.analysis import rank
from colbert_explain.encoders import load_encoder
from colbert_explain.search import Collection
from colbert_explain.views.html.collection_tables import hits_table
from colbert_explain.views.html.result_tables import contrast_table, ranking_table

LONG = dict.fromkeys(("a", "b", "<c>", "d"), "Cats eat fish every day of the year.")
DOCUMENTS = {"short": "Cats.", **LONG}
QUERY = "what do cats eat every day"


def test_rankings_hits_and_contrasts_say_what_was_not_read():
    encoder = load_encoder(query_length=5, document_length=6)
    ranking = rank(QUERY, DOCUMENTS, encoder)
    n_query, n_document = ranking.query.n_unread, ranking.document_embeddings[1].tokens.n_unread
    assert n_query > 0 < n_document
    with Collection.build(DOCUMENTS, encoder) as collection:
        hits = collection.search(QUERY)
    for text in (ranking_table(ranking).text(), hits_table(hits).text()):
        assert f"5 tokens were read, {n_query} were not" in text
        assert "4 of 5 documents were not read to the end (tokens not read): " in text
        assert f"({n_document})" in text
        assert "and 1 more." in text
    compared = contrast_table(ranking.contrast("short", "a")).text()
    assert f"5 tokens were read, {n_query} were not" in compared
    assert "1 of 2 documents was not read to the end" in compared
    assert f": a ({n_document})." in compared


def test_nothing_is_said_of_texts_that_were_read():
    ranking = rank("cats", {"a": "Cats eat.", "b": "Dogs."})
    for table in (ranking_table(ranking), contrast_table(ranking.contrast("a", "b"))):
        assert "not read" not in table.text()
