import pytest

from colbert_explain.search import Collection, Document
from colbert_explain.views.html.collection_tables import (
    collection_table,
    document_table,
    hits_table,
)

TEXTS = {
    "fish": "Dogs bark. They sleep at night. Now cats eat fish here",
    "bark": "dogs bark",
    "rain": "it rains in spain",
}


@pytest.fixture
def collection(toy_encoder):
    documents = [*TEXTS.items(), ("blank", " ")]
    return Collection.build(documents, toy_encoder)


def test_hits_have_a_bar_and_a_number_for_each_query_word(collection):
    table = hits_table(collection.search("cats eat", 2))
    assert table.head == ("rank", "document", "score", "", "cats", "eat", "best sentence")
    best, second = table.rows
    assert [cell.text for cell in best[:6]] == ["1", "fish", "2.000", "████████", "1.00", "1.00"]
    assert best[-1].text == "Now cats eat fish here"
    assert best[4].similarity == pytest.approx(1)
    assert len(second[3].text) < len(best[3].text)
    assert "All 3 documents are scored." in table.sentences
    assert any(sentence.startswith("fish outscores") for sentence in table.sentences)


def test_many_query_words_share_a_column_of_marks(collection):
    query = "cats eat fish and dogs bark when it rains in spain today"
    table = hits_table(collection.search(query, 3))
    assert table.head[4] == "12 query words"
    best = table.rows[0][4].text
    assert len(best) == 12
    assert best.startswith("███")


def test_a_first_stage_is_named(collection):
    table = hits_table(collection.search("dogs", 3, first_stage="bm25"))
    assert "2 documents of 3 are scored exactly, chosen by BM25." in table.sentences


def test_a_filter_is_named(toy_encoder):
    documents = [{"id": "a", "text": "cats", "year": 1}, {"id": "b", "text": "cats", "year": 2}]
    hits = Collection.build(documents, toy_encoder).search("cats", where={"year": 2})
    assert hits.names == ("b",)
    assert "Of 2 documents, all that pass the filter are scored." in hits_table(hits).sentences


def test_the_difference_from_a_compressed_index_has_a_column(collection):
    hits = collection.search("cats eat", 2)
    object.__setattr__(hits, "index_scores", hits.scores - 0.125)
    table = hits_table(hits)
    assert table.head[4] == "score minus index score"
    assert table.rows[0][4].text == "+0.125"


def test_a_collection_and_its_documents_show_themselves(collection):
    table = collection_table(collection)
    assert table.title == "3 documents in memory"
    assert table.sentences == (
        "1 document could not be read; it is listed in the collection's left_out.",
    )
    assert [row[0].text for row in table.rows] == list(TEXTS)
    document = Document("a", "cats", {"year": 2001})
    assert document_table(document).rows[0][2].text == "year: 2001"


def test_text_of_a_document_is_never_markup(toy_encoder):
    collection = Collection.build({"<b>": "<i>cats</i> & dogs"}, toy_encoder)
    for shown in (collection, collection["<b>"], collection.search("cats", 1)):
        html = shown._repr_mimebundle_()["text/html"]
        assert "<b>" not in html
        assert "&lt;b&gt;" in html
