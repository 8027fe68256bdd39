import tracemalloc

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.explanation import explain
from colbert_explain.ranking import rank
from colbert_explain.ranking.ranked import Ranking
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
    assert ranking.contrast(0, 1).sentence().startswith("cats.txt wins over dogs.txt by")
    assert rank("cats", ["dogs"], toy_encoder).names == ("document 0",)


def test_the_frame_is_in_order_and_pools_what_is_scored(toy_encoder):
    ranking = rank("cats eat , fish", DOCUMENTS, toy_encoder)
    frame = ranking.to_frame()
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
        ("cats", "documents must be a sequence or mapping of texts, got a single text"),
        (["cats", " "], r"documents\[1\]: document must contain text, got nothing"),
        ({"a": "cats", "b": " "}, r"documents\['b'\]: document must contain text"),
        (["cats", "?!"], r"documents\[1\]: document must hold a token that is scored"),
        (["zzz"], r"documents\[0\]: document must hold a word that toy can read"),
    ],
)
def test_what_cannot_be_ranked_is_named(toy_encoder, documents, sentence, unchecked):
    with pytest.raises(ValueError, match=sentence):
        rank("cats", documents, toy_encoder)


def test_a_query_without_a_scored_token_is_refused(toy_encoder):
    with pytest.raises(ValueError, match="query must hold a token that is scored"):
        rank("?", ["cats"], toy_encoder)


def test_positions_outside_are_refused(toy_encoder):
    ranking = rank("cats", ["cats", "dogs"], toy_encoder)
    for a, b, name, value in ((2, 0, "a", 2), (0, -1, "b", -1)):
        with pytest.raises(ValueError, match=f"{name} must be a position, 0 to 1, got {value}"):
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
