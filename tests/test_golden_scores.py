"""Scores of published checkpoints, from the hub; off by default: pytest -m network."""

import pytest

import colbert_explain as ce

pytestmark = pytest.mark.network

PLANETS = (
    "Venus is often called Earth's twin because of its similar size and proximity.",
    "Mars, known for its reddish appearance, is often referred to as the Red Planet.",
    "Jupiter, the largest planet in our solar system, has a prominent red spot.",
    "Saturn, famous for its rings, is sometimes mistaken for the Red Planet.",
)
#: Measured with PyLate and pinned in sentence-transformers' own tests (test_pretrained.py).
GOLDEN = {
    "colbert-ir/colbertv2.0": (12.79703, 27.19449, 23.8495, 24.56564),
    "answerdotai/answerai-colbert-small-v1": (30.56916, 31.48954, 31.30291, 31.30716),
    "lightonai/GTE-ModernColBERT-v1": (11.25772, 11.51133, 11.34575, 11.4518),
    "lightonai/LateOn": (10.79417, 11.11042, 10.97427, 11.08107),
    "mixedbread-ai/mxbai-edge-colbert-v0-17m": (11.56932, 11.75844, 11.70989, 11.72288),
}
ELEPHANTS = "Elephants eat 150 kg of food per day."
#: As printed on the pictures of Jina AI's demonstration notebook.
JINA = {
    ELEPHANTS: 11.156,
    "Every day, the average elephant consumes roughly 150 kg of food.": 9.633,
    "Cats eat 50 g of food per day.": 8.367,
    "Employees eat at the company canteen.": 3.734,
    "The rain in Spain falls mainly on the plain.": 1.568,
}


@pytest.mark.parametrize("model", GOLDEN)
def test_published_checkpoints_give_their_published_scores(model):
    encoder = ce.load_encoder(model)
    query = "Which planet is known as the Red Planet?"
    scores = [ce.explain(query, document, encoder).score for document in PLANETS]
    assert scores == pytest.approx(GOLDEN[model], abs=1e-3, rel=1e-3)


def test_jina_colbert_v1_gives_the_scores_of_the_demonstration():
    encoder = ce.load_encoder("jinaai/jina-colbert-v1-en", query_expansion=False)
    scores = [ce.explain(ELEPHANTS, document, encoder).score for document in JINA]
    assert scores == pytest.approx(list(JINA.values()), abs=0.1)
