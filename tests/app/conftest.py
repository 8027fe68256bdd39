"""What the tests of the panels share: a panel, and explanations shown in it."""

import pytest

from colbert_explain.app.results_panel import ResultsPanel
from colbert_explain.explanation import explain
from colbert_explain.views import heatmap

LONG = " ".join(f"Word {n} of many." for n in range(60)) + " Cats eat fish. " + "Dogs bark. " * 9


@pytest.fixture
def panel():
    return ResultsPanel()


@pytest.fixture
def long_encoder(toy_encoder):
    return type(toy_encoder)(document_length=2000)


def show(panel, query, document, encoder):
    x = explain(query, document, encoder)
    panel.show(x, heatmap(x))
    return x
