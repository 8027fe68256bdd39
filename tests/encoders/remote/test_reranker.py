"""What `rank` returns for a reranker: scores and texts, and nothing to explain."""

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.analysis.reranked_documents import NOTHING_TO_EXPLAIN
from tests.each_case import check_each
from tests.encoders.remote.local_service import status

QUERY = "what do cats eat"
DOCUMENTS = ["It rains.", "Cats eat fish.", "Dogs eat."]


def test_rank_lists_scores_and_texts_best_first(reranker):
    found = ce.rank(QUERY, DOCUMENTS, reranker)
    assert isinstance(found, ce.RerankedDocuments)
    np.testing.assert_allclose(found.scores, [0, 0.5, 0.25])
    frame = found.to_frame()
    assert frame["text"].tolist() == ["Cats eat fish.", "Dogs eat.", "It rains."]
    assert frame["score"].tolist() == [0.5, 0.25, 0]
    assert frame["rank"].tolist() == [1, 2, 3]
    assert frame.attrs["provenance"]["model"] == reranker.name
    assert "best: document 1 with 0.5000" in repr(found)


def test_a_cell_shows_score_and_text_and_that_there_is_nothing_to_explain(reranker):
    shown = ce.rank(QUERY, [*DOCUMENTS, None], reranker)._repr_mimebundle_()
    for form in ("text/html", "text/plain"):
        text = shown[form]
        assert text.index("Cats eat fish.") < text.index("Dogs eat.") < text.index("It rains.")
        assert NOTHING_TO_EXPLAIN in text
        assert "Left out 1 of 4 documents" in text
        assert reranker.sends_texts_to in text


def test_there_are_no_explanations_and_explain_refuses_a_reranker(reranker):
    with pytest.raises(ValueError, match="nothing to explain"):
        _ = ce.rank(QUERY, DOCUMENTS, reranker).explanations
    with pytest.raises(ValueError, match="encoder must give token vectors, got a reranker"):
        ce.explain(QUERY, DOCUMENTS[0], reranker)


def test_what_cannot_be_read_is_left_out_and_not_sent(reranker, service):
    found = ce.rank(QUERY, {"a": "cats", "b": " ", "c": float("nan"), "d": "\ud800"}, reranker)
    assert found.names == ("a",)
    assert [one.name for one in found.unreadable] == ["b", "c", "d"]
    assert service.seen[0][2]["documents"] == ["cats"]
    with pytest.raises(ValueError, match=r"documents\['b'\]: document must contain text"):
        ce.rank(QUERY, {"a": "cats", "b": " "}, reranker, on_unreadable="raise")
    with pytest.raises(ValueError, match="documents must hold at least one text that can be read"):
        ce.rank(QUERY, [None], reranker)


def test_many_documents_go_in_several_calls_which_are_announced(make, service, caplog):
    reranker = make(ce.VllmReranker, batch_size=2)
    documents = [f"cats eat {i}" if i % 2 else f"dogs {i}" for i in range(5)]
    calls = []
    found = ce.rank("cats eat", documents, reranker, progress=lambda *of: calls.append(of))
    assert found.scores.tolist() == [0, 1, 0, 1, 0]
    assert [len(body["documents"]) for body in service.bodies("/rerank")] == [2, 2, 1]
    assert "5 documents are sent to" in caplog.text
    assert "in 3 calls" in caplog.text
    assert calls == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_equal_scores_share_a_rank_and_close_ones_do_not():
    found = ce.RerankedDocuments(
        "q",
        ("a", "b", "c", "d"),
        np.array([1e-7, 2e-7, 1e-7, 0]),
        ce.Provenance("m"),
        tuple("abcd"),
    )
    assert found.order.tolist() == [1, 0, 2, 3]
    assert found.ranks.tolist() == [2, 1, 2, 4]
    assert not found.scores.flags.writeable


def test_the_documented_fields_are_sent(make, service):
    ce.rank(QUERY, DOCUMENTS, make(ce.JinaReranker))
    ce.rank(QUERY, DOCUMENTS, make(ce.VllmReranker))
    fields = {"query": QUERY, "documents": DOCUMENTS, "top_n": 3}
    assert [(path, body) for path, _, body in service.seen] == [
        (
            "/v1/rerank",
            {"model": "jina-reranker-v2-base-multilingual", **fields, "return_documents": False},
        ),
        ("/rerank", {"model": "a-model", **fields}),
    ]


def test_every_wrong_shape_is_one_sentence(reranker, service):
    def row(index, score=0.5):
        return {"index": index, "relevance_score": score}

    def check(answer):
        service.faults.append(status(200, answer))
        with pytest.raises(ce.RemoteError) as caught:
            reranker.rerank("q", ["a", "b"])
        assert "must answer with" in str(caught.value)
        assert "\n" not in str(caught.value)

    check_each(
        [
            *([], {}, {"results": None}, {"results": []}, {"results": [row(0)]}),
            {"results": [row(0), row(0)]},
            {"results": [row(0), row(2)]},
            {"results": [row(0), row("1")]},
            {"results": [row(0), row(True)]},
            {"results": [row(0), row(1, "0.5")]},
            {"results": [row(0), row(1, None)]},
            {"results": [row(0), row(1, float("nan"))]},
            {"results": [row(0), [1, 0.5]]},
        ],
        check,
    )


def test_a_fault_stops_the_ranking(reranker, service):
    service.faults.append(status(402))
    with pytest.raises(ce.RemoteError, match="balance"):
        ce.rank(QUERY, DOCUMENTS, reranker)


def test_arguments_of_the_result_are_checked(unchecked):
    fits = {
        "query": "q",
        "documents": ("a",),
        "scores": [0.5],
        "provenance": ce.Provenance("m"),
        "names": ("a",),
    }

    def refused(case):
        arguments, words = case
        with pytest.raises(ValueError, match=words):
            ce.RerankedDocuments(**{**fits, **arguments})

    check_each(
        [
            ({"query": None}, "query must be"),
            ({"documents": ()}, "documents must hold"),
            ({"documents": "a"}, "documents must be a list"),
            ({"scores": [0.5, 1]}, "scores must be one finite number per document, 1"),
            ({"scores": [float("nan")]}, "scores must be one finite"),
            ({"scores": "a"}, "scores must be one finite"),
            ({"names": ()}, "names must hold one per document"),
            ({"positions": (1, 2)}, "positions must hold one per document"),
            ({"provenance": "m"}, "provenance must be"),
        ],
        refused,
    )
