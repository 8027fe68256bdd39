import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import colbert_explain as ce
from colbert_explain.analysis import rank
from colbert_explain.analysis.ranking import Ranking
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.explanation import explain
from colbert_explain.tokens import TokenSequence

DOCUMENTS = ["It rains in Spain.", "cats eat fish", "dogs eat , fish", "cats like to eat"]


def test_scores_and_explanations_are_those_of_explain(toy_encoder):
    ranking = rank("what do cats eat", DOCUMENTS, toy_encoder)
    for i, document in enumerate(DOCUMENTS):
        x = explain("what do cats eat", document, toy_encoder)
        assert ranking.scores[i] == pytest.approx(x.score, abs=1e-5)
        assert ranking.explanations[i].score == x.score
        np.testing.assert_array_equal(ranking.explanations[i].similarity, x.similarity)
    assert [len(x.document) for x in ranking.explanations[1:3]] == [5, 6]


def test_best_comes_first_and_ties_keep_the_given_order(toy_encoder):
    documents = ["dogs", "cats eat", "birds", "cats eat", "cats eat fish", "cats eat"]
    ranking = rank("cats eat", documents, toy_encoder)
    assert ranking.order.tolist()[:4] == [1, 3, 4, 5]
    assert (np.diff(ranking.scores[ranking.order]) <= 1e-5).all()
    assert sorted(ranking.order.tolist()) == list(range(6))


def test_scores_that_differ_by_rounding_are_ties():
    words = TokenSequence.from_strings(["x"])

    def turned(angle):
        vector = np.array([[np.cos(angle), np.sin(angle)]], dtype=np.float32)
        return TokenEmbeddings(words, vector)

    # Cosines .99875, then the same but 2e-7 higher, then clearly higher.
    angles = [0.05, 0.05 - 4e-6, 0.04]
    ranking = Ranking(turned(0.0), tuple(turned(a) for a in angles), ("a", "b", "c"))
    assert ranking.order.tolist() == [2, 0, 1]


def test_texts_in_a_mapping_keep_their_names(toy_encoder):
    ranking = rank("cats", {"dogs.txt": "dogs bark", "cats.txt": "cats sleep"}, toy_encoder)
    assert ranking.names == ("dogs.txt", "cats.txt")
    assert repr(ranking).endswith("best: cats.txt with 1.0000)")
    assert ranking.contrast(0, 1).sentence().startswith("cats.txt outscores dogs.txt by")
    assert rank("cats", ["dogs"], toy_encoder).names == ("document 0",)


def test_the_frame_is_in_order_and_pools_what_is_scored(toy_encoder):
    ranking = rank("cats eat , fish", DOCUMENTS, toy_encoder)
    frame = ranking.to_frame(pooled_cosine=True)
    assert "pooled_cosine" not in ranking.to_frame()
    assert frame["rank"].tolist() == [1, 2, 2, 4]  # two are equal
    assert frame["position"].tolist() == ranking.order.tolist()
    assert (frame["score"].to_numpy() == ranking.scores[ranking.order]).all()
    assert frame["mean_contribution"].to_numpy() == pytest.approx(frame["score"].to_numpy() / 3)
    query, document = (
        sum(toy_encoder._vector(word) for word in words)
        for words in (["cats", "eat", "fish"], ["dogs", "eat", "fish"])  # the comma left out
    )
    expected = query @ document / np.linalg.norm(query) / np.linalg.norm(document)
    pooled = frame.set_index("position")["pooled_cosine"]
    assert pooled[2] == pytest.approx(float(expected), abs=1e-5)
    assert pooled[1] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([], "documents must hold at least one text, got none"),
        ("cats", "documents must be an iterable or mapping of texts, got a single text"),
        ({"cats", "dogs"}, "documents must be .* in a definite order, got a set, which has none"),
        (7, "documents must be an iterable or mapping of texts, got int"),
        (
            np.array("cats"),
            "documents must be an iterable or mapping of texts, got a zero-dimensional array",
        ),
        (pd.DataFrame({"text": ["cats"]}), "got a table: choose one of its columns"),
        (["?!", None], r"one text that can be read\. Left out 2 of 2 documents: document 0"),
    ],
)
def test_what_is_no_set_of_documents_is_refused(toy_encoder, documents, sentence, unchecked):
    with pytest.raises(ValueError, match=sentence):
        rank("cats", documents, toy_encoder)


UNREADABLE = {
    "": "document must contain text, got nothing",
    " \n": "document must contain text, got nothing",
    "-": "document must hold a token that is scored",
    "?!": "document must hold a token that is scored",
    "zzz": "document must hold a word that toy can read",
    None: "document must be a string, got None",
    float("nan"): "document must be a string, got NaN",
    pd.NA: "document must be a string, got NAType",
    3.5: "document must be a string, got float",
    b"cats": "document must be a string, got bytes",
    ("cats",): "document must be a string, got tuple",
}


def test_what_to_do_with_them_is_one_of_two_things(toy_encoder, unchecked):
    with pytest.raises(ValueError, match=r"on_unreadable must be 'skip' or 'raise', got 'stop'"):
        rank("cats", ["cats"], toy_encoder, on_unreadable="stop")


def test_what_cannot_be_read_is_left_out_and_listed(toy_encoder):
    documents = ["birds", *UNREADABLE, "cats"]
    for given in (documents, iter(documents), pd.Series(documents, dtype=object)):
        ranking = rank("cats", given, toy_encoder)
        assert ranking.names == ("document 0", "document 12")
        assert ranking.order.tolist() == [1, 0]
        assert ranking.positions == (0, 12)
        assert ranking.to_frame()["position"].tolist() == [12, 0]
        assert ranking.explanations[1].document.text == "cats"
        assert ranking.contrast(1, 0).names == ("document 12", "document 0")
        assert len(ranking.unreadable) == len(UNREADABLE)
        for position, (one, reason) in enumerate(
            zip(ranking.unreadable, UNREADABLE.values(), strict=True), start=1
        ):
            assert (one.position, one.name) == (position, f"document {position}")
            assert one.reason.startswith(reason), one
        assert "2 documents for 'cats', 11 left out, best: document 12" in repr(ranking)
        assert ranking.left_out().startswith("Left out 11 of 13 documents: document 1 (document")
        assert ranking.left_out().endswith("; and 6 more.")
    whole = rank("cats", ["cats"], toy_encoder)
    assert (whole.unreadable, whole.left_out(), whole.positions) == ((), "", (0,))


def test_the_caller_can_ask_for_an_error_instead(toy_encoder):
    for text, reason in UNREADABLE.items():
        for documents, name in ((["cats", text], "1"), ({"a": "cats", "b": text}, "'b'")):
            with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared
                rank("cats", documents, toy_encoder, on_unreadable="raise")
            assert str(refused.value).startswith(f"documents[{name}]: {reason}"), text


def test_an_error_of_the_callers_own_progress_is_not_taken_for_one_of_a_document(toy_encoder):
    def fail(done, total):
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        rank("cats", ["cats", "dogs"], toy_encoder, progress=fail)


def test_rows_of_a_spreadsheet_are_ranked_but_for_those_that_hold_no_words(encoder):
    rows = {"2": "Elephants eat grass.", "3": "-", "4": "Cats eat fish.", "5": "🐘", "6": "n/a"}
    ranking = rank("What do cats eat?", rows, encoder)
    assert ranking.names == ("2", "4", "6")
    assert [one.name for one in ranking.unreadable] == ["3", "5"]
    assert ranking.names[ranking.order[0]] == "4"


def test_a_query_without_a_scored_token_is_refused(toy_encoder):
    with pytest.raises(ValueError, match="query must hold a token that is scored"):
        rank("?", ["cats"], toy_encoder)


def test_positions_outside_are_refused(toy_encoder):
    ranking = rank("cats", ["cats", "dogs"], toy_encoder)
    for a, b, name, value in ((2, 0, "a", 2), (0, -1, "b", -1)):
        with pytest.raises(
            ValueError, match=f"^{name} must be a name or a position, .* got {value}"
        ):
            ranking.contrast(a, b)


def test_progress_counts_documents_and_can_stop_the_work(toy_encoder):
    seen = []
    long = "word " * 25  # three windows
    rank("cats", [long, "cats"], toy_encoder, progress=lambda *p: seen.append(p))
    assert seen == [(0, 2)] * 3 + [(1, 2), (2, 2)]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rank("cats", ["cats"], toy_encoder, progress=stop)


def test_matrices_are_not_kept(toy_encoder):
    toy_encoder.document_length = 10_000
    ranking = rank("a " * 150, ["b " * 9_000], toy_encoder)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(3):
        ranking.explanations[0]
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept < 1_000_000  # one matrix has 5 MB


def test_the_bundled_encoder_is_the_default():
    ranking = ce.rank("What do cats eat?", DOCUMENTS)
    assert ranking.order[-1] == 0
    assert ranking.explanations[0].provenance.model == "all-MiniLM-L6-v2"


def test_documents_are_compared_by_their_names(toy_encoder):
    given = {"rain": "rain", "blank": "", "cats": "cats", "dogs": "dogs"}
    ranking = rank("cats", given, toy_encoder)
    assert [ranking.contrast("cats", "dogs").names, ranking.contrast("cats", 0).names] == [
        ("cats", "dogs"),
        ("cats", "rain"),
    ]
    assert ranking.contrast("cats", "dogs").first.document.text == "cats"
    with pytest.raises(ValueError, match="got 'blank', which no document has"):
        ranking.contrast("blank", "cats")
    twice = replace(ranking, names=("cats", "cats", "dogs"))
    with pytest.raises(ValueError, match="got 'cats', which 2 have: give a position"):
        twice.contrast("cats", 0)
