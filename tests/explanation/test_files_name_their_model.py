"""A table that is saved as a file says which model computed it."""

import io

import pandas as pd
import pytest

import colbert_explain as ce
from colbert_explain.explanation.frames import naming_its_model, result_csv, source_of

QUERY, DOCUMENTS = "cats eat", {"a": "Cats eat fish.", "b": "Rain."}


@pytest.fixture
def results(toy_encoder):
    """Tables of every kind that is saved as a file."""
    ranking = ce.rank(QUERY, DOCUMENTS, toy_encoder)
    with ce.Collection.build(DOCUMENTS, toy_encoder) as collection:
        found = ce.run_of(collection, {"q": QUERY})
        audit = ce.audit(found, {"q": QUERY}, {"q": {"b": 1}}, collection, k=1)
        yield {
            "explanation": ranking.explanations[0].to_frame(),
            "ranking": ranking.to_frame(pooled_cosine=True),
            "hits": collection.search(QUERY).to_frame(),
            "audit": audit.to_frame().reset_index(),
            "measures": ce.evaluate(
                collection, {"q": QUERY}, {"q": {"a": 1}}
            ).per_query.reset_index(),
        }


def test_the_last_column_is_the_model(results, toy_encoder):
    model = toy_encoder.embed_query(QUERY).provenance.sentence()
    for name, frame in results.items():
        read = pd.read_csv(io.StringIO(result_csv(frame)))
        assert read.columns[-1] == "model", name
        assert set(read["model"]) == {model}, name


def test_a_column_of_the_user_is_kept(results):
    frame = results["ranking"].assign(model="mine")
    named = naming_its_model(frame)
    assert list(named["model"]) == ["mine", "mine"]
    assert list(named["model of the scores"]) == 2 * [source_of(frame)]


def test_a_table_without_a_model_is_written_as_it_is():
    frame = pd.DataFrame({"a": [1]})
    assert source_of(frame) == ""
    assert result_csv(frame) == "a\r\n1\r\n"
