"""Pairs of texts for the tests of the page's data, and how its figure is read."""

import base64
from functools import lru_cache

import numpy as np

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import TokenSequence
from tests.example_explanations import EXAMPLES, example

ELEPHANTS = "Elephants eat 150 kg of food per day."
PARAPHRASE = "Every day, the average elephant consumes roughly 150 kg of food."
CATS = "Cats eat 50 g of food per day."


@lru_cache
def given(kind):
    return example(**EXAMPLES[kind])


def drawn(result):
    """The similarities of the figure, as the browser reads them."""
    z = next(t for t in result.data["figure"]["data"] if t["name"] == "similarity")["z"]
    shape = [int(n) for n in z["shape"].split(",")]
    return np.frombuffer(base64.b64decode(z["bdata"]), dtype="<f4").reshape(shape)


def pair_of(similarity):
    """An explanation with the similarities given; every token is a word of its own."""
    query, document = (
        TokenSequence.from_strings([f"{side}{k}" for k in range(n)])
        for side, n in zip("qd", similarity.shape, strict=True)
    )
    return Explanation(query, document, similarity, Provenance("test"))


def traces(result):
    return {trace["name"]: trace for trace in result.data["figure"]["data"]}
