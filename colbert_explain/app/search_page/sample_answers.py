"""The queries of the sample, and which documents answer them."""

from __future__ import annotations

from colbert_explain.evaluation import read_qrels, read_queries
from colbert_explain.samples import sample_collection_folder


def sample_answers() -> dict[str, set[str]]:
    """Return the queries of the sample with the ids of the documents that answer them."""
    folder = sample_collection_folder()
    judged = read_qrels(folder)
    return {
        text: {id_ for id_, grade in judged.get(query, {}).items() if grade > 0}
        for query, text in read_queries(folder).items()
    }
