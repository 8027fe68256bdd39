"""What the lessons on MaxSim by hand and on misleading heatmaps say is so."""

import math
from pathlib import Path

import numpy as np
import pytest

from colbert_explain.analysis import pooled_cosine, rank
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.app import RunButton
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import explain, explain_embeddings
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import load_samples
from colbert_explain.similarity import maxsim, similarity_matrix
from tests.notebook_shell import code_cells

MISLEADS = Path(__file__).parents[2] / "notebooks" / "07_when_it_misleads.ipynb"
QUESTION = "When does the museum close on Sunday?"
CLOSES = "The museum closes at five on Sunday."
LEAFLET = f"Dogs are welcome in the garden. {CLOSES} Soup and bread are served in the old stable."
INDOORS = "Bring the pot indoors before the nights turn cold."
BASIL = "How do I keep basil alive in winter?"


@pytest.fixture(scope="module")
def elephants(encoder):
    sample = load_samples("Paraphrased")[0]
    return explain(sample.query, sample.document, encoder)


@pytest.fixture(scope="module")
def herbs(keeping_encoder):
    article = load_samples("Long document")[0].document
    assert "basil" not in article.lower()
    texts = [INDOORS, *(article[:n] for n in (400, 4_000, len(article)))]
    return rank(BASIL, texts, keeping_encoder)


def matches(x):
    rows = zip(x.query, x.alignment, strict=True)
    return {token.text: x.document[int(j)].text for token, j in rows if token.scored}


def contributions(x):
    rows = zip(x.query, x.contributions, strict=True)
    return {token.text: float(value) for token, value in rows if token.scored}


def test_the_sum_by_hand_is_the_score(encoder):
    q = encoder.embed_query("Dogs chase cats.")
    d = encoder.embed_document("A cat was chased by our dog.")
    assert (q.vectors.shape, d.vectors.shape) == ((6, 768), (10, 768))
    table = (q.vectors @ d.vectors.T)[q.tokens.scored_mask][:, d.tokens.scored_mask]
    similarity = similarity_matrix(q.vectors, d.vectors)
    for i, j in np.ndindex(similarity.shape):  # one product after the other, as by hand
        pairs = zip(q.vectors[i].tolist(), d.vectors[j].tolist(), strict=True)
        by_hand = math.fsum(a * b for a, b in pairs)
        assert similarity[i, j] == pytest.approx(by_hand, abs=2e-6), (i, j)
    masks = {"query_mask": q.tokens.scored_mask, "document_mask": d.tokens.scored_mask}
    result = maxsim(similarity, **masks)
    assert float(table.max(axis=1).sum()) == pytest.approx(result.score, abs=1e-5)
    assert result.score == pytest.approx(2.42, abs=0.005)
    found = matches(explain_embeddings(q, d))
    assert (found["Dogs"], found["cats"]) == ("dog", "cat")
    assert pooled_cosine(q, d) == pytest.approx(0.70, abs=0.005)


def test_what_the_lesson_says_of_the_steps_is_so(elephants):
    frame = elephants.to_frame().set_index("token")
    assert tuple(frame.loc["eat", ["match", "runner_up"]]) == ("consume", "food")
    assert tuple(frame.loc["eat", ["contribution", "runner_up_similarity"]]) == pytest.approx(
        (0.728, 0.664), abs=0.0005
    )
    assert tuple(frame.loc["per", ["match", "runner_up"]]) == ("of", "Every")
    assert tuple(frame.loc["per", ["contribution", "runner_up_similarity"]]) == pytest.approx(
        (0.632, 0.600), abs=0.0005
    )
    assert int(elephants.document.scored_mask.sum()) == 12
    assert elephants.query[2].text == "eat"
    allowed = elephants.document.scored_mask.copy()
    allowed[elephants.alignment[2]] = False
    covered = maxsim(
        elephants.similarity, query_mask=elephants.query.scored_mask, document_mask=allowed
    )
    assert f"{elephants.score - covered.score:.2f}" == "0.06"
    assert f"{elephants.contributions[2]:.2f}" == "0.73"


def test_the_leaflet_wins_by_maxsim_and_the_short_text_by_the_means(encoder):
    museum = rank(QUESTION, [LEAFLET, "The museum opens every Sunday.", CLOSES], encoder)
    frame = museum.to_frame(pooled_cosine=True).set_index("position")
    leaflet, opening, alone = frame["score"][0], frame["score"][1], frame["score"][2]
    assert (leaflet, alone) == pytest.approx((5.23, 5.64), abs=0.005)
    assert leaflet - opening == pytest.approx(0.38, abs=0.005)
    assert alone - leaflet == pytest.approx(0.4, abs=0.03)
    pooled = frame["pooled_cosine"]
    assert pooled[1] - pooled[0] == pytest.approx(0.15, abs=0.005)
    x = museum.explanations[0]
    assert matches(x)["close"] == "closes"
    start = LEAFLET.index(CLOSES)
    places = [x.document[int(j)].start for j in x.alignment if j >= 0]
    assert all(start <= place < start + len(CLOSES) for place in places)


def test_one_word_has_two_vectors_in_two_contexts(encoder):
    found = []
    for text in ("He took his savings to the bank.", "We rested on the bank of the river."):
        x = explain("She opened an account at the bank.", text, encoder)
        row, column = ([t.text for t in side].index("bank") for side in (x.query, x.document))
        assert int(x.alignment[row]) == column
        found.append(float(x.similarity[row, column]))
    assert found == pytest.approx([0.94, 0.78], abs=0.005)


def test_small_words_park_the_car_above_the_eggs(encoder):
    texts = ["What is the best way to park a car?", "Boil eggs for six minutes."]
    egg = rank("What is the best way to cook an egg?", texts, encoder)
    assert egg.order.tolist() == [0, 1]
    car = contributions(egg.explanations[0])
    assert len(car) == 9
    assert egg.scores[0] == pytest.approx(5.55, abs=0.005)
    assert car["cook"] + car["egg"] == pytest.approx(0.42, abs=0.005)
    for word in ("best", "way", "What"):
        assert f"“{word}” → “{word}”" in egg.contrast(0, 1).sentence()


def test_a_longer_text_has_higher_maxima_and_beats_the_answer(herbs):
    assert herbs.scores.tolist() == pytest.approx([3.12, 2.29, 3.11, 4.16], abs=0.005)
    pooled = herbs.to_frame(pooled_cosine=True).set_index("position")["pooled_cosine"]
    assert (pooled[0], pooled[3]) == pytest.approx((0.49, 0.26), abs=0.005)
    assert all(
        contributions(herbs.explanations[3])[word] > value - 0.02
        for word, value in contributions(herbs.explanations[1]).items()
    )


def test_what_the_lesson_says_of_chance_is_so(herbs, calibration):
    def percentiles(x):
        found = calibration.of(x).tolist()
        return {t.text: value for t, value in zip(x.query, found, strict=True) if value == value}

    answer, article = herbs.explanations[0], herbs.explanations[3]
    assert min(percentiles(answer).values()) > 75
    assert percentiles(answer)["winter"] > 99
    assert matches(answer)["winter"] == "cold"
    assert percentiles(article)["basil"] < 50
    assert matches(article)["basil"] == "herbs"
    assert contributions(article)["basil"] == pytest.approx(0.44, abs=0.005)
    assert 7_500 < len(article.document) < 8_192


def test_what_is_unknown_cannot_disagree(encoder):
    pictures = explain("We eat 🍕.", "We eat 🍣.", encoder)
    assert (pictures.query.n_unknown, pictures.document.n_unknown) == (1, 1)
    assert pictures.score == pytest.approx(2, abs=1e-4)
    words = explain("We eat pizza.", "We eat sushi.", encoder)
    assert words.mean_contribution == pytest.approx(0.77, abs=0.005)


def test_a_word_without_a_frame_takes_part_all_the_same(encoder):
    film = explain("The film was good.", "The film was not good.", encoder)
    assert "not" not in matches(film).values()
    without = occlude(film, "not ", reencode=encoder)
    assert without.masked_difference == 0
    assert film.score == pytest.approx(3.67, abs=0.005)
    assert without.reencoded.score == pytest.approx(4, abs=1e-4)
    lost = 1 - film.contributions[film.query.scored_mask]
    assert (lost > 0.01).all()
    assert int(lost.argmax()) == 3  # good
    others = ("I enjoyed the movie.", "The film was bad.")
    scores = [explain(film.query.text, text, encoder).score for text in others]
    assert scores == pytest.approx([2.76, 3.38], abs=0.005)


def test_the_other_words_knew_of_the_elephant(elephants, encoder):
    gone = occlude(elephants, "elephant ", reencode=encoder)
    assert gone.reencoded.document.text == "Every day, the average consumes roughly 150 kg of food."
    assert int((gone.changes < 0).sum()) == 1
    again = gone.reencoded.contributions - elephants.contributions
    assert (again[elephants.query.scored_mask] < -0.005).all()
    assert gone.masked_difference == pytest.approx(-0.35, abs=0.005)
    assert gone.reencoded_difference == pytest.approx(-0.98, abs=0.005)
    for x, value in ((gone.masked, 0.53), (gone.reencoded, 0.26)):
        assert matches(x)["Elephants"] == "the"
        assert contributions(x)["Elephants"] == pytest.approx(value, abs=0.005)


def test_two_layers_point_to_different_words(elephants):
    first, last = (
        explain(elephants.query.text, elephants.document.text, load_encoder(layers=(n,)))
        for n in (0, 6)
    )
    assert (matches(first)["eat"], matches(last)["eat"]) == ("food", "consume")
    assert (matches(first)["per"], matches(last)["per"]) == ("Every", "of")
    assert contributions(first)["per"] == pytest.approx(0.29, abs=0.005)
    assert contributions(last)["per"] == pytest.approx(0.76, abs=0.005)


def test_the_lesson_offers_a_cached_checkpoint_where_there_is_one():
    (source,) = (cell for cell in code_cells(MISLEADS) if "cached_checkpoints" in cell)
    without = {"ce": _Cached(()), "Markdown": str}
    exec(source, without)
    assert without["other"].startswith("Only the bundled model is enabled here.")
    with_one = {"ce": _Cached(("a/b",)), "Markdown": str}
    exec(source, with_one)
    assert with_one["other"]._form.options == ["a/b"]


class _Cached:
    def __init__(self, names):
        self.OperatorSettings, self.RunButton = OperatorSettings, RunButton
        self.cached_checkpoints = lambda allowed: names
